"""What is known of a person: asked of the directory, kept for a day. Asked only once the mailbox is proven.

An outage is never kept, and never an error: names are optional in SPEC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from vodka import clock
from vodka.accounts import store
from vodka.adapters.directory import Directory, Finding, Outcome, Person
from vodka.limits import Limits

_FIELDS = frozenset(field.name for field in fields(Person))


def find_person(directory: Directory, email: str, limits: Limits) -> Finding:
    """What the directory says of an address, at most a day old."""
    if (kept := _kept(email, limits)) is not None:
        return kept
    finding = directory.find(email)
    if finding.outcome is not Outcome.UNAVAILABLE:
        person = asdict(finding.person) if finding.person else None
        store.keep_record(email, finding.outcome.value, person, finding.read_at)
    return finding


def find_holder(directory: Directory, email: str, sciper: str | None, limits: Limits) -> Finding:
    """What the directory says of the person of a session: nothing, once their address went to somebody else.

    Addresses are handed on at EPFL while a session may still live; the next person's name is not the last one's to give.
    """
    return of_holder(find_person(directory, email, limits), sciper)


def of_holder(finding: Finding, sciper: str | None) -> Finding:
    """The same of what the directory has said."""
    if sciper is not None and finding.person is not None and finding.person.sciper not in (None, sciper):
        return Finding(Outcome.UNKNOWN, finding.read_at)
    return finding


def _kept(email: str, limits: Limits) -> Finding | None:
    record = store.find_record(email)
    if record is None:
        return None
    if is_old(record.outcome, record.read_at, limits):
        return None
    return Finding(Outcome(record.outcome), record.read_at, person_in(record.person))


def is_old(outcome: str, read_at: datetime, limits: Limits) -> bool:
    """Whether what the directory said has to be asked again."""
    return clock.is_over(old_at(outcome, read_at, limits))


def old_at(outcome: str, read_at: datetime, limits: Limits) -> datetime:
    """From when on that is so."""
    # A new student appears about ten days before the semester: "nobody" is worth asking again soon.
    lifetime = limits.directory_unknown_cache if outcome == Outcome.UNKNOWN else limits.directory_cache
    return read_at + timedelta(seconds=lifetime)


def person_in(kept: Mapping[str, Any] | None) -> Person | None:
    """The person of a kept record, without what an earlier version knew and this one does not."""
    return Person(**{name: value for name, value in kept.items() if name in _FIELDS}) if kept else None
