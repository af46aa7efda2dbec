"""Who has my data: every site that received something of a person, when, which fields, under which consent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row

from vodka import clock
from vodka.consent import store
from vodka.consent.model import FOR_EVER
from vodka.errors import NotFound


@dataclass(frozen=True)
class Terms:
    """What was agreed: just once, for one login, until a moment, until it is withdrawn; or withdrawn or over, since a moment."""

    state: Literal["once", "login", "until", "always", "withdrawn", "over"]
    moment: datetime | None = None

    @property
    def asks_again(self) -> bool:
        """Whether the next visit is asked about."""
        return self.state not in ("until", "always")


@dataclass(frozen=True)
class Handed:
    """One hand-over: the names of the fields; their values are kept nowhere."""

    at: datetime
    fields: list[str]
    grade: str | None  # None: nothing was handed over yet
    terms: Terms


@dataclass(frozen=True)
class SiteEntry:
    """One site of a person's ledger: what it received last, how often it received something, what is agreed now.

    After no hand-over at all (nobody fetched the code), `last` is what was agreed to.
    """

    audience: str
    last: Handed
    times: int

    @property
    def handle(self) -> str:
        """The site in a path of ours: its origin without the scheme."""
        return self.audience.partition("://")[2]

    @property
    def host(self) -> str:
        """The site's domain."""
        return self.handle.partition(":")[0]


def sites(user_id: int) -> list[SiteEntry]:
    """The sites that received something of a person or may without asking, the latest first."""
    by_site: dict[str, list[Row[Any]]] = {}
    for row in store.list_sites(user_id):
        by_site.setdefault(row.audience, []).append(row)
    return [SiteEntry(audience, _widest(rows), rows[0].times) for audience, rows in by_site.items()]


def get_site(user_id: int, handle: str) -> SiteEntry:
    """One site of a person's own ledger; raises NotFound for any other."""
    for entry in sites(user_id):
        if entry.handle == handle:
            return entry
    raise NotFound("no such site in this ledger")


def history(user_id: int, entry: SiteEntry) -> list[Handed]:
    """Each hand-over of a person to a site, newest first."""
    return [_handed(row) for row in store.list_releases_to(user_id, entry.audience)]


def _widest(rows: list[Row[Any]]) -> Handed:
    """The latest of a site, under what may go on there for longest: each of its clients was agreed with by itself."""
    latest = _handed(rows[0])
    living = [row for row in rows if not _terms(row).asks_again]
    widest = max(living, key=lambda row: row.remembered_until) if living else rows[0]
    return replace(latest, terms=_terms(widest))


def _handed(row: Row[Any]) -> Handed:
    return Handed(row.at, row.fields, row.grade, _terms(row))


def _terms(consent: Row[Any]) -> Terms:
    end = consent.remembered_until
    if consent.withdrawn_at is not None:
        return Terms("withdrawn", consent.withdrawn_at)
    if end is None:
        return Terms("once" if consent.session is None else "login")
    if end == FOR_EVER:
        return Terms("always")
    return Terms("over" if clock.is_over(end) else "until", end)
