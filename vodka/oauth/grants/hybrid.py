"""The hybrid flow (OIDC Core §3.3): a code, and with it at once an ID Token, an access token, or both."""

from __future__ import annotations

from authlib.oauth2.rfc6749.grants.authorization_code import validate_code_authorization_request
from authlib.oidc.core import OpenIDHybridGrant

from vodka.oauth.grants.front_channel import FrontChannel


class Hybrid(FrontChannel, OpenIDHybridGrant):
    """Authlib's grant. Its code is exchanged like any other, with PKCE as for any other."""

    def validate_authorization_request(self) -> str:
        """Authlib's hook, which always demands a nonce: it is needed with an ID Token in the answer (OIDC Core §3.3.2.11)."""
        check = super().validate_authorization_request if "id_token" in self.parts else self._check_code
        return str(check())

    def _check_code(self) -> str:
        return str(validate_code_authorization_request(self))
