"""A token that a client shows to ask about it or to give it back: an access or a refresh token that lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from vodka import clock, onetime
from vodka.oauth import store
from vodka.oauth.provider import Provider
from vodka.oauth.request import Request
from vodka.oauth.tokens import access
from vodka.oauth.tokens.access import AccessToken


@dataclass(frozen=True)
class Shown:
    """A token of a living grant: `access` is what it says, None of a refresh token, which is `row` then."""

    grant: Any
    access: AccessToken | None = None
    row: Any = None

    @property
    def client_id(self) -> str:
        """The client that it was issued to."""
        return self.access.client_id if self.access is not None else str(self.grant.client_id)

    def is_expired(self) -> bool:
        """Authlib asks: what is over was not found at all."""
        return False

    def is_revoked(self) -> bool:
        """Authlib asks: nor was what is revoked."""
        return False


class ByToken:
    """A mixin in front of Authlib's endpoints."""

    server: Any

    def check_params(self, request: Request, client: Any) -> None:  # noqa: ARG002
        """Authlib's hook. RFC 7009 §2.2.1, RFC 7662 §2.1: a hint may be wrong or unknown, and is not needed here at all."""
        if "token" not in request.form:
            raise InvalidRequestError("Send the token in the form field token.")

    def query_token(self, token: str, _hint: str | None) -> Shown | None:
        """Authlib's hook: the token, if it lives; the two kinds look so different that no hint is needed."""
        provider: Provider = self.server.provider
        found = access.read(provider, token)
        return Shown(found.grant, access=found) if found is not None else _refresh_token(token)


def _refresh_token(token: str) -> Shown | None:
    row = store.find_refresh_token(onetime.digest(token))
    # One that was used is good for a few seconds more (RFC 9700 §4.14.2), but nobody should count on it.
    if row is None or row.used_at is not None or clock.is_over(row.expires_at):
        return None
    grant = store.find_living_grant(row.grant_id, clock.now())
    return Shown(grant, row=row) if grant is not None else None
