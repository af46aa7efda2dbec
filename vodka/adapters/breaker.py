"""Spares a directory that is down, and the people who would wait for it: after some failures in a row it is left alone.

Attacks DIR-07, faults F-14.
"""

from __future__ import annotations

from threading import Lock

from vodka import clock
from vodka.adapters.directory import Directory, Finding, Outcome


class Breaker:
    """A Directory that asks another one until it was unavailable `failures` times in a row; then answers by itself.

    After `pause` seconds one look-up is let through as a trial: if it is answered all is well again, else the pause
    begins anew. Of one process; safe to use from several threads.
    """

    def __init__(self, directory: Directory, failures: int, pause: int) -> None:
        self._directory = directory
        self._failures = failures
        self._pause = pause
        self._failed = 0
        self._closed_until = clock.now()
        self._lock = Lock()

    def find(self, email: str) -> Finding:
        """What the directory finds, or UNAVAILABLE at once."""
        if not self._may_ask():
            return Finding(Outcome.UNAVAILABLE, clock.now())
        finding = self._directory.find(email)
        self._learn(finding.outcome)
        return finding

    def _may_ask(self) -> bool:
        with self._lock:
            if self._failed < self._failures:
                return True
            if not clock.is_over(self._closed_until):
                return False
            self._closed_until = clock.after(self._pause)  # whoever comes while the trial runs is not let through
            return True

    def _learn(self, outcome: Outcome) -> None:
        with self._lock:
            if outcome is not Outcome.UNAVAILABLE:
                self._failed = 0
                return
            self._failed += 1
            if self._failed >= self._failures:
                self._closed_until = clock.after(self._pause)
