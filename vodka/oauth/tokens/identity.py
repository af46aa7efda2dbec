"""ID Tokens (OIDC Core §2, §3.1.3.6): who signed in, when and how. Never merged with anything a directory says (traps T16)."""

from __future__ import annotations

from typing import Any

from authlib.oidc.core.util import create_half_hash

from vodka import clock
from vodka.keys.tokens import Kind, TokenRefused, mint, verify
from vodka.oauth import acr
from vodka.oauth.algorithms import SIGNED_BY_US
from vodka.oauth.claims import of_person
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.logout import sid
from vodka.oauth.provider import Provider

TYP = "JWT"


def issue(
    provider: Provider,
    client: RegisteredClient,
    grant: Any,
    *,
    nonce: str | None = None,
    access_token: str | None = None,
    code: str | None = None,
    claims: dict[str, Any] | None = None,
) -> str:
    """An ID Token of a grant, signed as the client registered. `claims`: what was asked for in it by name."""
    held = provider.keyring.signing(client.metadata.id_token_signed_response_alg)
    now = clock.epoch()
    ours: dict[str, Any] = {
        "iss": provider.issuer,
        "sub": grant.sub,
        "aud": client.client_id,  # one string: Authlib's logout does not find the client in a list (traps B 5)
        "exp": now + provider.limits.id_token_lifetime,
        "iat": now,
        "auth_time": int(grant.authenticated_at.timestamp()),
        "acr": acr.told(grant.methods, grant.wanted),
        "amr": grant.methods.split(),
    }
    if grant.session is not None:
        ours["sid"] = sid.of(provider.vault, client.client_id, grant.session)
    of_answer = {"nonce": nonce, "at_hash": _half(access_token, held), "c_hash": _half(code, held)}
    ours |= {name: value for name, value in of_answer.items() if value is not None}
    # What is ours goes over what anybody else says, never the other way round (traps T16).
    return mint(held, TYP, (claims or {}) | ours)


def agreed(provider: Provider, grant: Any) -> dict[str, Any]:
    """All claims that the person let go out, for an ID Token without any access token beside it (OIDC Core §5.4)."""
    return of_person(provider, grant.email, grant.sciper, grant.fields)


def wanted(provider: Provider, grant: Any) -> dict[str, Any]:
    """The claims that the `claims` parameter asked for in the ID Token, as far as the person let them go out (OIDC Core §5.5)."""
    names = grant.wanted.get("id_token", ())
    if not names:
        return {}
    known = agreed(provider, grant)
    return {name: known[name] for name in names if name in known}


def read_hint(provider: Provider, token: str) -> dict[str, Any] | None:
    """The claims of an ID Token that vodka once signed, for `id_token_hint`: it may be over (OIDC Core §3.1.2.1)."""
    kind = Kind(TYP, SIGNED_BY_US, provider.limits.clock_leeway, is_hint=True)
    try:
        claims = verify(token, kind, provider.keyring.find, issuer=provider.issuer, audience=None)
    except TokenRefused:
        return None
    return claims if isinstance(claims.get("aud"), str) and isinstance(claims.get("sub"), str) else None


def _half(value: str | None, held: Any) -> str | None:
    """OIDC Core §3.1.3.6: the left half of the hash that belongs to the algorithm."""
    half = create_half_hash(value, held.algorithm) if value is not None else None
    return half.decode() if half is not None else None
