"""Queries on sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

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
    .order_by(SESSIONS.c.opened_at.desc(), SESSIONS.c.digest)
)


def add(row: dict[str, object]) -> None:
    """Keep a new session."""
    _ADD.run(row)


def find_living(digest: bytes, now: datetime) -> Row[Any] | None:
    """The session with its user's email, subject and sciper, if it is alive."""
    return _LIVING.one_or_none({"digest": digest, "now": now})


def list_living(user_id: int, now: datetime) -> list[bytes]:
    """The digests of a user's living sessions, youngest first."""
    return [row.digest for row in _YOUNGEST.all({"of_user": user_id, "now": now})]


def revoke(digests: list[bytes], now: datetime) -> int:
    """End these sessions and their children; how many were alive."""
    family = SESSIONS.c.digest.in_(digests) | SESSIONS.c.parent.in_(digests)
    return execute(update(SESSIONS).where(family, SESSIONS.c.revoked_at.is_(None)).values(revoked_at=now)).rowcount


def touch(digest: bytes, now: datetime) -> None:
    """Note that the session was used."""
    execute(update(SESSIONS).where(SESSIONS.c.digest == digest).values(last_used_at=now))


def purge(before: datetime) -> int:
    """Forget sessions that ended before a moment; how many."""
    return execute(delete(SESSIONS).where(SESSIONS.c.expires_at < before)).rowcount


def purge_unused(before: datetime) -> int:
    """Forget sessions opened before a moment and never used: their cookie may have reached nobody (faults F-18); how many."""
    never = (SESSIONS.c.last_used_at == SESSIONS.c.opened_at, SESSIONS.c.parent.is_(None))
    return execute(delete(SESSIONS).where(*never, SESSIONS.c.opened_at < before)).rowcount
