"""The client credentials grant (RFC 6749 §4.4): a confidential client, by itself."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import UnauthorizedClientError, grants

from vodka.oauth import granting, scopes
from vodka.oauth.grants.issuing import Issuing
from vodka.oauth.resources import check_all


class ClientCredentials(Issuing, grants.ClientCredentialsGrant):
    """Authlib's grant; its tokens hang on a grant without a person."""

    def validate_token_request(self) -> None:
        """RFC 6749 §4.4: MUST only be used by confidential clients."""
        super().validate_token_request()
        if self.request.client.is_public:
            raise UnauthorizedClientError("A client without a secret cannot ask for itself.")
        check_all(self.request.list("resource"), self.provider)

    def generate_token(
        self, scope: str | None = None, *, include_refresh_token: bool = False, **_others: Any
    ) -> dict[str, Any]:
        """Authlib's hook. Scopes that speak of a person mean nothing here, and are left out."""
        request = self.request
        # RFC 6749 §3.3: Authlib hands on whatever was asked for; only what was registered is granted (attacks OAU-19).
        own = request.client.get_allowed_scope(scopes.without_person(scope or ""))
        request.granted = granting.by_client(self.provider, request.client, own, request.list("resource"))
        return super().generate_token(own, include_refresh_token=include_refresh_token)
