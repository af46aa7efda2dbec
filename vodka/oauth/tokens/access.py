"""Access tokens: JWTs of RFC 9068 that name their grant, so that ending the grant ends them at once (attacks OAU-07, OAU-36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vodka import clock
from vodka.keys.tokens import Kind, TokenRefused, mint, verify
from vodka.oauth import acr, scopes, store
from vodka.oauth.provider import Provider
from vodka.randomness import identifier

TYP = "at+jwt"  # RFC 9068 §2.1


@dataclass(frozen=True)
class AccessToken:
    """A living access token: what it says, and the row of the grant behind it."""

    claims: dict[str, Any]
    grant: Any

    @property
    def scope(self) -> str:
        """What it allows."""
        return str(self.claims.get("scope", ""))

    @property
    def client_id(self) -> str:
        """Whom it was issued to; of one that was exchanged not the client of the grant (RFC 8693)."""
        return str(self.claims["client_id"])

    @property
    def dpop_key(self) -> str | None:
        """The thumbprint of the key it is bound to (RFC 9449 §6)."""
        return dict(self.claims.get("cnf", {})).get("jkt")

    @property
    def audience(self) -> list[str]:
        """Whom it is for."""
        aud = self.claims["aud"]
        return aud if isinstance(aud, list) else [aud]


def issue(
    provider: Provider,
    grant: Any,
    *,
    scope: str,
    resources: Sequence[str] = (),
    dpop_key: str | None = None,
    client_id: str | None = None,
    actor: dict[str, Any] | None = None,
    until: int | None = None,
) -> str:
    """An access token of a living grant, for these resources (RFC 8707) or else for vodka's own endpoints.

    `client_id`, `actor` and `until` (when it is over at the latest): of a token that was exchanged (RFC 8693).
    """
    now = clock.epoch()
    claims: dict[str, Any] = {
        "iss": provider.issuer,
        "sub": grant.sub,
        "aud": _audience(provider, scope, resources),
        "client_id": client_id or grant.client_id,
        "iat": now,
        "exp": now + lifetime(provider, grant, until),
        "jti": identifier(),
        "grant": grant.id,
    }
    if grant.authenticated_at is not None:
        # RFC 9068 §2.2.1: of the login behind it.
        claims |= {"auth_time": int(grant.authenticated_at.timestamp()), "acr": acr.told(grant.methods, grant.wanted)}
        claims["amr"] = grant.methods.split()
    # RFC 6749 §3.3: a scope has at least one word, so none is not said.
    claims |= {"scope": scope} if scope else {}
    claims |= {"cnf": {"jkt": dpop_key}} if dpop_key else {}
    claims |= {"act": actor} if actor else {}
    return mint(provider.keyring.signing(), TYP, claims)


def lifetime(provider: Provider, grant: Any, until: int | None = None) -> int:
    """For how many seconds a token that is issued now lives: never longer than its grant, nor beyond `until`."""
    ends = [int(grant.expires_at.timestamp()), *([until] if until is not None else [])]
    return min(provider.limits.access_token_lifetime, *(end - clock.epoch() for end in ends))


def read(provider: Provider, token: str) -> AccessToken | None:
    """A living access token of ours, whomever it is for; None for anything else (attacks OAU-21)."""
    kind = Kind(TYP, provider.keyring.algorithms, provider.limits.clock_leeway)
    try:
        claims = verify(token, kind, provider.keyring.find, issuer=provider.issuer, audience=None)
    except TokenRefused:
        return None
    grant = store.find_living_grant(str(claims.get("grant")), clock.now())
    return AccessToken(claims, grant) if grant is not None else None


def _audience(provider: Provider, scope: str, resources: Sequence[str]) -> str | list[str]:
    """RFC 9068 §3: the resources that were asked for; with `openid` also UserInfo, which is vodka's own."""
    if not resources:
        return provider.issuer
    everybody = [*resources, *([provider.issuer] if scopes.OPENID in scopes.split(scope) else [])]
    return everybody[0] if len(everybody) == 1 else everybody
