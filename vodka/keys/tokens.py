"""Minting and checking JWTs. The only caller of joserfc's decode, which by itself checks no claim at all (traps T14)."""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from vodka import clock
from vodka.keys.compact import OncePerName, is_well_formed
from vodka.keys.ring import AnyKey, Held

_LONGEST = 4096  # characters; ours are a few hundred (attacks TOK-11)
# RFC 7518 §6, RFC 8037 §2: what a public key consists of; whatever else stands in it is private, or not needed.
_PUBLIC: dict[object, tuple[type[AnyKey], tuple[str, ...]]] = {
    "EC": (ECKey, ("kty", "crv", "x", "y")),
    "OKP": (OKPKey, ("kty", "crv", "x")),
    "RSA": (RSAKey, ("kty", "n", "e")),
}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES = {"EC": "P-256", "OKP": "Ed25519", "RSA": None}
_SHORTEST_MODULUS = 342  # base64url characters of 2048 bits (RFC 7518 §3.3)
_LONGEST_KID = 256  # characters (attacks TOK-09)
# RFC 7515 §4.1: what would have us trust a key that came along, fetch one, or understand an extension (attacks TOK-08, TOK-10).
_UNTRUSTED = frozenset({"jwk", "jku", "x5u", "x5c", "crit"})
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


@dataclass(frozen=True)
class Proof:
    """What a JWT under its own key says, and the thumbprint of that key (RFC 7638)."""

    claims: dict[str, Any]
    thumbprint: str


class _WithKeyInHeader(JWSRegistry):
    """joserfc reads 512 bytes of a header, and an RSA key alone has more."""

    max_header_length = _LONGEST


def verify_proof(token: str, typ: str, algorithms: Collection[str]) -> Proof:
    """A JWT signed by the public key in its own header (RFC 9449 §4.2), or TokenRefused. No claim was looked at."""
    header = _header(token)
    if header.get("alg") not in algorithms or header.get("typ") != typ:
        raise TokenRefused("algorithm or typ")
    # RFC 7515 §4.1.11: no extension is understood; §4.1.2, §4.1.5: and nothing is fetched.
    if not {"alg", "jwk", "typ"} <= set(header) <= {"alg", "jwk", "typ", "kid"}:
        raise TokenRefused("header parameters")
    try:
        key = public_key(header["jwk"])
        registry = _WithKeyInHeader(algorithms=[header["alg"]])
        return Proof(jwt.decode(token, key, registry=registry, decoder_cls=OncePerName).claims, key.thumbprint())
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenRefused(type(error).__name__) from error


@dataclass(frozen=True)
class OfClient:
    """What a JWT is for that a client signed with a key of its own.

    `typs`: in lower case, "" for one that names none (RFC 8725 §3.11). `lifetime`: how far ahead `exp` may lie, in seconds;
    None where it may be missing. `longest`: characters.
    """

    algorithms: tuple[str, ...]
    typs: frozenset[str]
    leeway: int
    lifetime: int | None = None
    longest: int = _LONGEST


def verify_of_client(
    token: str, kind: OfClient, find_keys: Callable[[str, str | None], Iterable[AnyKey | OctKey]]
) -> dict[str, Any]:
    """The claims of a JWT that one of these keys signed, or TokenRefused: header, signature, exp, nbf and iat hold.

    `find_keys` is told the algorithm and the `kid`, if there is one; each key is tried (traps B 16).
    """
    if not is_well_formed(token, kind.longest):
        raise TokenRefused("it is not a JWS in compact form")
    header = _header(token, kind.longest)
    algorithm, typ, kid = header.get("alg"), header.get("typ", ""), header.get("kid")
    # RFC 8725 §3.1: the algorithm is one that is expected; `none` never is (attacks TOK-06).
    if not isinstance(algorithm, str) or algorithm not in kind.algorithms:
        raise TokenRefused("alg is not " + " or ".join(kind.algorithms))
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in kind.typs:
        raise TokenRefused("typ is that of another kind of JWT")
    if not _UNTRUSTED.isdisjoint(header):
        raise TokenRefused("the header may not have jwk, jku, x5u, x5c or crit")
    if kid is not None and (not isinstance(kid, str) or len(kid) > _LONGEST_KID):
        raise TokenRefused("kid is not a short text")
    # RFC 7515 §4: a header parameter that is not understood is ignored; what `crit` names is refused above.
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    for key in find_keys(algorithm, kid):
        try:
            claims = jwt.decode(token, key, registry=registry, decoder_cls=OncePerName).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
        _check_times(claims, kind)
        return claims
    raise TokenRefused("no key of this client fits the signature")


def public_key(jwk: object) -> AnyKey:
    """The key of a JWK; raises TokenRefused for one that is private (RFC 9449 §4.3), weak, or of a kind that is not used."""
    kind = jwk.get("kty") if isinstance(jwk, dict) else None
    if not isinstance(jwk, dict) or not isinstance(kind, str) or kind not in _PUBLIC or not _PRIVATE.isdisjoint(jwk):
        raise TokenRefused("jwk")
    family, members = _PUBLIC[kind]
    public: dict[str, Any] = {name: jwk.get(name) for name in members}
    # A short modulus proves little, and a long exponent costs whoever checks (RFC 8725 §3.2).
    weak = kind == "RSA" and (len(str(jwk.get("n"))) < _SHORTEST_MODULUS or jwk.get("e") != "AQAB")
    if any(not isinstance(value, str) for value in public.values()) or public.get("crv") != _CURVES[kind] or weak:
        raise TokenRefused("jwk")
    return family.import_key(public)


def _header(token: str, longest: int = _LONGEST) -> dict[str, Any]:
    if len(token) > longest or token.count(".") != 2 or not token.isascii():
        raise TokenRefused("shape")
    encoded = token.partition(".")[0]
    try:
        raw = binascii.a2b_base64(encoded.replace("-", "+").replace("_", "/") + "==")
        header = json.loads(raw, cls=OncePerName)
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


def _check_times(claims: dict[str, Any], kind: OfClient) -> None:
    """RFC 7523 §3: `exp` not passed and not unreasonably far ahead, `nbf` and `iat` not in the future (attacks TOK-12)."""
    now = clock.epoch()
    exp, begins = claims.get("exp"), [claims[name] for name in ("nbf", "iat") if name in claims]
    needed = [exp] if "exp" in claims or kind.lifetime is not None else []
    if any(type(time) is not int or not 0 <= time < _END_OF_TIME for time in (*needed, *begins)):
        raise TokenRefused(
            "exp, nbf and iat must be whole seconds since 1970" + ("" if "exp" in claims else "; send exp")
        )
    if needed and now >= claims["exp"]:
        raise TokenRefused("exp is over")
    if kind.lifetime is not None and claims["exp"] - now > kind.lifetime + kind.leeway:
        raise TokenRefused(f"exp lies more than {kind.lifetime} seconds ahead")
    if any(time > now + kind.leeway for time in begins):
        raise TokenRefused("nbf or iat lies in the future; set the clock")
