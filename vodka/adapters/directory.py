"""What a directory of people answers: one of four outcomes, with its time. The implementations stand beside this file.

EPFL's directory and its answers: docs/directory.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """The four things a look-up can end in."""

    STUDENT = "student"  # known, with a living accreditation under ETU
    PERSON = "person"  # known, but not known to be a student
    UNKNOWN = "unknown"  # the directory answered: nobody of exactly this address
    UNAVAILABLE = "unavailable"  # the directory did not answer in time, or not in a form that can be trusted


@dataclass(frozen=True)
class Person:
    """One person as the directory shows them; what it does not say is None."""

    email: str
    sciper: str | None = None  # six digits, permanent
    first_name: str | None = None
    last_name: str | None = None
    section: str | None = None  # e.g. "SC"; of a doctoral student the programme, e.g. "EDIC"
    level: str | None = None  # e.g. "MA4"; of a doctoral student "EDOC"
    claims: Mapping[str, object] = field(default_factory=dict)  # further OpenID claims (OIDC Core §5.1), `file` only


@dataclass(frozen=True)
class Finding:
    """The result of one look-up; `person` is there exactly for STUDENT and PERSON."""

    outcome: Outcome
    read_at: datetime
    person: Person | None = None


class Directory(Protocol):
    """Finds the one person of an address. Never raises: an outage is an outcome."""

    def find(self, email: str) -> Finding:
        """The person whose address equals `email` (canonical form, see accounts.emails), or why there is none."""
        ...
