"""Token introspection (RFC 7662): for the client that a token was issued to, and for the service that it is meant for."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from vodka.oauth.client_auth import METHODS
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.endpoints.shown import ByToken, Shown
from vodka.oauth.request import Request
from vodka.oauth.resources import is_meant_by
from vodka.oauth.tokens.access import AccessToken

# RFC 7662 §2.1: the endpoint MUST require authorization, so that nobody tries tokens out; who proves nothing may not ask.
AUTH_METHODS = tuple(method for method in METHODS if method != "none")
_TOLD = ("scope", "client_id", "exp", "iat", "sub", "aud", "iss", "jti", "cnf", "act", "auth_time", "acr", "amr")


class Introspection(ByToken, IntrospectionEndpoint):
    """Authlib's endpoint; by itself it takes Basic only, and refuses a hint that it does not know."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def check_permission(self, token: Shown, client: RegisteredClient, request: Request) -> bool:  # noqa: ARG002
        """Authlib's hook. To everybody else the token is like one that never was (attacks OAU-22)."""
        if token.client_id == client.client_id:
            return True
        return token.access is not None and is_meant_by(token.access.audience, client, self.server.provider)

    def introspect_token(self, token: Shown) -> dict[str, Any]:
        """Authlib's hook: RFC 7662 §2.2."""
        if token.access is not None:
            return _of_access_token(token.access)
        grant, row = token.grant, token.row
        return {
            "client_id": grant.client_id,
            "iss": self.server.provider.issuer,
            "sub": grant.sub,
            "iat": int(row.created_at.timestamp()),
            "exp": int(min(row.expires_at, grant.expires_at).timestamp()),
        } | ({"scope": grant.scope} if grant.scope else {})


def _of_access_token(token: AccessToken) -> dict[str, Any]:
    # RFC 9449 §6.2: the type, and with cnf the key, so that a service can ask for the proof.
    kind = "DPoP" if token.dpop_key else "Bearer"
    return {name: token.claims[name] for name in _TOLD if name in token.claims} | {"token_type": kind}
