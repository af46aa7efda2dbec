"""Who passes, as the application behind the proxy is told: Remote-… headers, and one JWT that needs no trust in the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row

from vodka import clock
from vodka.accounts import fields
from vodka.accounts.fields import Value
from vodka.accounts.people import of_holder, person_in
from vodka.adapters.directory import Finding, Outcome
from vodka.handoff.passing import Person
from vodka.keys.ring import Keyring
from vodka.keys.tokens import mint
from vodka.limits import Limits

TYP = "vodka-identity+jwt"  # a kind of its own, so that it passes for no other (RFC 8725 §3.11)
HEADER = "X-Vodka-Identity"
NAMED = ("Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups")
_ALGORITHM = "ES256"
_REMEMBERED = 4096  # people whose headers were made lately
_NOBODY: Mapping[str, Value] = {}
# All printable ASCII but the percent sign; whatever else stands in a name is percent-encoded UTF-8 (RFC 3986 §2.1):
# servers write other characters into a header each in its own way.
_PLAIN = "".join(chr(number) for number in range(0x20, 0x7F) if chr(number) != "%")

Header = tuple[str, str]


class Badges:
    """Makes the headers of who passes. One JWT is good for several requests of one scoped session."""

    def __init__(self, issuer: str, keyring: Keyring, limits: Limits) -> None:
        self._issuer, self._keyring, self._limits = issuer, keyring, limits
        self._made: dict[tuple[bytes, str], tuple[int, Row[Any], list[Header]]] = {}

    def of(self, key: bytes, row: Row[Any], host: str) -> list[Header]:
        """The headers for the scoped session of this digest, at this host."""
        now = clock.epoch()
        kept = self._made.get((key, host))
        # What is remembered is a signature over what was just read again, and never whether somebody may pass.
        if (
            kept is None
            or not (kept[1] is row or _facts(kept[1]) == _facts(row))
            or not 0 <= now - kept[0] < self._limits.identity_jwt_reuse
        ):
            named, user = _told(*_facts(row))
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            kept = self._made[key, host] = (now, row, [*named, (HEADER, self._signed(row.sub, user, host, now))])
        return kept[2]

    def _signed(self, sub: str | None, user: Mapping[str, Value], host: str, now: int) -> str:
        over = now + self._limits.identity_jwt_lifetime
        # RFC 7519 §4.1.3: the audience is the host, so that another application can do nothing with it.
        claims: dict[str, Any] = {"iss": self._issuer, "aud": host, "iat": now, "exp": over, "user": dict(user)}
        return mint(self._keyring.signing(_ALGORITHM), TYP, claims if sub is None else {**claims, "sub": sub})


def nobody() -> list[Header]:
    """All of the headers, empty: where they are absent, some proxies hand on what the browser itself sent."""
    return [*_named(None, _NOBODY), (HEADER, "")]


@lru_cache(_REMEMBERED)
def person_of(email: str, sciper: str | None, outcome: str | None, kept: str | None) -> Person:
    """What the rules of an application can ask about the person in a row of the store."""
    return admissible(email, _finding(sciper, outcome, kept))


def admissible(email: str, finding: Finding) -> Person:
    """The same of what the directory has just said."""
    known = finding.person
    words = (
        fields.value_of("affiliation", email, finding),
        known.section if known else None,
        known.level if known else None,
    )
    return Person(
        email=email,
        is_student=finding.outcome is Outcome.STUDENT,
        section=known.section if known is not None else None,
        groups=frozenset(str(word) for word in words if word is not None),
    )


def _facts(row: Row[Any]) -> tuple[str | None, str, str, str | None, str | None, str | None]:
    return row.sub, row.fields, row.email, row.sciper, row.outcome, row.person


def _told(
    sub: str | None, agreed: str, email: str, sciper: str | None, outcome: str | None, kept: str | None
) -> tuple[tuple[Header, ...], Mapping[str, Value]]:
    """What the person agreed to, as headers and as claims."""
    finding = _finding(sciper, outcome, kept)
    values = {key: fields.value_of(key, email, finding) for key in json.loads(agreed)}
    user = {key: value for key, value in values.items() if value is not None}
    return _named(sub, user), user


def _finding(sciper: str | None, outcome: str | None, kept: str | None) -> Finding:
    person = person_in(json.loads(kept)) if kept else None
    found = Outcome(outcome) if outcome is not None else Outcome.UNAVAILABLE
    return of_holder(Finding(found, datetime.fromtimestamp(0, UTC), person), sciper)


def _named(sub: str | None, user: Mapping[str, Value]) -> tuple[Header, ...]:
    name = " ".join(str(user[key]) for key in ("firstName", "lastName") if key in user)
    groups = [str(user[key]) for key in ("affiliation", "section", "level") if key in user]
    if user.get("student") is True:
        groups.insert(0, "student")
    return (
        ("Remote-User", sub or ""),
        ("Remote-Email", _text(str(user.get("email", "")))),
        ("Remote-Name", _text(name)),
        ("Remote-Groups", _text(",".join(dict.fromkeys(groups)))),
    )


def _text(value: str) -> str:
    return quote(value, safe=_PLAIN)
