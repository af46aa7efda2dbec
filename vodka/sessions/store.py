"""Queries on sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, insert, literal, select, update

from vodka.accounts.model import User
from vodka.db import execute, table
from vodka.prepared import Prepared
from vodka.sessions.model import Session

SESSIONS = table(Session)
_USERS = table(User)

_ADD = Prepared(insert(SESSIONS), SESSIONS.c.keys())
# Everything that makes a session alive, in the one look that each request takes.
_LIVING = Prepared(
    select(SESSIONS, _USERS.c.email, _USERS.c.subject, _USERS.c.sciper)
    .join(_USERS, _USERS.c.id == SESSIONS.c.user_id)
    .where(SESSIONS.c.digest == bindparam("digest"), SESSIONS.c.expires_at > bindparam("now"))
    .where(SESSIONS.c.revoked_at.is_(None), SESSIONS.c.epoch == _USERS.c.epoch)
    .where(_USERS.c.disabled_at.is_(None), _USERS.c.email.is_not(None))
)
_YOUNGEST = Prepared(
    select(SESSIONS.c.digest)
    .where(SESSIONS.c.user_id == bindparam("of_user"), SESSIONS.c.parent.is_(None))
    .where(SESSIONS.c.revoked_at.is_(None), SESSIONS.c.expires_at > bindparam("now"))
    .where(SESSIONS.c.epoch == bindparam("of_epoch"))
    .order_by(SESSIONS.c.opened_at.desc(), SESSIONS.c.digest)
)

_OF_USER = Prepared(
    select(SESSIONS)
    .join(_USERS, _USERS.c.id == SESSIONS.c.user_id)
    .where(_USERS.c.id == bindparam("of_user"), SESSIONS.c.expires_at > bindparam("now"))
    .where(SESSIONS.c.revoked_at.is_(None), SESSIONS.c.epoch == _USERS.c.epoch)
    .order_by(SESSIONS.c.last_used_at.desc(), SESSIONS.c.digest)
)
_DISPLACED = Prepared(
    select(SESSIONS)
    .where(SESSIONS.c.user_id == bindparam("of_user"), SESSIONS.c.ended_by == literal("limit"))
    .where(SESSIONS.c.parent.is_(None), SESSIONS.c.expires_at > bindparam("now"))
    .order_by(SESSIONS.c.revoked_at.desc(), SESSIONS.c.digest)
    .limit(1)
)


def add(row: dict[str, object]) -> None:
    """Keep a new session."""
    _ADD.run(row)


def find_living(digest: bytes, now: datetime) -> Row[Any] | None:
    """The session with its user's email, subject and sciper, if it is alive."""
    return _LIVING.one_or_none({"digest": digest, "now": now})


def list_living(user_id: int, epoch: int, now: datetime) -> list[bytes]:
    """The digests of a user's living sessions, children left out, youngest first."""
    return [row.digest for row in _YOUNGEST.all({"of_user": user_id, "of_epoch": epoch, "now": now})]


def list_of_user(user_id: int, now: datetime) -> list[Row[Any]]:
    """A user's living sessions, the one used last first."""
    return _OF_USER.all({"of_user": user_id, "now": now})


def find_displaced(user_id: int, now: datetime) -> Row[Any] | None:
    """The last session of a user that made room for a newer one and would live without it."""
    return _DISPLACED.one_or_none({"of_user": user_id, "now": now})


def revoke(digests: list[bytes], now: datetime, ended_by: str) -> int:
    """End these sessions and their children; how many were alive."""
    family = SESSIONS.c.digest.in_(digests) | SESSIONS.c.parent.in_(digests)
    end = update(SESSIONS).where(family, SESSIONS.c.revoked_at.is_(None))
    return execute(end.values(revoked_at=now, ended_by=ended_by)).rowcount


def touch(digest: bytes, now: datetime) -> None:
    """Note that the session was used."""
    execute(update(SESSIONS).where(SESSIONS.c.digest == digest).values(last_used_at=now))


def purge(before: datetime) -> int:
    """Forget sessions that ended before a moment; how many."""
    return execute(delete(SESSIONS).where(_ended(before))).rowcount


def forget_places(before: datetime) -> int:
    """Forget where sessions were opened that ended before a moment; how many."""
    return execute(update(SESSIONS).where(_ended(before), SESSIONS.c.place != "").values(place="")).rowcount


def _ended(before: datetime) -> ColumnElement[bool]:
    return (SESSIONS.c.expires_at < before) | (SESSIONS.c.revoked_at < before)


def purge_unused(before: datetime) -> int:
    """Forget sessions opened before a moment and never used: their cookie may have reached nobody (faults F-18); how many."""
    never = (SESSIONS.c.last_used_at == SESSIONS.c.opened_at, SESSIONS.c.parent.is_(None))
    return execute(delete(SESSIONS).where(*never, SESSIONS.c.opened_at < before)).rowcount
