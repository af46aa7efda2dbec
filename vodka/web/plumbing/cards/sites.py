"""The ledger in words, for its page and for the card "Who has my data": which fields, how often, what was agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vodka.consent import ledger
from vodka.consent.ledger import Handed, SiteEntry, Terms
from vodka.language import words
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.consent.page import LABELS


@dataclass(frozen=True)
class Entry:
    """One website of the ledger."""

    handle: str
    domain: str
    fields: str
    times: int
    last_at: datetime
    terms: Terms


@dataclass(frozen=True)
class HandedRow:
    """One hand-over."""

    at: datetime
    fields: str
    terms: Terms


def card(session: LiveSession) -> Mapping[str, object]:
    """sites: each with .handle, .domain, .fields, .times, .last_at, .terms; the latest first."""
    return {"sites": [summary(entry) for entry in ledger.sites(session.user_id)]}


def summary(entry: SiteEntry) -> Entry:
    """A website as a card or a page shows it."""
    return Entry(entry.handle, entry.host, _listed(entry.last.fields), entry.times, entry.last.at, entry.last.terms)


def handed_rows(handed: list[Handed]) -> list[HandedRow]:
    """Hand-overs as a page lists them."""
    return [HandedRow(one.at, _listed(one.fields), one.terms) for one in handed]


def _listed(fields: list[str]) -> str:
    said = words(present_language()).gettext
    return ", ".join(said(LABELS[key]) for key in fields) or said("Only your id there")
