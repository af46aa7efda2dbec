"""Queries on people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from vodka import clock
from vodka.accounts.model import Password, PersonRecord, User
from vodka.db import add_once, db, execute, table, upsert
from vodka.errors import NotFound
from vodka.prepared import Prepared

USERS = table(User)
RECORDS = table(PersonRecord)
PASSWORDS = table(Password)

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


def find_with_password(email: str) -> Row[Any] | None:
    """The account of an address with `hash` and `changed_at` of its password, both None where there is none."""
    joined = select(USERS, PASSWORDS.c.hash, PASSWORDS.c.changed_at).outerjoin(PASSWORDS)
    return execute(joined.where(USERS.c.email == email)).one_or_none()


def password_since(user_id: int) -> datetime | None:
    """When a person set their password; None without one."""
    since: datetime | None = execute(select(PASSWORDS.c.changed_at).where(PASSWORDS.c.user_id == user_id)).scalar()
    return since


def keep_password(user_id: int, hashed: str, changed_at: datetime) -> None:
    """Keep the hash of a password, in place of the one before."""
    execute(upsert(PASSWORDS, {"user_id": user_id, "hash": hashed, "changed_at": changed_at}, on=["user_id"]))


def remove_password(user_id: int) -> bool:
    """Forget a password; whether there was one."""
    return execute(delete(PASSWORDS).where(PASSWORDS.c.user_id == user_id)).rowcount > 0


def purge_records(before: datetime) -> int:
    """Forget what was read before a moment; how many."""
    return execute(delete(RECORDS).where(RECORDS.c.read_at < before)).rowcount
