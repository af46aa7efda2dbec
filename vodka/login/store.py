"""Queries on questions, links, devices and guards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, LargeBinary, Row, bindparam, delete, func, insert, select, text, update

from vodka import clock
from vodka.accounts.model import User
from vodka.audit.model import AuditEvent
from vodka.db import UTCDateTime, execute, table
from vodka.login.model import AddressGuard, Device, MagicLink, Question, Tally
from vodka.prepared import Prepared

QUESTIONS = table(Question)
LINKS = table(MagicLink)
DEVICES = table(Device)
GUARDS = table(AddressGuard)
TALLIES = table(Tally)
EVENTS = table(AuditEvent)
_USERS = table(User)

_ADD_QUESTION = Prepared(insert(QUESTIONS), QUESTIONS.c.keys())
_ADD_LINK = Prepared(insert(LINKS), LINKS.c.keys())
_RETIRE = Prepared(
    update(QUESTIONS)
    .where(QUESTIONS.c.email == bindparam("of_email"), QUESTIONS.c.lane == bindparam("of_lane"))
    .where(QUESTIONS.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(QUESTIONS.c.digest, QUESTIONS.c.created_at)
)
_RETIRE_LINKS = Prepared(
    update(LINKS)
    .where(LINKS.c.question == bindparam("of_question"), LINKS.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
)
_QUESTION = Prepared(select(QUESTIONS).where(QUESTIONS.c.digest == bindparam("digest")))
_WRONG = Prepared(
    select(
        select(func.count())
        .where(EVENTS.c.kind == bindparam("kind"), EVENTS.c.at > bindparam("since"))
        .scalar_subquery()
        .label("everywhere"),
        select(GUARDS.c.failures).where(GUARDS.c.email == bindparam("email")).scalar_subquery().label("here"),
    )
)
_COUNT_FAILURE = Prepared(
    text(
        "INSERT INTO address_guards (email, failures) VALUES (:email, 1)"
        " ON CONFLICT (email) DO UPDATE SET failures = address_guards.failures + 1 RETURNING failures"
    ).columns(failures=Integer)
)
_RESET_FAILURES = Prepared(update(GUARDS).where(GUARDS.c.email == bindparam("of_email")).values(failures=0))
_KEEP_DEVICE = Prepared(
    text(
        "INSERT INTO devices (digest, user_id, label, created_at, last_used_at)"
        " VALUES (:digest, :user_id, :label, :now, :now)"
        " ON CONFLICT (digest, user_id) DO UPDATE SET label = excluded.label, last_used_at = excluded.last_used_at"
    ).bindparams(bindparam("now", type_=UTCDateTime()))
)
_KNOWN_DEVICE = Prepared(
    select(DEVICES.c.user_id)
    .join(_USERS, _USERS.c.id == DEVICES.c.user_id)
    .where(DEVICES.c.digest == bindparam("digest"), _USERS.c.email == bindparam("email"))
    .where(DEVICES.c.last_used_at > bindparam("since"))
)
_WRITE_TALLY = Prepared(update(TALLIES).where(TALLIES.c.key == bindparam("of_key")).values(hits=bindparam("new")))


def add_question(row: dict[str, object]) -> None:
    """Keep a new question."""
    _ADD_QUESTION.run({"created_at": clock.now(), "used_at": None, "attempts": 0, **row})


def add_link(row: dict[str, object]) -> None:
    """Keep a new magic link."""
    _ADD_LINK.run({"created_at": clock.now(), "used_at": None, "attempts": 0, **row})


def retire_questions(email: str, lane: str) -> list[datetime]:
    """End the open questions of this address and lane, and their links; when they were asked."""
    now = clock.now()
    retired = _RETIRE.all({"of_email": email, "of_lane": lane, "now": now})
    for question in retired:
        retire_links(question.digest)
    return [question.created_at for question in retired]


def retire_links(question: bytes) -> None:
    """End the links that were mailed with a question."""
    _RETIRE_LINKS.run({"of_question": question, "now": clock.now()})


def find_question(digest: bytes) -> Row[Any] | None:
    """A question, in whatever state."""
    return _QUESTION.one_or_none({"digest": digest})


def find_link(digest: bytes) -> Row[Any] | None:
    """A magic link, in whatever state."""
    return execute(select(LINKS).where(LINKS.c.digest == digest)).one_or_none()


def is_known_device(digest: bytes, email: str, since: datetime) -> bool:
    """Whether this browser logged in to the account of this address after a moment."""
    return _KNOWN_DEVICE.one_or_none({"digest": digest, "email": email, "since": since}) is not None


def keep_device(digest: bytes, user_id: int, label: str) -> None:
    """Remember that this browser logged in to this account now."""
    _KEEP_DEVICE.run({"digest": digest, "user_id": user_id, "label": label, "now": clock.now()})


def wrong_answers(kind: str, since: datetime, email: str) -> tuple[int, int]:
    """How many wrong answers the audit holds since a moment, everywhere, and how many in a row there are for this address."""
    everywhere, here = _WRONG.one_or_none({"kind": kind, "since": since, "email": email}) or (0, 0)
    return everywhere, here or 0


def count_failure(email: str) -> int:
    """Count an answer as wrong until it proves right; how many in a row that makes."""
    return int(_COUNT_FAILURE.scalar({"email": email}) or 0)


def reset_failures(email: str) -> None:
    """A right answer ends the row of wrong ones."""
    _RESET_FAILURES.run({"of_email": email})


def purge_devices(before: datetime) -> int:
    """Forget devices unused since a moment; how many."""
    return execute(delete(DEVICES).where(DEVICES.c.last_used_at < before)).rowcount


def lock_tallies(keys: Collection[bytes], now: int) -> dict[bytes, bytes]:
    """The hits of these tallies, locked until the transaction ends; in sorted order, so that no two wait for each other."""
    named = {f"key{number}": key for number, key in enumerate(sorted(keys))}
    rows = _locking(len(keys)).all({**named, "empty": b"", "now": now})
    return {row.key: row.hits for row in rows}


@lru_cache
def _locking(count: int) -> Prepared:
    rows = ", ".join(f"(:key{number}, :empty, :now)" for number in range(count))
    lock = text(
        f"INSERT INTO tallies (key, hits, touched_at) VALUES {rows}"  # noqa: S608 - only numbers are put in
        " ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at RETURNING key, hits"
    )
    return Prepared(lock.columns(key=LargeBinary, hits=LargeBinary))


def write_tallies(hits: Mapping[bytes, bytes]) -> None:
    """Write the hits of tallies that are locked."""
    _WRITE_TALLY.run_many({"of_key": key, "new": packed} for key, packed in hits.items())


def purge_tallies(before: int) -> int:
    """Forget tallies untouched since a moment, in seconds since the epoch; how many."""
    return execute(delete(TALLIES).where(TALLIES.c.touched_at < before)).rowcount
