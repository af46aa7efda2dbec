"""A storage for Flask-Limiter in vodka's database: several workers without Redis share one count (traps T7)."""

from __future__ import annotations

from limits.storage import MovingWindowSupport, Storage

from vodka import clock
from vodka.errors import Unavailable
from vodka.login import tallies
from vodka.login.tallies import Rule
from vodka.onetime import digest
from vodka.web.plumbing.transaction import in_transaction

SHARED_COUNTS = "vodka-database://"


class SharedCounts(Storage, MovingWindowSupport):
    """Sliding windows on the tallies that also count mails and answers: exact, the row is locked before it is read.

    Each count is committed by itself, before the view does anything, so that it outlives the request's failure.
    """

    STORAGE_SCHEME = [SHARED_COUNTS.removesuffix("://")]  # noqa: RUF012 - the library's own type for it

    @property
    def base_exceptions(self) -> type[Exception]:
        """What is raised when the database does not answer."""
        return Unavailable

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:  # noqa: ARG002 - always 1
        """Count one request, if there is room for it within the last `expiry` seconds."""
        return in_transaction(lambda: tallies.spend([Rule(digest(key), limit, expiry)])) == 0

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest of the last requests was, and how many there were."""
        hits = in_transaction(lambda: tallies.within(Rule(digest(key), limit, expiry)))
        return float(hits[0] if hits else clock.epoch()), len(hits)

    def check(self) -> bool:
        """The library asks this of storages that it gave up; it never gives up this one."""
        raise NotImplementedError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Other strategies than the sliding window are not used."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Other strategies than the sliding window are not used."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Other strategies than the sliding window are not used."""
        raise NotImplementedError

    def reset(self) -> int | None:
        """Counts fade out by themselves."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Counts fade out by themselves."""
        raise NotImplementedError
