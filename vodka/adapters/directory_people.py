"""The vCards of people.epfl.ch: `GET /<first.last>.vcf` (RFC 2426). They know names, but not who is a student."""

from __future__ import annotations

import re

from vodka.adapters.directory import Outcome, Person
from vodka.adapters.directory_remote import NotUnderstood, RemoteDirectory
from vodka.adapters.fetch import Fetched
from vodka.adapters.names import clean_name, is_address

_OK, _NOT_FOUND = 200, 404
_ROUTE = re.compile(r"[a-z-]+\.[a-z-]+")  # what the site takes for a profile; nobody else has a page there


class PeopleDirectory(RemoteDirectory):
    """A Directory that reads vCards: a fallback, its best outcome is PERSON."""

    accept = "text/vcard"

    def path(self, email: str) -> str | None:
        """The address of the card."""
        local = email.partition("@")[0]
        return f"/{local}.vcf" if is_address(email) and _ROUTE.fullmatch(local) else None

    def read(self, fetched: Fetched, email: str) -> tuple[Outcome, Person | None]:
        """404 is nobody, or somebody who is not shown; a card counts only if it states exactly this address."""
        if fetched.status == _NOT_FOUND:
            return Outcome.UNKNOWN, None
        if fetched.status != _OK:
            raise NotUnderstood(f"status {fetched.status}")
        card = _card(fetched.body.decode())
        if {address.lower() for address in card.get("EMAIL", [])} != {email}:
            return Outcome.UNKNOWN, None
        # RFC 2426 §3.1.2: N is family name; given name; further parts.
        last, _, rest = card.get("N", [""])[0].partition(";")
        first = rest.partition(";")[0]
        return Outcome.PERSON, Person(email=email, first_name=clean_name(first), last_name=clean_name(last))


def _card(text: str) -> dict[str, list[str]]:
    """The values of each property, parameters dropped; raises NotUnderstood if this is no card.

    The site neither escapes nor folds what it writes, and leaves blank lines in between.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if lines[:1] != ["BEGIN:VCARD"]:
        raise NotUnderstood("no vCard")
    card: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        card.setdefault(name.partition(";")[0].upper(), []).append(value)
    return card
