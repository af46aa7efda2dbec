"""Minting and checking JWTs. The only caller of joserfc's decode, which by itself checks no claim at all (traps T14)."""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from vodka import clock
from vodka.keys.ring import AnyKey, Held

_LONGEST = 4096  # characters; ours are a few hundred (attacks TOK-11)
_END_OF_TIME = 2**40  # seconds since 1970; a moment beyond it is none (attacks TOK-12)


class TokenRefused(Exception):
    """A JWT is not one of ours, not for here, or over. The reason is for logs."""


@dataclass(frozen=True)
class Kind:
    """What a JWT is for: its own `typ` and audience, so that no kind passes for another (RFC 8725 §3.11, §3.12)."""

    typ: str
    algorithms: tuple[str, ...]
    leeway: int = 0  # seconds, for iat and nbf
    is_hint: bool = False  # says who was meant, whenever that was: it may be over


def mint(held: Held, typ: str, claims: dict[str, Any]) -> str:
    """A JWS in compact form, signed by this one key."""
    header = {"alg": held.algorithm, "kid": held.kid, "typ": typ}
    return jwt.encode(header, claims, held.key, algorithms=[held.algorithm])


def mint_local(key: bytes, kid: str, typ: str, claims: dict[str, Any]) -> str:
    """A JWS that never leaves vodka, under a symmetric key (HS256)."""
    return jwt.encode({"alg": "HS256", "kid": kid, "typ": typ}, claims, OctKey.import_key(key), algorithms=["HS256"])


def verify(
    token: str, kind: Kind, find_key: Callable[[str], AnyKey | OctKey | None], *, issuer: str, audience: str | None
) -> dict[str, Any]:
    """The claims of a JWT of this kind, or TokenRefused: header, signature, iss, aud, exp, nbf and iat all hold.

    `audience` None: the caller has to look at `aud`.
    """
    header = _header(token)
    # RFC 8725 §3.1: the algorithm is ours to choose, never the token's. §3.10: nothing is fetched for a header.
    if header.get("alg") not in kind.algorithms or header.get("typ") != kind.typ:
        raise TokenRefused("algorithm or typ")
    # RFC 7515 §4.1.11: an extension we do not understand must be refused; we understand none.
    if set(header) != {"alg", "kid", "typ"}:
        raise TokenRefused("header parameters")
    kid = header["kid"]
    key = find_key(kid) if isinstance(kid, str) and len(kid) <= 64 else None
    if key is None:
        raise TokenRefused("kid")
    try:
        claims = jwt.decode(token, key, algorithms=[str(header["alg"])]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused(type(error).__name__) from error
    _check_claims(claims, kind, issuer, audience)
    return claims


def _header(token: str) -> dict[str, Any]:
    if len(token) > _LONGEST or token.count(".") != 2 or not token.isascii():
        raise TokenRefused("shape")
    encoded = token.partition(".")[0]
    try:
        header = json.loads(binascii.a2b_base64(encoded.replace("-", "+").replace("_", "/") + "=="))
    except (ValueError, RecursionError) as error:
        raise TokenRefused("header") from error
    if not isinstance(header, dict):
        raise TokenRefused("header")
    return header


def _check_claims(claims: dict[str, Any], kind: Kind, issuer: str, audience: str | None) -> None:
    if claims.get("iss") != issuer or (audience is not None and claims.get("aud") != audience):
        raise TokenRefused("iss or aud")
    now = clock.epoch()
    times = [claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)]
    if any(type(time) is not int or not 0 <= time < _END_OF_TIME for time in times):
        raise TokenRefused("times")
    # RFC 7519 §4.1.4: before exp, never on it. §4.1.5, §4.1.6: not from the future, but for a clock's leeway.
    over = now >= claims["exp"] and not kind.is_hint
    if over or max(claims["iat"], claims.get("nbf", 0)) > now + kind.leeway:
        raise TokenRefused("exp, iat or nbf")
