"""One-time secrets: hashed at rest, over at a moment, good once, with a counted number of tries. One mixin, two verbs."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Row, Table, bindparam, delete, update
from sqlalchemy.orm import Mapped, mapped_column

from vodka import clock
from vodka.db import Base, commit, execute, table
from vodka.prepared import Prepared

SecretModel = type[Base]  # of a model with the mixin below


class OneTimeSecret:
    """The columns of every one-time secret; what else it is bound to stands typed in its own model."""

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)


def digest(secret: str) -> bytes:
    """What is stored of a long random secret: SHA-256 is enough for 256 random bits, and costs no time."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def handle(key: bytes) -> str:
    """The public name of a row whose key is a digest: 22 characters of it. It fits into a URL and opens nothing."""
    return urlsafe_b64encode(key).decode()[:22]


def spend_attempt(
    model: SecretModel, key: bytes, allowed: int, alongside: Callable[[Row[Any]], None] | None = None
) -> Row[Any] | None:
    """Count one try at a living secret and make the count durable *before* anything is compared; the row, or None.

    `alongside` may count elsewhere in the same commit. A try that is rolled back with its failure would not count at
    all (traps C1), and read-then-write lets parallel tries through (traps C2): hence one conditional UPDATE.
    """
    row = _spending(model).one_or_none({"key": key, "now": clock.now(), "allowed": allowed})
    if row is not None and alongside is not None:
        alongside(row)
    commit()
    return row


def consume(model: SecretModel, key: bytes) -> Row[Any] | None:
    """Use a living secret up; of two racing requests exactly one gets the row. Durable with the caller's transaction."""
    return _consuming(model).one_or_none({"key": key, "now": clock.now()})


@cache
def _spending(model: SecretModel) -> Prepared:
    secrets = table(model)
    spend = update(secrets).where(*_alive(secrets), secrets.c.attempts < bindparam("allowed"))
    return Prepared(spend.values(attempts=secrets.c.attempts + 1).returning(secrets))


@cache
def _consuming(model: SecretModel) -> Prepared:
    secrets = table(model)
    return Prepared(update(secrets).where(*_alive(secrets)).values(used_at=bindparam("now")).returning(secrets))


def _alive(secrets: Table) -> tuple[ColumnElement[bool], ...]:
    return (
        secrets.c.digest == bindparam("key"),
        secrets.c.used_at.is_(None),
        secrets.c.expires_at > bindparam("now"),
    )


def purge(model: SecretModel, before: datetime) -> int:
    """Forget secrets that were used or over before this moment; how many."""
    secrets = table(model)
    return execute(delete(secrets).where((secrets.c.expires_at < before) | (secrets.c.used_at < before))).rowcount
