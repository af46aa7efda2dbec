"""How often people let a website have something, day by day in Lausanne, and how often they did not.

Counted is what the holder of the domain caused: what came before is somebody else's. Nothing says who anybody was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vodka import clock
from vodka.audit import store as audit
from vodka.consent import store
from vodka.language import ZONE

DAYS = 30
_HERE = ZoneInfo(ZONE)


@dataclass(frozen=True)
class Day:
    """One day at a website; `at` is its midnight in Lausanne."""

    at: datetime
    accepted: int
    denied: int


@dataclass(frozen=True)
class Numbers:
    """The latest days of a website, the oldest first."""

    days: tuple[Day, ...]
    last_at: datetime | None

    @property
    def accepted(self) -> int:
        """How often people accepted."""
        return sum(day.accepted for day in self.days)

    @property
    def denied(self) -> int:
        """How often people denied."""
        return sum(day.denied for day in self.days)

    @property
    def share(self) -> int | None:
        """How many of a hundred accepted; None before the first decision. 100 and 0 only where they are exact."""
        decisions = self.accepted + self.denied
        if not decisions:
            return None
        rounded = round(100 * self.accepted / decisions)
        if self.accepted and self.denied:
            return min(99, max(1, rounded))
        return rounded


def numbers_of(domain: str, since: datetime) -> Numbers:
    """The latest days of a domain, without what was before a moment."""
    midnights = _midnights(clock.now())
    moments = [max(moment, since) for moment in midnights]
    audience = _audience(domain)
    accepted = store.count_releases(audience, moments)
    denied = audit.count_about("consent.denied", audience, moments)
    days = tuple(Day(*numbers) for numbers in zip(midnights, accepted, denied, strict=False))
    return Numbers(days, store.last_release(audience, since))


def held_since(domain: str, owner_id: int, claimed_at: datetime, verified_since: datetime) -> datetime:
    """Since when a claim has held its domain without somebody else in between.

    `verified_since` alone starts anew after a suspension. The audit knows when the domain changed hands, and when the
    owner proved it first after that; where it has forgotten, or the owner is another one, `verified_since` is sure.
    """
    taken = audit.find_moment("site.displaced", domain, claimed_at, last=True) or claimed_at
    proven = audit.find_moment("site.verified", domain, taken, user_id=owner_id, last=False)
    return min(proven or verified_since, verified_since)


def _audience(domain: str) -> str:
    """What stands in the ledger for a domain. On a developer's machine every port is one website."""
    return "http://localhost:%" if domain == "localhost" else f"https://{domain}"


def _midnights(now: datetime) -> list[datetime]:
    """Where the latest days begin, and where today ends: a day with a change of clocks has 23 or 25 hours."""
    today = now.astimezone(_HERE).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -2, -1)]
    return [datetime.combine(day, time(), _HERE).astimezone(UTC) for day in days]
