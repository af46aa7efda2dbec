"""No directory at all: vodka then proves that somebody has the mailbox, and nothing else."""

from __future__ import annotations

from vodka import clock
from vodka.adapters.directory import Finding, Outcome


class NoDirectory:
    """A Directory that knows nobody."""

    def find(self, email: str) -> Finding:  # noqa: ARG002 - nobody is known, whoever it is
        """UNKNOWN, always."""
        return Finding(Outcome.UNKNOWN, clock.now())
