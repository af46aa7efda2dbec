"""Token revocation (RFC 7009): giving back either kind of token ends the grant, and with it everything that came of it."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oauth2.rfc7009 import RevocationEndpoint

from vodka import clock
from vodka.audit import store as audit
from vodka.oauth import store
from vodka.oauth.client_auth import METHODS
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.endpoints.shown import ByToken, Shown
from vodka.oauth.request import Request


class UnsupportedTokenTypeError(OAuth2Error):
    """RFC 7009 §2.2.1: this kind of token is not revoked here. Authlib's own answers 401."""

    error = "unsupported_token_type"


class Revocation(ByToken, RevocationEndpoint):
    """Authlib's endpoint, open to public clients too: what is theirs they may end."""

    CLIENT_AUTH_METHODS = METHODS

    def authenticate_token(self, request: Request, client: RegisteredClient) -> Shown | None:
        """Authlib's hook. An unknown token, and that of another client: 200, and nothing happens (attacks OAU-23)."""
        self.check_params(request, client)
        token = self.query_token(request.form["token"], request.get("token_type_hint"))
        return token if token is not None and token.client_id == client.client_id else None

    def revoke_token(self, token: Shown, request: Request) -> None:  # noqa: ARG002
        """Authlib's hook. RFC 7009 §2.1: with a refresh token its access tokens end, and it MAY be the other way round too."""
        grant = token.grant
        # A service that was handed a token must not end what a person granted to another.
        if grant.client_id != token.client_id:
            raise UnsupportedTokenTypeError(
                "An exchanged token is over with the token that it was made from, and within minutes."
            )
        store.end_grants("id", grant.id, clock.now())
        audit.add("client.revoked", user_id=grant.user_id, subject=grant.domain or grant.client_id)
