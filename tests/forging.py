"""Making JWTs by hand, as an attacker does: no library that would refuse to (RFC 7515 §3.1)."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any


def encoded(content: bytes) -> str:
    """base64url without padding (RFC 7515 §2)."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def decoded(part: str) -> bytes:
    """The bytes behind base64url without padding."""
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def segment(content: object) -> str:
    """One JSON part of a compact JWS."""
    return encoded(json.dumps(content).encode())


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a compact JWS, unchecked."""
    header, claims, _signature = token.split(".")
    return json.loads(decoded(header)), json.loads(decoded(claims))


def hmac_signed(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """A JWS under HS256, HS384 or HS512 with any bytes as the secret."""
    signed = f"{segment(header)}.{segment(claims)}"
    algorithm = getattr(hashlib, f"sha{header['alg'].removeprefix('HS')}")
    return f"{signed}.{encoded(hmac.new(key, signed.encode(), algorithm).digest())}"
