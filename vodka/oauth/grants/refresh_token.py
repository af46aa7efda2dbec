"""The refresh token grant (RFC 6749 §6), with rotation at every use (RFC 9700 §4.14.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, grants

from vodka import clock, onetime
from vodka.oauth import store
from vodka.oauth.grants.issuing import Issuing
from vodka.oauth.tokens import issuing, refreshing


@dataclass(frozen=True)
class Shown:
    """A refresh token as Authlib asks about it."""

    value: str
    grant: Any

    def check_client(self, client: Any) -> bool:
        """Whether it is this client's (attacks REF-05)."""
        return bool(self.grant.client == client.row)

    def get_scope(self) -> str:
        """What was granted; a use may narrow it, for that one access token (attacks OAU-19)."""
        return str(self.grant.scope)


class RefreshToken(Issuing, grants.RefreshTokenGrant):
    """Authlib's grant over our families."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Shown | None:
        """A token of a living grant, in whatever state; it is used up once the client and the scope were found right."""
        row = store.find_refresh_token(onetime.digest(refresh_token))
        grant = store.find_living_grant(row.grant_id, clock.now()) if row is not None else None
        if grant is None:
            raise InvalidGrantError("This refresh token is unknown, over, or what it was given for has ended.")
        return Shown(refresh_token, grant)

    def authenticate_user(self, refresh_token: Shown) -> Any:
        """Use it up before anything is made from it (traps B 10)."""
        grant, request = refresh_token.grant, self.request
        # RFC 9449 §5: the refresh token of a public client is bound to its key; another client proves itself, and may change it.
        if request.client.is_public and grant.dpop_key is not None and grant.dpop_key != request.dpop_key:
            raise InvalidGrantError("This refresh token belongs to another DPoP key.")
        issuing.narrowed(grant.resources, request.list("resource"))  # a request that is refused for it uses nothing up
        if not refreshing.use(refresh_token.value, grant, self.provider.limits):
            raise InvalidGrantError("This refresh token was used before: everything that came of it has ended.")
        request.granted = grant
        return grant

    def revoke_old_credential(self, refresh_token: Shown) -> None:
        """Authlib's hook: it is used up already."""
