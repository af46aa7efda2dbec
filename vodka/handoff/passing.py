"""Who may pass to an application, and what is open to everybody: one pure function of a rule, a request and a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from vodka.handoff.scope import Place, Scope


class Verdict(StrEnum):
    """What a proxy is told: 200, 401 (sign in first), 403 (signed in, and not allowed)."""

    ADMIT = "admit"
    SIGN_IN = "sign in"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Person:
    """What the rules can ask about somebody; `groups`: affiliation, section and level, each in the directory's word."""

    email: str
    is_student: bool
    section: str | None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """Who may pass. Nothing said is any member; each list that is there is one more way in.

    `public`: paths, relative to the scope and by whole segments, that need no login. `methods`: what may be sent at all;
    empty is everything.
    """

    students: bool = False
    sections: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    public: tuple[tuple[str, ...], ...] = ()
    methods: frozenset[str] = field(default_factory=frozenset)


def verdict(rule: Rule, scope: Scope, place: Place, method: str, person: Person | None) -> Verdict:
    """Whether this request may go on to the application."""
    if rule.methods and method not in rule.methods:
        return Verdict.REFUSE
    if rule.public:
        rest = place.segments[len(scope.segments) :]
        if any(rest[: len(path)] == path for path in rule.public):
            return Verdict.ADMIT
    if person is None:
        return Verdict.SIGN_IN
    return Verdict.ADMIT if is_admitted(rule, person) else Verdict.REFUSE


def is_admitted(rule: Rule, person: Person) -> bool:
    """Whether somebody is among those who may pass."""
    if not (rule.students or rule.sections or rule.addresses or rule.groups):
        return True
    return (
        (rule.students and person.is_student)
        or person.section in rule.sections
        or person.email in rule.addresses
        or not rule.groups.isdisjoint(person.groups)
    )
