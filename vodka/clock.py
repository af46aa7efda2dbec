"""The only reader of time: tests freeze it, and one rule says when something is over."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

HOUR, DAY = 3600, 86400  # in seconds


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def epoch() -> int:
    """The present moment in whole seconds since 1970 (NumericDate, RFC 7519 §2)."""
    return int(time.time())


def after(seconds: int) -> datetime:
    """The moment that lies `seconds` from now."""
    return now() + timedelta(seconds=seconds)


def is_over(moment: datetime) -> bool:
    """Whether something that lives until `moment` is over: alive up to the second before, over at the moment itself."""
    # RFC 7519 §4.1.4: the current time MUST be before the expiry listed in exp.
    return now() >= moment


def stopwatch() -> float:
    """Seconds on a clock that only goes forward: the difference of two readings is how long something took."""
    return time.monotonic()
