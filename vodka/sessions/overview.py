"""What somebody sees of their own sessions, and what they can end of them (ASVS 7.5.2, attacks SES-14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.audit import store as audit
from vodka.errors import NotFound
from vodka.onetime import handle
from vodka.sessions import store
from vodka.sessions.lifecycle import LiveSession


@dataclass(frozen=True)
class Seen:
    """A living session as its holder sees it, its children below it. `handle` names it, and is of no other use."""

    handle: str
    digest: bytes
    device: str
    place: str
    opened_at: datetime
    last_used_at: datetime
    children: tuple[Seen, ...] = ()


@dataclass(frozen=True)
class Displaced:
    """A session that ended because a newer one took its place (attacks SES-19)."""

    device: str
    ended_at: datetime


def list_for(user_id: int) -> list[Seen]:
    """The living sessions of a user, the one used last first; a child stands below its parent."""
    rows = store.list_of_user(user_id, clock.now())
    return [_seen(row, rows) for row in rows if row.parent is None]


def last_displaced(user_id: int) -> Displaced | None:
    """The session that was the last to make room for a newer one, while it would still live."""
    row = store.find_displaced(user_id, clock.now())
    return Displaced(row.device, row.revoked_at) if row is not None else None


def end_one(user_id: int, email: str, name: str) -> Seen:
    """End the session of this handle, with its children; which one it was.

    Raises NotFound unless it is a living one of this very user.
    """
    now = clock.now()
    found = next((row for row in store.list_of_user(user_id, now) if handle(row.digest) == name), None)
    if found is None:
        raise NotFound("no living session of this person has this handle")
    store.revoke([found.digest], now, "holder")
    audit.add("session.ended", user_id=user_id, subject=email, detail=found.device)
    return _seen(found, ())


def end_others(session: LiveSession) -> int:
    """End every session of this person but the present one and its children; how many."""
    now = clock.now()
    rows = store.list_of_user(session.user_id, now)
    others = [row.digest for row in rows if session.digest not in (row.digest, row.parent)]
    ended = store.revoke(others, now, "holder")
    if ended:
        audit.add("session.others_ended", user_id=session.user_id, subject=session.email, detail=f"{ended} ended")
    return ended


def _seen(row: Row[Any], all_rows: Iterable[Row[Any]]) -> Seen:
    children = tuple(_seen(child, ()) for child in all_rows if child.parent == row.digest)
    about = (row.device, row.place, row.opened_at, row.last_used_at)
    return Seen(handle(row.digest), row.digest, *about, children=children)
