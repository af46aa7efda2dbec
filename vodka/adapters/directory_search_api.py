"""EPFL's public search service: `GET /api/ldap?q=<address>&hl=en`, JSON, no key. The best source: docs/directory.md."""

from __future__ import annotations

import json
from typing import Any, NoReturn
from urllib.parse import urlencode

from vodka.adapters.directory import Outcome, Person
from vodka.adapters.directory_remote import NotUnderstood, RemoteDirectory
from vodka.adapters.fetch import Fetched
from vodka.adapters.names import clean_name, clean_sciper, is_address

_OK = 200


class SearchApiDirectory(RemoteDirectory):
    """A Directory that asks the search service; the only one that knows sections and levels."""

    accept = "application/json"

    def path(self, email: str) -> str | None:
        """The query. The service takes `*` for a wildcard and finds other things than addresses: none of it is sent."""
        return f"/api/ldap?{urlencode({'q': email, 'hl': 'en'})}" if is_address(email) else None

    def read(self, fetched: Fetched, email: str) -> tuple[Outcome, Person | None]:
        """`[]` is nobody; 400 is an outage. One person of several counts only with exactly this address (attacks DIR-03)."""
        if fetched.status != _OK:
            raise NotUnderstood(f"status {fetched.status}")
        meant = [entry for entry in _entries(fetched.body) if _has_address(entry, email)]
        if len(meant) != 1:
            return Outcome.UNKNOWN, None
        return _person(meant[0], email)


def _entries(body: bytes) -> list[dict[str, Any]]:
    """The answer as a list of objects; raises ValueError or RecursionError."""
    answer = json.loads(body.decode(), parse_constant=_refuse_constant)
    if not isinstance(answer, list):
        raise NotUnderstood("no list")
    return _objects(answer)


def _objects(values: list[Any]) -> list[dict[str, Any]]:
    if not all(isinstance(value, dict) for value in values):
        raise NotUnderstood("an element is no object")
    return values


def _refuse_constant(name: str) -> NoReturn:
    # RFC 8259 §6: Infinity and NaN are not permitted.
    raise NotUnderstood(f"{name} is no JSON")


def _has_address(entry: dict[str, Any], email: str) -> bool:
    found = entry.get("email")  # absent when the person has none
    return isinstance(found, str) and found.isascii() and found.lower() == email


def _person(entry: dict[str, Any], email: str) -> tuple[Outcome, Person]:
    """The person of one entry: a student if an accreditation lies under ETU; words such as "Project Student" prove nothing."""
    accreditations = entry.get("accreds", [])
    if not isinstance(accreditations, list):
        raise NotUnderstood("accreds is no list")
    paths = [str(accreditation.get("path", "")).split("/") for accreditation in _objects(accreditations)]
    studies = [path for path in paths if _is_study(path)]
    section, level = _section_and_level(studies[0]) if studies else (None, None)
    person = Person(
        email=email,
        sciper=clean_sciper(entry.get("sciper")),
        first_name=clean_name(entry.get("firstname")),
        last_name=clean_name(entry.get("name")),
        section=clean_name(section),
        level=clean_name(level),
    )
    return (Outcome.STUDENT if studies else Outcome.PERSON), person


def _is_study(path: list[str]) -> bool:
    """`EPFL/ETU/…`; the service cuts four parts out of the LDAP name, so `C=CH` may lead or `EPFL` be missing."""
    return "ETU" in path[:3]


def _section_and_level(path: list[str]) -> tuple[str | None, str | None]:
    """Of `…/ETU/SC-S/SC-MA4`: SC, MA4. Of `…/ETU/EDOC/EDIC`: EDIC, EDOC. A code we do not know is shown as it is."""
    below = path[path.index("ETU") + 1 :]
    if not below:
        return None, None
    if below[0] == "EDOC":
        return (below[-1] if len(below) > 1 else None), "EDOC"
    section, dash, level = below[-1].rpartition("-")
    # "SC-S" is the section itself: the semester is not told.
    return (section, level if level != "S" else None) if dash else (level, None)
