"""Queries on refused requests and reports, and what an operator looks at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from vodka.accounts.model import User
from vodka.db import db, execute, table, upsert
from vodka.errors import NotFound
from vodka.websites.model import Website
from vodka.websites.watch.model import Refusal, Report

REFUSALS = table(Refusal)
REPORTS = table(Report)
_WEBSITES = table(Website)
_OPEN = REPORTS.c.closed_at.is_(None)


def find_holder(domain: str) -> int | None:
    """The website that holds a domain, suspended or not: only who has proven it may read what was sent there."""
    holds = (_WEBSITES.c.domain == domain, _WEBSITES.c.verified_since.is_not(None))
    number: int | None = execute(select(_WEBSITES.c.id).where(*holds)).scalar()
    return number


def count_refusals(website_id: int, since: datetime) -> int:
    """How many refused requests of a website are kept since a moment."""
    these = (REFUSALS.c.website_id == website_id, REFUSALS.c.at >= since)
    return int(execute(select(func.count()).where(*these)).scalar_one())


def add_refusal(row: dict[str, object]) -> None:
    """Keep one refused request."""
    execute(insert(REFUSALS).values(**row))


def list_refusals(website_id: int, since: datetime, limit: int) -> list[Row[Any]]:
    """The refused requests of a website since a moment, newest first."""
    mine = select(REFUSALS).where(REFUSALS.c.website_id == website_id, REFUSALS.c.at >= since)
    return list(execute(mine.order_by(REFUSALS.c.id.desc()).limit(limit)))


def purge_refusals(before: datetime) -> int:
    """Forget refused requests from before a moment; how many."""
    return execute(delete(REFUSALS).where(REFUSALS.c.at < before)).rowcount


# ---- Reports


def find_proven(domain: str) -> int | None:
    """The website that holds a domain, else the one whose proof of it was seen last; None if nobody ever proved it."""
    proven = select(_WEBSITES.c.id).where(_WEBSITES.c.domain == domain, _WEBSITES.c.seen_at.is_not(None))
    latest = proven.order_by(_WEBSITES.c.verified_since.is_(None), _WEBSITES.c.seen_at.desc()).limit(1)
    number: int | None = execute(latest).scalar()
    return number


def find_report(website_id: int, user_id: int) -> Row[Any] | None:
    """One person's report about a website."""
    this = select(REPORTS).where(REPORTS.c.website_id == website_id, REPORTS.c.user_id == user_id)
    return execute(this).one_or_none()


def keep_report(row: dict[str, object]) -> None:
    """Keep a report, in place of the same person's older one about the same website."""
    execute(upsert(REPORTS, row, on=("website_id", "user_id")))


def list_open_reports() -> list[Row[Any]]:
    """Each open report with the domain and suspended_why of its website, by domain, newest first; never whose it is."""
    website = (_WEBSITES.c.domain, _WEBSITES.c.suspended_why)
    told = select(REPORTS.c.website_id, *website, REPORTS.c.at, REPORTS.c.kind, REPORTS.c.words)
    these = told.join(_WEBSITES, _WEBSITES.c.id == REPORTS.c.website_id).where(_OPEN)
    return list(execute(these.order_by(_WEBSITES.c.domain, REPORTS.c.website_id, REPORTS.c.at.desc())))


def list_open_moments(website_id: int) -> list[datetime]:
    """When each open report about a website was made."""
    return list(execute(select(REPORTS.c.at).where(REPORTS.c.website_id == website_id, _OPEN)).scalars())


def close_reports(website_id: int, now: datetime) -> int:
    """Note that the open reports about a website were dealt with; how many."""
    these = (REPORTS.c.website_id == website_id, _OPEN)
    return execute(update(REPORTS).where(*these).values(closed_at=now)).rowcount


# ---- What operators look at


def list_proven() -> list[Website]:
    """Every website that holds its domain, by domain."""
    proven = select(Website).where(Website.verified_since.is_not(None))
    return list(db.session.scalars(proven.order_by(Website.domain)))


def list_with_owners(part: str, limit: int) -> list[tuple[Website, str | None]]:
    """The websites with this in their domain, each with its owner's address; by domain."""
    with_owner = select(Website, User.email).join(User, User.id == Website.owner_id)
    these = with_owner.where(Website.domain.contains(part, autoescape=True))
    found = db.session.execute(these.order_by(Website.domain, Website.id).limit(limit))
    return [(website, owner) for website, owner in found]


def get_website(number: int) -> Website:
    """The website of this number; raises NotFound."""
    found = db.session.get(Website, number)
    if found is None:
        raise NotFound("no such website")
    return found
