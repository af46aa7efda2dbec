"""Queries on co-owners and invitations, and on whose a website is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select, update

from vodka import clock
from vodka.accounts.model import User
from vodka.db import add_once, db, execute, lock, table, upsert
from vodka.websites.model import Website
from vodka.websites.owners.model import CoOwner, Invitation
from vodka.websites.store import IS_VERIFIED

CO_OWNERS = table(CoOwner)
INVITATIONS = table(Invitation)
_USERS = table(User)
_WEBSITES = table(Website)


def _is_kept_by(user_id: int) -> ColumnElement[bool]:
    """That somebody is the owner or a co-owner."""
    shared = select(CO_OWNERS.c.website_id).where(CO_OWNERS.c.user_id == user_id)
    return (_WEBSITES.c.owner_id == user_id) | _WEBSITES.c.id.in_(shared)


def find_kept(website_id: int, user_id: int) -> Website | None:
    """A website, for its owner or a co-owner; None for everybody else (ASVS 8.2.2)."""
    mine = select(Website).where(Website.id == website_id, _is_kept_by(user_id))
    return db.session.scalars(mine).one_or_none()


def list_kept(user_id: int) -> list[Website]:
    """The websites that somebody owns or co-owns, by domain."""
    mine = select(Website).where(_is_kept_by(user_id))
    return list(db.session.scalars(mine.order_by(Website.domain, Website.id)))


def count_owned(user_id: int) -> int:
    """How many websites somebody has claimed."""
    return int(execute(select(func.count()).where(_WEBSITES.c.owner_id == user_id)).scalar_one())


def list_co_owners(website_id: int) -> list[Row[Any]]:
    """user_id, email and joined_at of each co-owner, the oldest first."""
    people = select(CO_OWNERS.c.user_id, _USERS.c.email, CO_OWNERS.c.joined_at)
    mine = people.join(_USERS, _USERS.c.id == CO_OWNERS.c.user_id).where(CO_OWNERS.c.website_id == website_id)
    return list(execute(mine.order_by(CO_OWNERS.c.joined_at, CO_OWNERS.c.user_id)))


def add_co_owner(website_id: int, user_id: int) -> None:
    """Let somebody keep a website too; doing so twice changes nothing."""
    add_once(CO_OWNERS, {"website_id": website_id, "user_id": user_id, "joined_at": clock.now()})


def remove_co_owner(website_id: int, user_id: int) -> bool:
    """Take somebody off a website; whether they were on it."""
    this = (CO_OWNERS.c.website_id == website_id, CO_OWNERS.c.user_id == user_id)
    return execute(delete(CO_OWNERS).where(*this)).rowcount > 0


def set_owner(website_id: int, user_id: int) -> None:
    """Make somebody the owner of a website."""
    execute(update(_WEBSITES).where(_WEBSITES.c.id == website_id).values(owner_id=user_id))


def list_heirs(user_id: int) -> list[Row[Any]]:
    """website_id, domain and heir of each website of somebody that has co-owners: the oldest who can sign in comes first."""
    shared = select(CO_OWNERS.c.website_id, _WEBSITES.c.domain, CO_OWNERS.c.user_id.label("heir"))
    joined = shared.join(_WEBSITES, _WEBSITES.c.id == CO_OWNERS.c.website_id).join(
        _USERS, _USERS.c.id == CO_OWNERS.c.user_id
    )
    order = (CO_OWNERS.c.website_id, _USERS.c.disabled_at.is_not(None), CO_OWNERS.c.joined_at, CO_OWNERS.c.user_id)
    return list(execute(joined.where(_WEBSITES.c.owner_id == user_id).order_by(*order)))


def list_ending_with(user_id: int) -> list[str]:
    """The domains whose proven website is one person's alone, and goes with the account."""
    proven = select(_WEBSITES.c.domain).where(_WEBSITES.c.owner_id == user_id, _WEBSITES.c.verified_since.is_not(None))
    alone = proven.where(_WEBSITES.c.id.not_in(select(CO_OWNERS.c.website_id)))
    return list(execute(alone.order_by(_WEBSITES.c.domain)).scalars())


def lock_person(user_id: int) -> None:
    """Let one act of this person that counts websites wait for another, on either database."""
    lock(_USERS, _USERS.c.id == user_id)


def lock_owned(website_id: int, owner_id: int) -> bool:
    """Lock a website until the transaction ends; whether it is still this person's."""
    return lock(_WEBSITES, _WEBSITES.c.id == website_id, _WEBSITES.c.owner_id == owner_id) is not None


def lock_verified(website_id: int) -> str | None:
    """Lock a website until the transaction ends; its domain, or None if it is not verified now."""
    locked = lock(_WEBSITES, _WEBSITES.c.id == website_id, IS_VERIFIED)
    return locked.domain if locked else None


def delete_website(website_id: int) -> None:
    """Remove a website; all that belongs to it goes with the row."""
    execute(delete(_WEBSITES).where(_WEBSITES.c.id == website_id))


def list_invitations(website_id: int, now: datetime) -> list[Row[Any]]:
    """The living invitations of a website, the oldest first."""
    mine = select(INVITATIONS).where(INVITATIONS.c.website_id == website_id, INVITATIONS.c.expires_at > now)
    return list(execute(mine.order_by(INVITATIONS.c.created_at, INVITATIONS.c.email)))


def list_invitations_to(email: str, now: datetime) -> list[Row[Any]]:
    """website_id, domain and the inviter's address of each living invitation to an address, of websites verified now."""
    invited = select(INVITATIONS.c.website_id, _WEBSITES.c.domain, _USERS.c.email.label("inviter"))
    joined = invited.join(_WEBSITES, _WEBSITES.c.id == INVITATIONS.c.website_id).join(
        _USERS, _USERS.c.id == INVITATIONS.c.invited_by
    )
    mine = joined.where(INVITATIONS.c.email == email, INVITATIONS.c.expires_at > now, IS_VERIFIED)
    return list(execute(mine.order_by(INVITATIONS.c.created_at, INVITATIONS.c.website_id)))


def keep_invitation(website_id: int, email: str, invited_by: int, expires_at: datetime) -> None:
    """Invite an address, in place of an older invitation of it to the same website."""
    row = {"website_id": website_id, "email": email, "invited_by": invited_by}
    times = {"created_at": clock.now(), "expires_at": expires_at}
    execute(upsert(INVITATIONS, row | times, on=("website_id", "email")))


def end_invitation(website_id: int, email: str, now: datetime) -> bool:
    """Take an invitation away; whether it was living: of two at once exactly one hears True."""
    this = (INVITATIONS.c.website_id == website_id, INVITATIONS.c.email == email)
    ended = execute(delete(INVITATIONS).where(*this).returning(INVITATIONS.c.expires_at)).scalar()
    return ended is not None and ended > now


def purge_invitations(before: datetime) -> int:
    """Forget invitations that were over before a moment; how many."""
    return execute(delete(INVITATIONS).where(INVITATIONS.c.expires_at < before)).rowcount
