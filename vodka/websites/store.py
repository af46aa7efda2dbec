"""Queries on websites and challenges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from vodka import clock
from vodka.db import db, execute, table
from vodka.errors import NotFound
from vodka.websites.model import Challenge, Website

WEBSITES = table(Website)
CHALLENGES = table(Challenge)
_VERIFIED = select(WEBSITES).where(
    WEBSITES.c.domain == bindparam("domain"), WEBSITES.c.verified_since.is_not(None), WEBSITES.c.suspended_at.is_(None)
)


def find_verified(domain: str) -> Row[Any] | None:
    """The verified and not suspended website of exactly this domain."""
    return execute(_VERIFIED, {"domain": domain}).one_or_none()


def find_claim(domain: str, owner_id: int) -> Website | None:
    """One person's claim to a domain."""
    mine = select(Website).where(Website.domain == domain, Website.owner_id == owner_id)
    return db.session.scalars(mine).one_or_none()


def list_claims(domain: str) -> list[Website]:
    """All claims to a domain, the verified one first."""
    claims = select(Website).where(Website.domain == domain)
    return list(db.session.scalars(claims.order_by(Website.verified_since.is_(None), Website.id)))


def get_claim(domain: str) -> Website:
    """The verified claim to a domain, else the only one; raises NotFound."""
    claims = list_claims(domain)
    if not claims or (len(claims) > 1 and claims[0].verified_since is None):
        raise NotFound(f"no single website {domain}")
    return claims[0]


def list_websites() -> list[Website]:
    """Every claim, by domain."""
    return list(db.session.scalars(select(Website).order_by(Website.domain, Website.id)))


def list_due(before: datetime) -> list[Website]:
    """Websites with a proof that was last looked at before a moment, suspended ones too: they may come back."""
    proven = select(Website).where(Website.verified_by.in_(("dns", "file")), Website.checked_at <= before)
    return list(db.session.scalars(proven.where(Website.verified_since.is_not(None)).order_by(Website.checked_at)))


def add(website: Website) -> Website:
    """Keep a new claim."""
    db.session.add(website)
    db.session.flush()
    return website


def displace_others(website: Website) -> list[int]:
    """Take the domain from whoever else holds it; the former owners."""
    others = (WEBSITES.c.domain == website.domain, WEBSITES.c.id != website.id, WEBSITES.c.verified_since.is_not(None))
    lose = update(WEBSITES).where(*others).values(verified_since=None, verified_by=None)
    return list(execute(lose.returning(WEBSITES.c.owner_id)).scalars())


def find_challenge(website_id: int) -> Challenge | None:
    """The token of a claim, whether or not its time is over."""
    return db.session.get(Challenge, website_id)


def keep_challenge(website_id: int, token: str, expires_at: datetime) -> Challenge:
    """Give a claim a token, in place of an older one."""
    fresh = Challenge(website_id=website_id, token=token, created_at=clock.now(), expires_at=expires_at)
    kept = db.session.merge(fresh)
    db.session.flush()
    return kept


def purge_unproven(before: datetime) -> int:
    """Forget claims from before a moment that were never proven; how many."""
    unproven = (WEBSITES.c.verified_since.is_(None), WEBSITES.c.verified_by.is_(None), WEBSITES.c.created_at < before)
    return execute(delete(WEBSITES).where(*unproven)).rowcount
