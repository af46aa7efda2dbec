"""Queries on people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from vodka import clock
from vodka.accounts.model import PersonRecord, User
from vodka.db import add_once, db, execute, table, upsert
from vodka.errors import NotFound
from vodka.prepared import Prepared

USERS = table(User)
RECORDS = table(PersonRecord)

_BY_EMAIL = Prepared(select(USERS).where(USERS.c.email == bindparam("email")))
_BY_SCIPER = Prepared(select(USERS).where(USERS.c.sciper == bindparam("sciper")))
_RECORD = Prepared(select(RECORDS).where(RECORDS.c.email == bindparam("email")))


def find_by_email(email: str) -> Row[Any] | None:
    """The account that holds this address now."""
    return _BY_EMAIL.one_or_none({"email": email})


def find_by_sciper(sciper: str) -> Row[Any] | None:
    """The account of the person with this number."""
    return _BY_SCIPER.one_or_none({"sciper": sciper})


def get_user(email: str) -> User:
    """The account of an address, as a model; raises NotFound."""
    found = db.session.scalars(select(User).where(User.email == email)).one_or_none()
    if found is None:
        raise NotFound(f"no account for {email}")
    return found


def list_users() -> list[User]:
    """All accounts, oldest first."""
    return list(db.session.scalars(select(User).order_by(User.id)))


def add_user(email: str, sciper: str | None, subject: str) -> Row[Any] | None:
    """A new account; None if the same address or the same person got one in the same moment elsewhere."""
    row = {"email": email, "sciper": sciper, "subject": subject, "epoch": 0, "created_at": clock.now()}
    return find_by_email(email) if add_once(USERS, {**row, "disabled_at": None}) else None


def change_user(user_id: int, **values: object) -> Row[Any]:
    """Change columns of an account."""
    return execute(update(USERS).where(USERS.c.id == user_id).values(**values).returning(USERS)).one()


def raise_epoch(user_id: int) -> None:
    """Put an end to every session and token that was given out for this account so far."""
    execute(update(USERS).where(USERS.c.id == user_id).values(epoch=USERS.c.epoch + 1))


def delete_user(user_id: int) -> None:
    """Remove an account, and what the directory said of its address (attacks DIR-09)."""
    email = execute(delete(USERS).where(USERS.c.id == user_id).returning(USERS.c.email)).scalar_one()
    execute(delete(RECORDS).where(RECORDS.c.email == email))


def find_record(email: str) -> Row[Any] | None:
    """What the directory last said of an address."""
    return _RECORD.one_or_none({"email": email})


def keep_record(email: str, outcome: str, person: dict[str, object] | None, read_at: datetime) -> None:
    """Keep what the directory said, in place of what it said before."""
    row = {"email": email, "outcome": outcome, "person": person, "read_at": read_at}
    execute(upsert(RECORDS, row, on=["email"]))


def purge_records(before: datetime) -> int:
    """Forget what was read before a moment; how many."""
    return execute(delete(RECORDS).where(RECORDS.c.read_at < before)).rowcount
