"""Queries on signing keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from vodka.db import add_once, db, execute, table
from vodka.keys.model import SigningKey

KEYS = table(SigningKey)


def list_published(now: datetime) -> list[SigningKey]:
    """The keys whose public part is to be seen, oldest first: neither withdrawn nor retired."""
    living = select(SigningKey).where(SigningKey.withdrawn_at.is_(None))
    rows = db.session.scalars(living.order_by(SigningKey.generation))
    return [key for key in rows if key.retired_at is None or key.retired_at > now]


def list_all() -> list[SigningKey]:
    """Every key there ever was, oldest first."""
    return list(db.session.scalars(select(SigningKey).order_by(SigningKey.algorithm, SigningKey.generation)))


def add(row: dict[str, object]) -> bool:
    """Keep a new key, unless another process made this generation first: then that one counts (faults F-23)."""
    return add_once(KEYS, row)


def retire_older(algorithm: str, generation: int, at: datetime) -> None:
    """Stop publishing the keys before this generation at the given moment, unless they stop earlier."""
    older = (KEYS.c.algorithm == algorithm, KEYS.c.generation < generation, KEYS.c.retired_at.is_(None))
    execute(update(KEYS).where(*older).values(retired_at=at))


def withdraw(kid: str, at: datetime) -> bool:
    """Withdraw a key at once; whether it was there."""
    return execute(update(KEYS).where(KEYS.c.kid == kid).values(withdrawn_at=at)).rowcount == 1
