"""Queries on passkeys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from vodka import clock
from vodka.accounts.model import User
from vodka.db import add_once, execute, table
from vodka.login.passkeys.model import Passkey, PasskeyChallenge, PasskeyHolder

PASSKEYS = table(Passkey)
HOLDERS = table(PasskeyHolder)
CHALLENGES = table(PasskeyChallenge)
_USERS = table(User)
_OF_USER = select(PASSKEYS).where(PASSKEYS.c.user_id == bindparam("of_user")).order_by(PASSKEYS.c.id)


def add_challenge(row: Mapping[str, object]) -> None:
    """Keep a new challenge."""
    execute(insert(CHALLENGES).values(created_at=clock.now(), attempts=0, **row))


def handle_of(user_id: int, fresh: bytes) -> bytes:
    """The handle of an account: the one that it has, else this fresh one."""
    add_once(HOLDERS, {"user_id": user_id, "handle": fresh})
    handle: bytes = execute(select(HOLDERS.c.handle).where(HOLDERS.c.user_id == user_id)).scalar_one()
    return handle


def add(row: Mapping[str, object]) -> bool:
    """Keep a new passkey; False if its credential is known already, whose ever it is (WebAuthn §7.1 step 26)."""
    return add_once(PASSKEYS, {"created_at": clock.now(), "last_used_at": None, **row})


def list_of(user_id: int) -> list[Row[Any]]:
    """An account's passkeys, oldest first."""
    return list(execute(_OF_USER, {"of_user": user_id}))


def count_of(user_id: int) -> int:
    """How many passkeys an account has."""
    return int(execute(select(func.count()).where(PASSKEYS.c.user_id == user_id)).scalar_one())


def find(credential_id: bytes, since: datetime) -> Row[Any] | None:
    """The passkey of this credential, made after a moment, with what is known of its holder."""
    holder = (HOLDERS.c.handle, _USERS.c.email, _USERS.c.subject, _USERS.c.sciper, _USERS.c.epoch, _USERS.c.disabled_at)
    known = select(PASSKEYS, *holder).join(_USERS, _USERS.c.id == PASSKEYS.c.user_id)
    known = known.join(HOLDERS, HOLDERS.c.user_id == PASSKEYS.c.user_id)
    return execute(known.where(PASSKEYS.c.credential_id == credential_id, PASSKEYS.c.created_at > since)).one_or_none()


def count_use(passkey_id: int, sign_count: int) -> bool:
    """Note a use, and the authenticator's own count of uses; False if that count did not go up.

    One conditional UPDATE, so that of two copies that sign with the same count only one is believed.
    """
    # WebAuthn §6.1.1: a count that is 0 and stays 0 is that of an authenticator that does not count.
    rises = PASSKEYS.c.sign_count < sign_count if sign_count else PASSKEYS.c.sign_count == 0
    used = update(PASSKEYS).where(PASSKEYS.c.id == passkey_id, rises)
    return execute(used.values(sign_count=sign_count, last_used_at=clock.now())).rowcount == 1


def rename(user_id: int, passkey_id: int, name: str) -> bool:
    """Give a passkey of this account another name; False if it has no such passkey."""
    mine = (PASSKEYS.c.id == passkey_id, PASSKEYS.c.user_id == user_id)
    return execute(update(PASSKEYS).where(*mine).values(name=name)).rowcount == 1


def remove(user_id: int, passkey_id: int) -> bool:
    """Forget a passkey of this account; False if it has no such passkey."""
    mine = (PASSKEYS.c.id == passkey_id, PASSKEYS.c.user_id == user_id)
    return execute(delete(PASSKEYS).where(*mine)).rowcount == 1


def purge(before: datetime) -> int:
    """Forget passkeys made before a moment; how many."""
    return execute(delete(PASSKEYS).where(PASSKEYS.c.created_at < before)).rowcount
