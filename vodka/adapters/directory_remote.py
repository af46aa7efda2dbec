"""What the two directories behind HTTP have in common: one guarded GET, and every kind of outage as an outcome."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod

from vodka import clock
from vodka.adapters.directory import Finding, Outcome, Person
from vodka.adapters.fetch import Fetched, Fetcher
from vodka.errors import Unavailable
from vodka.limits import Limits

log = logging.getLogger(__name__)


class NotUnderstood(ValueError):
    """The directory answered in a form that cannot be trusted; the message says what was wrong, without personal data."""


class RemoteDirectory(ABC):
    """A Directory at a base URL; what it asks there and how it reads the answer is told by its two kinds.

    `base` without a slash at its end. Raises FetchRefused if it is no http(s) URL.
    """

    accept: str

    def __init__(self, base: str, fetcher: Fetcher, limits: Limits) -> None:
        self._base = base.rstrip("/")
        self._fetcher = fetcher.for_base(self._base)
        self._limits = limits

    def find(self, email: str) -> Finding:
        """See Directory: UNKNOWN without asking for what is no address there, UNAVAILABLE for every kind of outage."""
        path = self.path(email)
        if path is None:
            return Finding(Outcome.UNKNOWN, clock.now())
        try:
            fetched = self._fetcher.get(
                self._base + path,
                timeout=self._limits.directory_timeout,
                size=self._limits.directory_size,
                accept=self.accept,
            )
            outcome, person = self.read(fetched, email)
        except Unavailable as error:
            return self._outage(error.detail)
        except (
            ValueError,
            RecursionError,
        ) as error:  # bad UTF-8 and bad JSON are ValueErrors; nesting ends in the other
            return self._outage(str(error) if isinstance(error, NotUnderstood) else type(error).__name__)
        return Finding(outcome, clock.now(), person)

    def _outage(self, reason: str) -> Finding:
        log.warning("the directory is unavailable: %s", reason)
        return Finding(Outcome.UNAVAILABLE, clock.now())

    @abstractmethod
    def path(self, email: str) -> str | None:
        """The path and query that ask for `email`; None if it cannot be asked for, and so nobody has it."""
        ...

    @abstractmethod
    def read(self, fetched: Fetched, email: str) -> tuple[Outcome, Person | None]:
        """What the answer says about `email`; raises ValueError if it cannot be trusted."""
        ...
