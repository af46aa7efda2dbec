"""Refresh tokens: a family for each grant, a new token at every use, and the end of the family when an old one comes back.

RFC 9700 §4.14.2. A lost answer must not sign honest people out (the longest-lived complaint about rotation): for a few seconds,
and a few times, the token that was just used is good once more; each such use is counted on its row.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from vodka import clock, onetime
from vodka.audit import store as audit
from vodka.limits import Limits
from vodka.oauth import store
from vodka.oauth.model import RefreshToken
from vodka.randomness import token


def issue(grant: str, limits: Limits) -> str:
    """A refresh token of a grant; it lives as long as the grant, and no use of it makes that longer (attacks REF-04)."""
    fresh = token()
    store.add_refresh_token(onetime.digest(fresh), grant, clock.after(limits.refresh_token_lifetime))
    return fresh


def use(presented: str, grant: Any, limits: Limits) -> bool:
    """Use a refresh token of a living grant up. False: it was used before, and now its whole family has ended."""
    digest = onetime.digest(presented)
    if onetime.consume(RefreshToken, digest) is not None:
        return True
    # Counted before it is believed: of many at once no more than the allowed number get through (attacks REF-03).
    used_after = clock.now() - timedelta(seconds=limits.refresh_grace)
    if store.count_again(digest, used_after, limits.refresh_grace_uses):
        return True
    store.end_grants("id", grant.id, clock.now())
    who = grant.domain or grant.client_id
    audit.add("alarm.refresh_reused", user_id=grant.user_id, subject=grant.id, detail=who)
    return False
