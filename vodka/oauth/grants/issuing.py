"""What all grants have in common: tokens come from one place, and answers at the authorization endpoint are plain pairs."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import AccessDeniedError

from vodka.oauth.client_auth import METHODS
from vodka.oauth.provider import Provider
from vodka.oauth.request import Request
from vodka.oauth.tokens import issuing


class Issuing:
    """A mixin in front of Authlib's grants."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    TOKEN_RESPONSE_HEADER = ()  # `web` says no-store to everything
    GRANT_TYPE: str
    request: Request
    server: Any

    @property
    def provider(self) -> Provider:
        """The deployment behind this server."""
        found: Provider = self.server.provider
        return found

    def generate_token(
        self, scope: str | None = None, *, include_refresh_token: bool = True, **_others: Any
    ) -> dict[str, Any]:
        """Authlib's hook: the token response for the grant that was found or made."""
        return issuing.response(
            self.provider,
            self.request.granted,
            scope=scope or "",
            asked_resources=self.request.list("resource"),
            dpop_key=self.request.dpop_key,
            with_refresh_token=include_refresh_token,
        )

    def save_token(self, token: dict[str, Any]) -> None:
        """Authlib's hook: all that is kept was written when the token was made."""


class Answering(Issuing):
    """For the authorization endpoint: the answer as pairs, which `authorize.response` alone turns into a redirect."""

    def create_authorization_response(self, redirect_uri: str, grant_user: Any) -> tuple[int, Any, list[Any]]:
        """Authlib's hook; raises AccessDeniedError without a person who agreed (RFC 6749 §4.1.2.1)."""
        if grant_user is None:
            raise AccessDeniedError("The person did not agree.", redirect_uri=redirect_uri)
        self.request.user = grant_user
        return 303, self.create_granted_params(grant_user), []

    def create_granted_params(self, grant_user: Any) -> list[tuple[str, str]]:
        """What the client gets, without `state` and `iss`."""
        raise NotImplementedError
