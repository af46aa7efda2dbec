"""Queries on websites and challenges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from vodka import clock
from vodka.accounts.fields import PSEUDONYMOUS
from vodka.accounts.model import User
from vodka.db import add_once, db, execute, lock, table, upsert
from vodka.errors import NotFound
from vodka.prepared import Prepared
from vodka.websites.model import Challenge, Logo, SiteSecret, Website

WEBSITES = table(Website)
CHALLENGES = table(Challenge)
SECRETS = table(SiteSecret)
LOGOS = table(Logo)
_USERS = table(User)
# That a website is verified now and not suspended.
IS_VERIFIED = WEBSITES.c.verified_since.is_not(None) & WEBSITES.c.suspended_at.is_(None)
_VERIFIED = Prepared(select(WEBSITES).where(WEBSITES.c.domain == bindparam("domain"), IS_VERIFIED))


def find_verified(domain: str) -> Row[Any] | None:
    """The verified and not suspended website of exactly this domain."""
    return _VERIFIED.one_or_none({"domain": domain})


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


def list_due(before: datetime) -> list[Row[Any]]:
    """Id, domain and token of each proof last looked at before a moment, suspended sites too: they may come back."""
    proofs = select(WEBSITES.c.id, WEBSITES.c.domain, CHALLENGES.c.token).join(CHALLENGES)
    due = (WEBSITES.c.verified_since.is_not(None), WEBSITES.c.verified_by.in_(("dns", "file", "meta")))
    return list(execute(proofs.where(*due, WEBSITES.c.checked_at <= before).order_by(WEBSITES.c.checked_at)))


def mark_checked(website_id: int, before: datetime) -> Website | None:
    """Note that a proof due since `before` was looked at now, and lock its website; None if it is not due any more."""
    due = (WEBSITES.c.id == website_id, WEBSITES.c.verified_since.is_not(None), WEBSITES.c.checked_at <= before)
    if execute(update(WEBSITES).where(*due).values(checked_at=clock.now())).rowcount == 0:
        return None
    return db.session.get(Website, website_id, populate_existing=True)


def keep_claim(domain: str, owner_id: int) -> Website:
    """One person's claim to a domain, made if there is none; of two that are made at once one stays."""
    blank = {"name": domain, "description": "", "fields": [], "callbacks": [], "failures": 0, "grade": PSEUDONYMOUS}
    add_once(WEBSITES, {"domain": domain, "owner_id": owner_id, "created_at": clock.now(), **blank})
    claim = find_claim(domain, owner_id)
    assert claim is not None
    return claim


def displace_others(website: Website) -> list[Row[Any]]:
    """Take the domain from whoever else holds it: id, domain, owner_id and lang of the websites that lost it.

    Locks the domain, and reads `website` anew.
    """
    claims = select(WEBSITES.c.id).where(WEBSITES.c.domain == website.domain).order_by(WEBSITES.c.id)
    db.session.flush()
    execute(claims.with_for_update())  # of two proofs at once the later one wins (attacks DOM-16)
    others = (WEBSITES.c.domain == website.domain, WEBSITES.c.id != website.id, WEBSITES.c.verified_since.is_not(None))
    lose = update(WEBSITES).where(*others).values(verified_since=None, verified_by=None)
    columns = WEBSITES.c
    former = list(execute(lose.returning(columns.id, columns.domain, columns.owner_id, columns.lang)))
    db.session.refresh(website)
    return former


def find_address_of(owner_id: int) -> str | None:
    """The address of a site's owner; None once it went to somebody else."""
    address: str | None = execute(select(_USERS.c.email).where(_USERS.c.id == owner_id)).scalar_one()
    return address


def find_challenge(website_id: int) -> Challenge | None:
    """The token of a claim, whether or not its time is over."""
    return db.session.get(Challenge, website_id)


def keep_challenge(website_id: int, token: str, expires_at: datetime) -> Challenge:
    """Give a claim a token, in place of one that is over; of two that are given at once one stays."""
    now = clock.now()
    execute(delete(CHALLENGES).where(CHALLENGES.c.website_id == website_id, CHALLENGES.c.expires_at <= now))
    row = {"website_id": website_id, "token": token, "created_at": now, "expires_at": expires_at}
    add_once(CHALLENGES, row)
    return db.session.get_one(Challenge, website_id, populate_existing=True)


def purge_unproven(before: datetime) -> int:
    """Forget claims from before a moment that were never proven; how many."""
    unproven = (WEBSITES.c.verified_since.is_(None), WEBSITES.c.verified_by.is_(None))
    # A claim that lost its domain to another one was looked at until then.
    old = (WEBSITES.c.created_at < before, WEBSITES.c.checked_at.is_(None) | (WEBSITES.c.checked_at < before))
    return execute(delete(WEBSITES).where(*unproven, *old)).rowcount


def lock_website(website_id: int) -> None:
    """Let nobody else lock this website before this transaction ends."""
    lock(WEBSITES, WEBSITES.c.id == website_id)


def list_secrets(website_id: int) -> list[Row[Any]]:
    """The living secrets of a website, the older one first."""
    mine = select(SECRETS).where(SECRETS.c.website_id == website_id)
    return list(execute(mine.order_by(SECRETS.c.id)))


def add_secret(website_id: int, digest: bytes, hint: str) -> None:
    """Keep the digest of a new secret."""
    row = {"website_id": website_id, "digest": digest, "hint": hint, "created_at": clock.now()}
    execute(insert(SECRETS).values(**row, last_used_at=None))


def remove_secret(website_id: int, secret_id: int) -> str | None:
    """Forget a secret of this website; its last characters, or None if there is none."""
    this = (SECRETS.c.website_id == website_id, SECRETS.c.id == secret_id)
    hint: str | None = execute(delete(SECRETS).where(*this).returning(SECRETS.c.hint)).scalar()
    return hint


def touch_secret(secret_id: int, now: datetime) -> None:
    """Note that a secret was used."""
    execute(update(SECRETS).where(SECRETS.c.id == secret_id).values(last_used_at=now))


def keep_logo(website_id: int, digest: str, png: bytes, source: str) -> None:
    """Give a website its logo, in place of an older one."""
    row = {"website_id": website_id, "digest": digest, "png": png, "source": source, "fetched_at": clock.now()}
    execute(upsert(LOGOS, row, on=("website_id",)))
    execute(update(WEBSITES).where(WEBSITES.c.id == website_id).values(logo=digest))


def remove_logo(website_id: int) -> bool:
    """Take the logo of a website away; whether it had one."""
    execute(update(WEBSITES).where(WEBSITES.c.id == website_id).values(logo=None))
    return execute(delete(LOGOS).where(LOGOS.c.website_id == website_id)).rowcount > 0


def find_logo(digest: str) -> bytes | None:
    """The picture behind an address, as long as a website is verified and not suspended that shows it."""
    these = select(LOGOS.c.png).join(WEBSITES, WEBSITES.c.id == LOGOS.c.website_id).where(LOGOS.c.digest == digest)
    png: bytes | None = execute(these.where(IS_VERIFIED).limit(1)).scalar()
    return png
