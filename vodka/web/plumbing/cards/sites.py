"""The ledger in words, for its page and for the card "Who has my data": which fields, how often, what was agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vodka.consent import ledger
from vodka.consent.ledger import Handed, SiteEntry, Terms
from vodka.language import words
from vodka.oauth.standing import people
from vodka.oauth.standing.people import Standing
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
    standing: Standing

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether something goes on without asking."""
        return self.standing.is_any or not self.terms.asks_again


@dataclass(frozen=True)
class HandedRow:
    """One hand-over."""

    at: datetime
    fields: str
    terms: Terms


def card(session: LiveSession) -> Mapping[str, object]:
    """sites: each with .handle, .domain, .fields, .times, .last_at, .terms, .standing; the latest first."""
    standing = people.of(session.user_id)
    return {"sites": [summary(entry, standing) for entry in ledger.sites(session.user_id)]}


def summary(entry: SiteEntry, standing: Mapping[str, Standing]) -> Entry:
    """A website as a card or a page shows it."""
    last = entry.last
    stands = standing.get(entry.audience, Standing())
    return Entry(entry.handle, entry.host, _listed(last.fields), entry.times, last.at, last.terms, stands)


def handed_rows(handed: list[Handed]) -> list[HandedRow]:
    """Hand-overs as a page lists them."""
    return [HandedRow(one.at, _listed(one.fields), one.terms) for one in handed]


def _listed(fields: list[str]) -> str:
    said = words(present_language()).gettext
    return ", ".join(said(LABELS[key]) for key in fields) or said("Only your id there")
