"""What is known of a person: asked of the directory, kept for a day. Asked only once the mailbox is proven.

An outage is never kept, and never an error: names are optional in SPEC.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import timedelta

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
    finding = find_person(directory, email, limits)
    if sciper is not None and finding.person is not None and finding.person.sciper not in (None, sciper):
        return Finding(Outcome.UNKNOWN, finding.read_at)
    return finding


def _kept(email: str, limits: Limits) -> Finding | None:
    record = store.find_record(email)
    if record is None:
        return None
    outcome = Outcome(record.outcome)
    # A new student appears about ten days before the semester: "nobody" is worth asking again soon.
    lifetime = limits.directory_unknown_cache if outcome is Outcome.UNKNOWN else limits.directory_cache
    if clock.is_over(record.read_at + timedelta(seconds=lifetime)):
        return None
    person = (
        Person(**{name: value for name, value in record.person.items() if name in _FIELDS}) if record.person else None
    )
    return Finding(outcome, record.read_at, person)
