"""Queries on questions, links, devices and guards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Integer, LargeBinary, Row, bindparam, delete, func, insert, select, text, update

from vodka import clock
from vodka.accounts.model import User
from vodka.audit.model import AuditEvent
from vodka.db import UTCDateTime, commit, execute, table
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
        select(GUARDS.c.frozen_until).where(GUARDS.c.email == bindparam("email")).scalar_subquery().label("frozen"),
    )
)
_COUNT_FAILURE = Prepared(
    text(
        "INSERT INTO address_guards (email, failures) VALUES (:email, 1)"
        " ON CONFLICT (email) DO UPDATE SET failures = address_guards.failures + 1 RETURNING failures"
    ).columns(failures=Integer)
)
_FREEZE = text(
    "INSERT INTO address_guards (email, failures, frozen_until) VALUES (:email, 0, :until)"
    " ON CONFLICT (email) DO UPDATE SET frozen_until = excluded.frozen_until"
).bindparams(bindparam("until", type_=UTCDateTime()))
_RESET_FAILURES = Prepared(update(GUARDS).where(GUARDS.c.email == bindparam("of_email")).values(failures=0))
_KEEP_DEVICE = Prepared(
    text(
        "INSERT INTO devices (digest, user_id, label, created_at, last_used_at)"
        " VALUES (:digest, :user_id, :label, :now, :now)"
        " ON CONFLICT (digest, user_id) DO UPDATE SET label = excluded.label, last_used_at = excluded.last_used_at"
        # One that was there before was made before: no two logins of a browser share a microsecond.
        " RETURNING created_at = last_used_at AND EXISTS"
        " (SELECT 1 FROM devices AS other WHERE other.user_id = :user_id AND other.digest <> :digest) AS strange"
    )
    .bindparams(bindparam("now", type_=UTCDateTime()))
    .columns(strange=Boolean)
)
_KNOWN_DEVICE = Prepared(
    select(DEVICES.c.user_id)
    .join(_USERS, _USERS.c.id == DEVICES.c.user_id)
    .where(DEVICES.c.digest == bindparam("digest"), _USERS.c.email == bindparam("email"))
    .where(DEVICES.c.last_used_at > bindparam("since"))
)
_DEVICES_OF = Prepared(
    select(DEVICES)
    .where(DEVICES.c.user_id == bindparam("of_user"), DEVICES.c.last_used_at > bindparam("since"))
    .order_by(DEVICES.c.last_used_at.desc(), DEVICES.c.digest)
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


def find_not_me(digest: bytes) -> Row[Any] | None:
    """The link of the mail whose "this was not me" this is, while that may still be said."""
    living = (LINKS.c.not_me == digest, LINKS.c.expires_at > clock.now())
    return execute(select(LINKS).where(*living)).one_or_none()


def use_not_me(digest: bytes) -> bool:
    """Say it, once: of two racing requests exactly one hears True."""
    return execute(update(LINKS).where(LINKS.c.not_me == digest).values(not_me=None)).rowcount == 1


def freeze(email: str, lane: str, until: datetime) -> None:
    """Stop the codes of an address for the browsers of a lane: those to come until a moment, and those under way."""
    execute(_FREEZE, {"email": email, "until": until})
    of_lane = (QUESTIONS.c.email == email, QUESTIONS.c.lane == lane, QUESTIONS.c.used_at.is_(None))
    execute(update(QUESTIONS).where(*of_lane).values(code_mac=None))


def is_known_device(digest: bytes, email: str, since: datetime) -> bool:
    """Whether this browser logged in to the account of this address after a moment."""
    return _KNOWN_DEVICE.one_or_none({"digest": digest, "email": email, "since": since}) is not None


def keep_device(digest: bytes, user_id: int, label: str) -> bool:
    """Remember that this browser logged in to this account now; whether it is new to an account that knows others."""
    return bool(_KEEP_DEVICE.scalar({"digest": digest, "user_id": user_id, "label": label, "now": clock.now()}))


def wrong_answers(kind: str, since: datetime, email: str) -> tuple[int, int, datetime | None]:
    """How many wrong answers the audit holds since a moment, everywhere; how many in a row there are for this address,
    and until when its owner has stopped its codes.
    """
    everywhere, here, frozen = _WRONG.one_or_none({"kind": kind, "since": since, "email": email}) or (0, 0, None)
    return everywhere, here or 0, frozen


def count_failure(email: str) -> int:
    """Count an answer as wrong until it proves right; how many in a row that makes."""
    return int(_COUNT_FAILURE.scalar({"email": email}) or 0)


def reset_failures(email: str) -> None:
    """A right answer ends the row of wrong ones."""
    _RESET_FAILURES.run({"of_email": email})


def list_devices(user_id: int, since: datetime) -> list[Row[Any]]:
    """The browsers that logged in to this account after a moment, the last one first."""
    return _DEVICES_OF.all({"of_user": user_id, "since": since})


def remove_device(digest: bytes, user_id: int) -> None:
    """Forget that this browser ever logged in to this account."""
    execute(delete(DEVICES).where(DEVICES.c.digest == digest, DEVICES.c.user_id == user_id))


def purge_devices(before: datetime) -> int:
    """Forget devices unused since a moment; how many."""
    return execute(delete(DEVICES).where(DEVICES.c.last_used_at < before)).rowcount


def purge_guards(now: datetime) -> int:
    """Forget the addresses of which nothing is counted and nothing is stopped; how many."""
    idle = (GUARDS.c.failures == 0, GUARDS.c.frozen_until.is_(None) | (GUARDS.c.frozen_until <= now))
    return execute(delete(GUARDS).where(*idle)).rowcount


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


def settle() -> None:
    """Make what was counted so far durable, and let go of its locks."""
    commit()


def purge_tallies(before: int) -> int:
    """Forget tallies untouched since a moment, in seconds since the epoch; how many."""
    return execute(delete(TALLIES).where(TALLIES.c.touched_at < before)).rowcount
