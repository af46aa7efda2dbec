"""Visits of websites while their owner waits: few at a time, so that slow websites never hold all threads of a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vodka.errors import TooMany
from vodka.web.plumbing.means import means

_PAUSE = 5  # seconds: a visit takes no longer


@contextmanager
def visiting() -> Iterator[None]:
    """One visit; raises TooMany while as many as are allowed are under way."""
    places = means().visits
    if not places.acquire(blocking=False):
        raise TooMany("visits_busy", "We look at other websites right now. Please try again in a few seconds.", _PAUSE)
    try:
        yield
    finally:
        places.release()
