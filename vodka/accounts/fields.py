"""What a website may ask for: each field's name on the wire, and where its value comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vodka.adapters.directory import Finding, Outcome, Person

Value = str | bool | None

_OF_PERSON: Mapping[str, Callable[[Person], Value]] = {
    "firstName": lambda person: person.first_name,
    "lastName": lambda person: person.last_name,
    "sciper": lambda person: person.sciper,
    "section": lambda person: person.section,
    "level": lambda person: person.level,
}
# In the order they are shown.
KEYS = ("email", "firstName", "lastName", "student", "affiliation", "section", "level", "sciper")
# Further statements of a directory that has them, by their names in OIDC Core §5.1: for OpenID clients alone.
PROFILE = (
    *("middle_name", "nickname", "preferred_username", "profile", "picture", "website"),
    *("gender", "birthdate", "zoneinfo", "locale", "updated_at"),
)
STANDARD = (*PROFILE, "address", "phone_number")
DATED = frozenset({"student", "affiliation", "section", "level"})  # true at the moment they were read, not for ever

# How much a website learns of who somebody is (REFEDS Anonymous, Pseudonymous and Personalized Access): only that they are a
# student; the same visitor as last time, and their studies; the person.
ANONYMOUS, PSEUDONYMOUS, PERSONAL = "anonymous", "pseudonymous", "personal"
GRADES: Mapping[str, frozenset[str]] = {  # and what may be asked for under each
    ANONYMOUS: frozenset({"student"}),
    PSEUDONYMOUS: DATED,
    PERSONAL: frozenset(KEYS),
}

# The words of eduPersonAffiliation (REFEDS); who is not found may be a member all the same.
_AFFILIATIONS = {Outcome.STUDENT: "student", Outcome.PERSON: "member"}


@dataclass(frozen=True)
class Wanted:
    """One field that a site asks for, whether it can do without, and why it asks, in its own words."""

    key: str
    essential: bool
    purpose: str = ""


# What a site gets that asked for nothing in particular: under the grade personal SPEC's `User`.
DEFAULTS: Mapping[str, tuple[Wanted, ...]] = {
    ANONYMOUS: (Wanted("student", True),),
    PSEUDONYMOUS: (),
    PERSONAL: (Wanted("email", True), Wanted("firstName", False), Wanted("lastName", False)),
}


def allows(grade: str, key: str) -> bool:
    """Whether an OpenID client may be told a field under a grade."""
    return key in GRADES[grade] or (grade == PERSONAL and key in STANDARD)


def wanted_of(grade: str, fields: Sequence[Mapping[str, Any]]) -> tuple[Wanted, ...]:
    """What a site asks for, from the rows that are kept of it."""
    return tuple(Wanted(**field) for field in fields) or DEFAULTS[grade]


def value_of(key: str, email: str, finding: Finding) -> Value:
    """The value that would be handed over now; None when nobody knows."""
    if key == "email":
        return email
    if key == "student":
        return _student(finding)
    if key == "affiliation":
        return _AFFILIATIONS.get(finding.outcome)
    if key in STANDARD:
        return _standard(key, finding.person.claims.get(key)) if finding.person else None
    return _OF_PERSON[key](finding.person) if finding.person else None


def _standard(key: str, claim: object) -> str | None:
    """A claim as it is shown: of an address its lines, of a moment its day."""
    if key == "updated_at" and isinstance(claim, int) and claim:
        return f"{datetime.fromtimestamp(claim, UTC):%Y-%m-%d}"
    if isinstance(claim, Mapping):
        return ", ".join(str(claim.get("formatted") or ", ".join(map(str, claim.values()))).splitlines()) or None
    return str(claim) if claim else None


def _student(finding: Finding) -> bool | None:
    """True and False are statements of the directory; when it is silent there is none."""
    return None if finding.outcome is Outcome.UNAVAILABLE else finding.outcome is Outcome.STUDENT
