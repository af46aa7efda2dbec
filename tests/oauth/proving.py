"""A key that a client keeps, and the proofs that it makes with it (RFC 9449)."""

from __future__ import annotations

import time
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.vodka_under_test import ORIGIN


@dataclass
class Prover:
    """One key; `algorithm` is what it signs with."""

    key: ECKey | OKPKey | RSAKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    algorithm: str = "ES256"

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        return self.key.thumbprint()

    def claims(self, path: str = "/oauth/token", method: str = "POST", token: str | None = None) -> dict[str, Any]:
        """What a good proof says now."""
        said = {"jti": uuid.uuid4().hex, "htm": method, "htu": f"{ORIGIN}{path}", "iat": int(time.time())}
        return said | ({"ath": hash_of(token)} if token is not None else {})

    def header(self) -> dict[str, Any]:
        """The header of a good proof."""
        return {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.key.as_dict(private=False)}

    def signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """A proof with this header and these claims, None of them left out."""
        said = {name: value for name, value in claims.items() if value is not None}
        kept = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(kept, said, self.key, algorithms=[self.algorithm])

    def proof(self, path: str = "/oauth/token", method: str = "POST", token: str | None = None, **changed: Any) -> str:
        """A good proof for a request, or one with other claims."""
        return self.signed(self.header(), self.claims(path, method, token) | changed)

    def at_token(self, **changed: Any) -> dict[str, str]:
        """The header for the token endpoint."""
        return {"DPoP": self.proof(**changed)}

    def at_userinfo(self, token: str, method: str = "GET", **changed: Any) -> dict[str, str]:
        """The headers for UserInfo."""
        proof = self.proof("/oauth/userinfo", method, token, **changed)
        return {"Authorization": f"DPoP {token}", "DPoP": proof}


def hash_of(token: str) -> str:
    """RFC 9449 §4.2."""
    return urlsafe_b64encode(sha256(token.encode()).digest()).decode().rstrip("=")
