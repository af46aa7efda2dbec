"""Demonstrating proof of possession (RFC 9449): tokens that are worth nothing without a key that never leaves the client.

Nonces of the server (§8) are left out: `iat` within a minute and a `jti` that is good once bound a stolen proof as well.
"""

from __future__ import annotations

import hmac
import re
from typing import Any
from urllib.parse import unquote, urljoin

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from vodka import clock, onetime
from vodka.keys.tokens import Proof, TokenRefused, verify_proof
from vodka.oauth import store
from vodka.oauth.algorithms import SIGNED_BY_CLIENTS
from vodka.oauth.provider import Provider

TYP = "dpop+jwt"  # RFC 9449 §4.2
HEADER = "DPoP"
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url (RFC 7638 §3)
_ADDRESS = re.compile(r"(https?)://([a-z0-9.:\[\]-]+)(/[^?#]*)?(?:[?#].*)?", re.IGNORECASE)
_USUAL_PORT = {"http": ":80", "https": ":443"}
_UNRESERVED = re.compile(r"%(?:2D|2E|5F|7E|3[0-9]|[46][1-9A-F]|[57][0-9A])", re.IGNORECASE)  # RFC 3986 §2.3
_LONGEST_ID = 256  # characters


class InvalidDpopProofError(OAuth2Error):
    """RFC 9449 §5: the proof is not good."""

    error = "invalid_dpop_proof"


def prove(provider: Provider, shown: str | None, method: str, path: str, access_token: str | None = None) -> str | None:
    """The thumbprint of the key that a request to our `path` proves to hold; None for a request without a proof.

    `shown`: the header. `access_token`: the token beside it. Raises InvalidDpopProofError (RFC 9449 §4.3).
    """
    if shown is None:
        return None
    # RFC 9449 §4.3: not more than one header; several arrive joined by a comma, which no JWT has.
    if "," in shown:
        raise InvalidDpopProofError("Send one DPoP header.")
    try:
        proof = verify_proof(shown, TYP, SIGNED_BY_CLIENTS)
    except TokenRefused as error:
        raise InvalidDpopProofError(
            "The DPoP proof must be a JWT of typ dpop+jwt, signed by the public key in its jwk."
        ) from error
    claims = proof.claims
    _check_target(claims, method, provider.url(path))
    if access_token is not None and not _is_hash_of(claims.get("ath"), access_token):
        raise InvalidDpopProofError("ath must be the hash of this access token.")
    _check_time(claims, provider)
    _spend(proof, provider)
    return proof.thumbprint


def check_thumbprint(value: str | None) -> None:
    """Refuse a `dpop_jkt` (RFC 9449 §10) that cannot be one; raises InvalidRequestError."""
    if value is not None and _THUMBPRINT.fullmatch(value) is None:
        raise InvalidRequestError("dpop_jkt must be the SHA-256 thumbprint of a key (RFC 7638).")


def normalised(address: object) -> str | None:
    """An address without query and fragment, in its usual spelling (RFC 9449 §4.3, RFC 3986 §6.2.2, §6.2.3)."""
    found = _ADDRESS.fullmatch(address) if isinstance(address, str) and address.isascii() else None
    if found is None:
        return None
    scheme, host = found[1].lower(), found[2].lower()
    path = _UNRESERVED.sub(lambda code: unquote(code[0]), found[3] or "/")
    return urljoin(f"{scheme}://{host.removesuffix(_USUAL_PORT[scheme])}", path)


def _check_target(claims: dict[str, Any], method: str, url: str) -> None:
    if claims.get("htm") != method:
        raise InvalidDpopProofError(f"htm must be {method}.")
    if normalised(claims.get("htu")) != normalised(url):
        raise InvalidDpopProofError(f"htu must be {url}.")


def _check_time(claims: dict[str, Any], provider: Provider) -> None:
    """RFC 9449 §11.1: of now, with room for a clock that is a little ahead."""
    made, now = claims.get("iat"), clock.epoch()
    limits = provider.limits
    if type(made) is not int or not now - limits.dpop_proof_lifetime < made <= now + limits.clock_leeway:
        raise InvalidDpopProofError("iat must be now: make a new proof for every request.")


def _spend(proof: Proof, provider: Provider) -> None:
    """RFC 9449 §11.1: a proof is good once. Another key may have the same `jti`."""
    number = proof.claims.get("jti")
    if not isinstance(number, str) or not 0 < len(number) <= _LONGEST_ID:
        raise InvalidDpopProofError("jti must be a text of its own for every proof.")
    over = clock.after(provider.limits.dpop_proof_lifetime + provider.limits.clock_leeway)
    if not store.use_once(onetime.digest(f"dpop {proof.thumbprint} {number}"), over):
        raise InvalidDpopProofError("This proof was used before: make a new proof, with a jti of its own.")


def _is_hash_of(shown: object, access_token: str) -> bool:
    """RFC 9449 §4.2: base64url of SHA-256."""
    wanted = create_s256_code_challenge(access_token)
    return isinstance(shown, str) and hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), wanted.encode())
