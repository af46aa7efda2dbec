"""Proof Key for Code Exchange (RFC 7636): S256 and nothing else, demanded when the code is asked for (traps B 2, C 4)."""

from __future__ import annotations

import hmac
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge


def matches(verifier: str, challenge: str) -> bool:
    """RFC 7636 §4.6, in constant time."""
    return hmac.compare_digest(create_s256_code_challenge(verifier).encode(), challenge.encode())


class S256(CodeChallenge):
    """Authlib's extension without `plain`, for every client that did not opt out."""

    # RFC 7636 §4.3: "plain" is the default of a request that names no method; here such a request is refused.
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 - Authlib's own shape
    CODE_CHALLENGE_METHODS = {"S256": matches}  # noqa: RUF012

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """At the authorization endpoint (RFC 7636 §4.4.1, attacks OAU-03, OAU-04)."""
        sent = grant.request.payload.data
        if sent.get("code_challenge") and sent.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Send code_challenge_method=S256: plain, which is the default, is not accepted.")
        if not sent.get("code_challenge") and grant.request.client.needs_pkce:
            raise InvalidRequestError("Send code_challenge and code_challenge_method=S256 (PKCE, RFC 7636).")
        super().validate_code_challenge(grant, redirect_uri)
