"""The outer shell of limits, on Flask-Limiter's engine: against noise on routes that guard no account.

What guards one is counted in the database, in the transaction of the act (traps T5). The extension itself is left out: it
hooks into every request, and costs each of them more than our own work on it does.
"""

from __future__ import annotations

import logging
from collections import deque
from threading import Lock

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from vodka import clock
from vodka.errors import TooMany
from vodka.login import tallies
from vodka.login.tallies import Rule
from vodka.settings import Settings

_MINUTE = 60
_REMEMBERED = 10_000  # holders of keys; beyond that those who did nothing for a minute are forgotten
_PATIENCE = 1  # seconds for Redis: a stalled one must not hold every request up (faults F-13)
_log = logging.getLogger(__name__)


class OuterLimit:
    """At most so many requests a minute for each key, counted where all workers see it.

    In Redis where there is one; in this process while it is the only one; else in the database (traps T7). With Redis
    down each process counts for itself: strict, never unlimited, never an error.
    """

    def __init__(self, allowed: int, settings: Settings) -> None:
        self._item = RateLimitItemPerMinute(allowed)
        self._allowed = allowed
        self._here = Window(allowed)
        self._in_redis = _redis(settings.redis_url) if settings.redis_url else None
        self._in_database = self._in_redis is None and settings.workers > 1

    def spend(self, key: bytes) -> None:
        """Count one request of the holder of this key, which is a digest; raises TooMany."""
        wait = tallies.spend([Rule(key, self._allowed, _MINUTE)]) if self._in_database else self._count(key.hex())
        if wait:
            raise TooMany("too_many_requests", "That is a little too fast. Please wait a moment.", wait)

    def _count(self, key: str) -> int:
        if self._in_redis is not None:
            try:
                return self._hit(self._in_redis, key)
            except self._in_redis.storage.base_exceptions as error:
                _log.error("Redis does not answer (%s): each process counts for itself", type(error).__name__)
        return self._here.spend(key)

    def _hit(self, counts: MovingWindowRateLimiter, key: str) -> int:
        if counts.hit(self._item, key):
            return 0
        return max(1, round(counts.get_window_stats(self._item, key).reset_time - clock.epoch()))


class Window:
    """A sliding window for one process. The library's own starts a thread every ten milliseconds to clear up after itself."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._acts: dict[str, deque[int]] = {}
        self._lock = Lock()

    def spend(self, key: str) -> int:
        """Count one act of the holder of this key: 0, or the seconds until the next one is allowed."""
        now = clock.epoch()
        with self._lock:
            if len(self._acts) >= _REMEMBERED:
                self._acts = {kept: acts for kept, acts in self._acts.items() if acts[-1] > now - _MINUTE}
            acts = self._acts.setdefault(key, deque(maxlen=self._allowed))
            if len(acts) == self._allowed and acts[0] > now - _MINUTE:
                return acts[0] + _MINUTE - now
            acts.append(now)
            return 0


def _redis(url: str) -> MovingWindowRateLimiter:
    patience = {"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
    return MovingWindowRateLimiter(storage_from_string(url, **patience))
