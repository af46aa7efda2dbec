"""Queries on refused requests and reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from vodka.db import execute, table
from vodka.websites.model import Website
from vodka.websites.watch.model import Refusal

REFUSALS = table(Refusal)
_WEBSITES = table(Website)


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


def list_refusals(website_id: int, limit: int) -> list[Row[Any]]:
    """The refused requests of a website, newest first."""
    mine = select(REFUSALS).where(REFUSALS.c.website_id == website_id)
    return list(execute(mine.order_by(REFUSALS.c.id.desc()).limit(limit)))


def purge_refusals(before: datetime) -> int:
    """Forget refused requests from before a moment; how many."""
    return execute(delete(REFUSALS).where(REFUSALS.c.at < before)).rowcount
