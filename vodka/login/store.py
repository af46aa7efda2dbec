"""Queries on questions, links, devices and guards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, TextClause, bindparam, delete, insert, select, text, update

from vodka import clock
from vodka.accounts.model import User
from vodka.db import execute, table, upsert
from vodka.login.model import AddressGuard, Device, MagicLink, Question, Tally

QUESTIONS = table(Question)
LINKS = table(MagicLink)
DEVICES = table(Device)
GUARDS = table(AddressGuard)
TALLIES = table(Tally)
_USERS = table(User)

_ADD_QUESTION = insert(QUESTIONS)
_ADD_LINK = insert(LINKS)
_RETIRE = (
    update(QUESTIONS)
    .where(QUESTIONS.c.email == bindparam("of_email"), QUESTIONS.c.lane == bindparam("of_lane"))
    .where(QUESTIONS.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(QUESTIONS.c.digest, QUESTIONS.c.created_at)
)
_RETIRE_LINKS = update(LINKS).where(LINKS.c.used_at.is_(None)).values(used_at=bindparam("now"))
_FAILURES = select(GUARDS.c.failures).where(GUARDS.c.email == bindparam("email"))
_KNOWN_DEVICE = (
    select(DEVICES.c.user_id)
    .join(_USERS, _USERS.c.id == DEVICES.c.user_id)
    .where(DEVICES.c.digest == bindparam("digest"), _USERS.c.email == bindparam("email"))
    .where(DEVICES.c.last_used_at > bindparam("since"))
)
_WRITE_TALLY = text("UPDATE tallies SET hits = :hits WHERE key = :key")


def add_question(row: dict[str, object]) -> None:
    """Keep a new question."""
    execute(_ADD_QUESTION, {"created_at": clock.now(), "used_at": None, "attempts": 0, **row})


def add_link(row: dict[str, object]) -> None:
    """Keep a new magic link."""
    execute(_ADD_LINK, {"created_at": clock.now(), "used_at": None, "attempts": 0, **row})


def retire_questions(email: str, lane: str) -> list[datetime]:
    """End the open questions of this address and lane, and their links; when they were asked."""
    now = clock.now()
    retired = execute(_RETIRE, {"of_email": email, "of_lane": lane, "now": now}).all()
    for question in retired:
        retire_links(question.digest)
    return [question.created_at for question in retired]


def retire_links(question: bytes) -> None:
    """End the links that were mailed with a question."""
    execute(_RETIRE_LINKS.where(LINKS.c.question == question), {"now": clock.now()})


def find_question(digest: bytes) -> Row[Any] | None:
    """A question, in whatever state."""
    return execute(select(QUESTIONS).where(QUESTIONS.c.digest == digest)).one_or_none()


def find_link(digest: bytes) -> Row[Any] | None:
    """A magic link, in whatever state."""
    return execute(select(LINKS).where(LINKS.c.digest == digest)).one_or_none()


def is_known_device(digest: bytes, email: str, since: datetime) -> bool:
    """Whether this browser logged in to the account of this address after a moment."""
    found = execute(_KNOWN_DEVICE, {"digest": digest, "email": email, "since": since})
    return found.first() is not None


def keep_device(digest: bytes, user_id: int, label: str) -> None:
    """Remember that this browser logged in to this account now."""
    now = clock.now()
    renew = update(DEVICES).where(DEVICES.c.digest == digest, DEVICES.c.user_id == user_id)
    if execute(renew.values(last_used_at=now, label=label)).rowcount == 0:
        row = {"digest": digest, "user_id": user_id, "label": label, "created_at": now, "last_used_at": now}
        execute(insert(DEVICES).values(**row))


def failures(email: str) -> int:
    """Wrong answers in a row for this address."""
    return execute(_FAILURES, {"email": email}).scalar() or 0


def count_failure(email: str) -> int:
    """Count an answer as wrong until it proves right; how many in a row that makes."""
    raised = update(GUARDS).where(GUARDS.c.email == email).values(failures=GUARDS.c.failures + 1)
    counted = execute(raised.returning(GUARDS.c.failures)).scalar()
    if counted is None:
        execute(upsert(GUARDS, {"email": email, "failures": 1}, on=["email"]))
        counted = 1
    return int(counted)


def reset_failures(email: str) -> None:
    """A right answer ends the row of wrong ones."""
    execute(update(GUARDS).where(GUARDS.c.email == email).values(failures=0))


def purge_devices(before: datetime) -> int:
    """Forget devices unused since a moment; how many."""
    return execute(delete(DEVICES).where(DEVICES.c.last_used_at < before)).rowcount


def lock_tallies(keys: Collection[bytes], now: int) -> dict[bytes, bytes]:
    """The hits of these tallies, locked until the transaction ends; in sorted order, so that no two wait for each other."""
    named = {f"key{number}": key for number, key in enumerate(sorted(keys))}
    rows = execute(_locking(len(keys)), {**named, "empty": b"", "now": now}).all()
    return {bytes(row.key): bytes(row.hits) for row in rows}


@lru_cache
def _locking(count: int) -> TextClause:
    rows = ", ".join(f"(:key{number}, :empty, :now)" for number in range(count))
    return text(
        f"INSERT INTO tallies (key, hits, touched_at) VALUES {rows}"  # noqa: S608 - only numbers are put in
        " ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at RETURNING key, hits"
    )


def write_tallies(hits: Mapping[bytes, bytes]) -> None:
    """Write the hits of tallies that are locked."""
    execute(_WRITE_TALLY, [{"key": key, "hits": packed} for key, packed in hits.items()])


def purge_tallies(before: int) -> int:
    """Forget tallies untouched since a moment, in seconds since the epoch; how many."""
    return execute(delete(TALLIES).where(TALLIES.c.touched_at < before)).rowcount
