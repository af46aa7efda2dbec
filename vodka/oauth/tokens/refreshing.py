"""Refresh tokens: a family for each grant, a new token at every use, and the end of the family when an old one comes back.

RFC 9700 §4.14.2. A lost answer must not sign honest people out (the longest-lived complaint about rotation): for a few seconds,
and a few times, the token that was just used is good once more; each such use is counted on its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from vodka import clock, onetime
from vodka.audit import store as audit
from vodka.limits import Limits
from vodka.oauth import store
from vodka.oauth.model import RefreshToken
from vodka.randomness import token


@dataclass(frozen=True)
class Presented:
    """A refresh token that may be used now."""

    digest: bytes
    grant: str


def issue(grant: str, limits: Limits) -> str:
    """A refresh token of a grant; it lives as long as the grant, and no use of it makes that longer (attacks REF-04)."""
    fresh = token()
    store.add_refresh_token(onetime.digest(fresh), grant, clock.after(limits.refresh_token_lifetime))
    return fresh


def use(presented: str, limits: Limits) -> Presented | None:
    """Use a refresh token up. None: unknown, over, or used before, and then its whole family has ended."""
    digest = onetime.digest(presented)
    row = onetime.consume(RefreshToken, digest)
    if row is not None:
        return Presented(digest, row.grant_id)
    known = store.find_refresh_token(digest)
    if known is None or known.used_at is None:
        return None
    # Counted before it is believed: of many at once no more than the allowed number get through (attacks REF-03).
    within = clock.now() < known.used_at + timedelta(seconds=limits.refresh_grace)
    if within and store.count_again(digest, limits.refresh_grace_uses):
        return Presented(digest, known.grant_id)
    store.end_grants("id", known.grant_id, clock.now())
    audit.add("alarm.refresh_reused", subject=known.grant_id)
    return None
