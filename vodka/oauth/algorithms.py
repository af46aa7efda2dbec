"""Which algorithms are good for what (RFC 7518 §3, RFC 8037 §3.1, RFC 9864). `none` is nowhere."""

from __future__ import annotations

# RS256 is what OIDC Core §15.1 asks of every provider; the others are shorter and faster.
SIGNED_BY_US = ("RS256", "ES256", "EdDSA")
# Of client assertions, request objects and DPoP proofs.
SIGNED_BY_CLIENTS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
SECRET_BY_CLIENTS = ("HS256",)  # client_secret_jwt
