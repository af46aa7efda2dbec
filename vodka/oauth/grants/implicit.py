"""The implicit grant (RFC 6749 §4.2, OIDC Core §3.2): `token`, `id_token` and both."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidClientError, grants
from authlib.oidc.core import OpenIDImplicitGrant

from vodka.oauth.clients import RegisteredClient
from vodka.oauth.grants.front_channel import FrontChannel


class _Unproven(FrontChannel):
    """Nobody proves anything here: the answer goes to a registered address."""

    def authenticate_token_endpoint_client(self) -> RegisteredClient:
        """Authlib's hook, which takes every client of this grant for a public one: who is named in the request."""
        client: RegisteredClient | None = self.server.query_client(self.request.get("client_id") or "")
        if client is None:
            raise InvalidClientError("No client has this client_id.")
        return client


class Token(_Unproven, grants.ImplicitGrant):
    """An access token and nothing about who signed in."""


class IdToken(_Unproven, OpenIDImplicitGrant):
    """An ID Token, alone or beside an access token. Authlib demands `openid` and a nonce (OIDC Core §3.2.2.1)."""
