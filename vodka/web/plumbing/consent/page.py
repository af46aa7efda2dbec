"""The consent page: each field with the very value that would be handed over, in the reader's language; and its short form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Response

from vodka.accounts.fields import ANONYMOUS, Value, Wanted
from vodka.adapters.directory import Finding, Outcome
from vodka.consent.ticket import Shown, Ticket
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
    "middle_name": "Middle name",
    "nickname": "Nickname",
    "preferred_username": "User name",
    "profile": "Profile page",
    "picture": "Picture",
    "website": "Website",
    "gender": "Gender",
    "birthdate": "Date of birth",
    "zoneinfo": "Time zone",
    "locale": "Language",
    "updated_at": "Last change",
    "address": "Address",
    "phone_number": "Telephone",
}
_NOTICES = {
    Outcome.UNKNOWN: "EPFL’s directory does not know this address. New students appear about ten days before the semester.",
    Outcome.UNAVAILABLE: "EPFL’s directory does not answer at the moment, so what it says about you cannot be shared.",
}
_PROVEN = "email"  # by the student; all other fields are statements of the directory


@dataclass(frozen=True)
class Row:
    """One line of the page."""

    key: str
    label: str
    value: str | None
    essential: bool
    purpose: str | None
    checked: bool = False  # optional fields start off: sharing is the student's own act


def consent_page(
    site: Site,
    ticket: Ticket,
    finding: Finding,
    sealed: str,
    subject: str,
    *,
    wanted: Iterable[Wanted] | None = None,
    action: str = "/authorize",
    offline: bool = False,
    device: str | None = None,
) -> Response:
    """Ask. The form may end at the website, so the page's policy leaves form-action out.

    `wanted`, `action`, `offline`: of an OAuth client, which fields it asks for, where the decision goes, and whether it
    may come back while the person is away. `device`: the code on the device that waits (RFC 8628), and no website does.
    """
    said = words(present_language())
    return page(
        "authorize/consent.html",
        open_form=True,
        site=site,
        grade=ticket.grade,
        reason=site.reason,
        fields=rows_of(ticket.fields, site.wanted if wanted is None else wanted, said),
        identifier=identifier_of(subject, ticket.grade),
        action=action,
        offline=offline,
        device=device,
        is_client=ticket.client is not None,
        notice=notice_of(ticket.fields, finding, said),
        read_at=_read_at(ticket.fields, finding),
        ticket=sealed,
    )


def continue_page(site: Site, ticket: Ticket, finding: Finding, sealed: str, subject: str, change: str) -> Response:
    """Go on to a website whose consent is remembered: one button, which a script presses at once (attacks TOK-21, CON-09)."""
    name = finding.person.first_name if finding.person else None
    return page(
        "authorize/continue.html",
        open_form=True,
        site=site,
        grade=ticket.grade,
        fields=rows_of(ticket.fields, site.wanted, words(present_language())),
        identifier=identifier_of(subject, ticket.grade),
        name=name,
        change=change,
        handle=ticket.audience.partition("://")[2],
        ticket=sealed,
    )


def short_form(subject: str) -> str:
    """The beginning and the end of an identifier: enough to recognise it."""
    return f"{subject[:4]}…{subject[-2:]}"


def identifier_of(subject: str, grade: str) -> str | None:
    """What the page shows of the identifier that goes out; None where none does."""
    return None if grade == ANONYMOUS else short_form(subject)


def rows_of(shown: Iterable[Shown], wanted: Iterable[Wanted], said: Words) -> list[Row]:
    """The lines of the page: what is handed over, and why in the website's words."""
    purposes = {field.key: field.purpose or None for field in wanted}
    return [
        Row(field.key, said.gettext(LABELS[field.key]), _text(field.value, said), field.essential, purposes[field.key])
        for field in shown
    ]


def notice_of(shown: Iterable[Shown], finding: Finding, said: Words) -> str | None:
    """What is missing because the directory does not say it; None where the website asks nothing of the directory."""
    notice = _NOTICES.get(finding.outcome)
    return said.gettext(notice) if notice and any(field.key != _PROVEN for field in shown) else None


def _read_at(shown: Iterable[Shown], finding: Finding) -> datetime | None:
    """When the directory said what the page shows of it."""
    return finding.read_at if finding.person and any(field.key != _PROVEN for field in shown) else None


def _text(value: Value, said: Words) -> str | None:
    if isinstance(value, bool):
        return said.gettext("Yes") if value else said.gettext("No")
    return value
