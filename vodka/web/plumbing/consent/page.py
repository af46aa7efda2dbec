"""The consent page: each field with the very value that would be handed over, in the reader's language; and its short form."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from vodka.accounts.fields import Value
from vodka.adapters.directory import Finding, Outcome
from vodka.consent.ticket import Ticket
from vodka.language import Words, words
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.page import page
from vodka.websites.registry import Site

LABELS = {
    "email": "Email",
    "firstName": "First name",
    "lastName": "Last name",
    "student": "Student",
    "affiliation": "Affiliation",
    "section": "Section",
    "level": "Level",
    "sciper": "Sciper number",
}
_NOTICES = {
    Outcome.UNKNOWN: "EPFL’s directory does not know this address, so only the address itself can be shared.",
    Outcome.UNAVAILABLE: "EPFL’s directory does not answer at the moment, so only the address itself can be shared.",
}


@dataclass(frozen=True)
class Row:
    """One line of the page."""

    key: str
    label: str
    value: str | None
    essential: bool
    purpose: str | None
    checked: bool = False  # optional fields start off: sharing is the student's own act


def consent_page(site: Site, ticket: Ticket, finding: Finding, sealed: str, subject: str) -> Response:
    """Ask. The form may end at the website, so the page's policy leaves form-action out."""
    said = words(present_language())
    notice = _NOTICES.get(finding.outcome)
    return page(
        "authorize/consent.html",
        open_form=True,
        site=site,
        fields=_rows(site, ticket, said),
        identifier=short_form(subject),
        notice=said.gettext(notice) if notice else None,
        read_at=finding.read_at if finding.person else None,
        ticket=sealed,
    )


def continue_page(site: Site, ticket: Ticket, finding: Finding, sealed: str, change: str) -> Response:
    """Go on to a website whose consent is remembered: one button, which a script presses at once (attacks TOK-21, CON-09)."""
    name = finding.person.first_name if finding.person else None
    return page(
        "authorize/continue.html",
        open_form=True,
        site=site,
        fields=_rows(site, ticket, words(present_language())),
        name=name,
        change=change,
        handle=ticket.audience.partition("://")[2],
        ticket=sealed,
    )


def short_form(subject: str) -> str:
    """The beginning and the end of an identifier: enough to recognise it."""
    return f"{subject[:4]}…{subject[-2:]}"


def _rows(site: Site, ticket: Ticket, said: Words) -> list[Row]:
    purposes = {field.key: field.purpose or None for field in site.wanted}
    return [
        Row(field.key, said.gettext(LABELS[field.key]), _text(field.value, said), field.essential, purposes[field.key])
        for field in ticket.fields
    ]


def _text(value: Value, said: Words) -> str | None:
    if isinstance(value, bool):
        return said.gettext("Yes") if value else said.gettext("No")
    return value
