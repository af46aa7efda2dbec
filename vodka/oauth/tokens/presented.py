"""vodka as a protected resource (RFC 6750, RFC 9449 §7): tokens as requests present them, and what is said of bad ones."""

from __future__ import annotations

import re
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import OAuth2Error

from vodka.oauth import scopes
from vodka.oauth.algorithms import SIGNED_BY_CLIENTS
from vodka.oauth.provider import Provider
from vodka.oauth.tokens import access, dpop
from vodka.oauth.tokens.access import AccessToken

BEARER, DPOP = "Bearer", "DPoP"
_SCHEMES = {"bearer": BEARER, "dpop": DPOP}
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 §2.1, RFC 9449 §7.1
_DPOP_ALGORITHMS = f'{DPOP} algs="{" ".join(SIGNED_BY_CLIENTS)}"'
# RFC 6750 §3.1: without a token there SHOULD be no error code (traps B 13).
CHALLENGE = f"{BEARER}, {_DPOP_ALGORITHMS}"


class ResourceError(OAuth2Error):
    """A request that its token does not suffice for, in words for a header and for a body."""

    def __init__(
        self, error: str, description: str, status: int = 401, *, scheme: str = BEARER, scope: str = ""
    ) -> None:
        super().__init__(description=description, status_code=status, error=error)
        self._scheme = scheme
        self._scope = scope

    def get_headers(self) -> list[tuple[str, str]]:
        """RFC 6750 §3, RFC 9449 §7.1, §7.2: what is wrong stands beside the scheme that was used."""
        told = [f'error="{self.error}"', f'error_description="{self.description}"']
        told += [f'scope="{self._scope}"'] if self._scope else []
        wrong = ", ".join(told)
        if self._scheme == DPOP:
            return [("WWW-Authenticate", f"{_DPOP_ALGORITHMS}, {wrong}")]
        return [("WWW-Authenticate", f"{BEARER} {wrong}, {_DPOP_ALGORITHMS}")]


@dataclass(frozen=True)
class Presented:
    """A token and how it came: `scheme` is one of BEARER and DPOP; one in a form is a bearer's (RFC 6750 §2.2)."""

    token: str
    scheme: str


def token_in(authorization: str | None, in_form: str | None, *, in_query: bool) -> Presented | None:
    """The one token of a request, None where there is none; raises ResourceError for one in the query, or for several."""
    # RFC 9700 §4.3.2, OAuth 2.1: an address ends up in logs and histories (attacks OAU-20).
    if in_query:
        raise ResourceError("invalid_request", "Send the token in the Authorization header, never in the query.", 400)
    scheme, _, token = (authorization or "").partition(" ")
    known = _SCHEMES.get(scheme.lower())
    # RFC 6750 §2: clients MUST NOT use more than one method in each request.
    if known is not None and in_form is not None:
        raise ResourceError("invalid_request", "Send the token in one way, not in two.", 400)
    if known is None:
        return Presented(in_form, BEARER) if in_form is not None else None
    if _TOKEN.fullmatch(token.strip(" ")) is None:
        raise ResourceError("invalid_request", f"Send one token after the word {known}.", 400, scheme=known)
    return Presented(token.strip(" "), known)


def check(
    provider: Provider, presented: Presented, proof: str | None, method: str, path: str, scope: str
) -> AccessToken:
    """The living token for vodka itself behind what was presented, with this scope; raises ResourceError.

    `proof`: the DPoP header of the request, to our `path`.
    """
    found, scheme = access.read(provider, presented.token), presented.scheme
    # RFC 9068 §4: the audience must be the one who reads it; ours is our issuer (attacks OAU-21).
    if found is None or provider.issuer not in found.audience:
        said = "This access token is over, revoked, or not for this endpoint."
        raise ResourceError("invalid_token", said, scheme=scheme)
    if scheme == DPOP or found.dpop_key is not None:
        _check_key(provider, found, presented, proof, method, path)
    if scope not in scopes.split(found.scope):
        raise ResourceError("insufficient_scope", f"This needs the scope {scope}.", 403, scheme=scheme, scope=scope)
    return found


def _check_key(
    provider: Provider, found: AccessToken, presented: Presented, proof: str | None, method: str, path: str
) -> None:
    # RFC 9449 §7.2: a token that is bound to a key must not be taken from a bearer.
    if presented.scheme != DPOP:
        raise ResourceError("invalid_token", "This access token is bound to a key: send it as DPoP, with a proof.")
    try:
        key = dpop.prove(provider, proof, method, path, presented.token)
    except dpop.InvalidDpopProofError as error:
        raise ResourceError(error.error, error.description, scheme=DPOP) from error
    if key is None:
        raise ResourceError("invalid_dpop_proof", "Send a DPoP header with a proof.", scheme=DPOP)
    # RFC 9449 §7.1: the key of the proof must be the one that the token is bound to.
    if key != found.dpop_key:
        raise ResourceError("invalid_token", "This access token is not bound to the key of the proof.", scheme=DPOP)
