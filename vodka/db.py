"""The database: the declarative base, one kind of moment, and the one connection a request works on.

Hot stores run SQLAlchemy Core statements by `execute`, pages may use the ORM on `db.session`; both share one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    event,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC on every database; SQLite alone would give it back naive (traps C7)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Only aware moments go in."""
        if value is None:
            return None
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Only aware moments come out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all models: constraint names by convention (so that migrations can name them), moments in UTC."""

    # A registry of its own, because Flask-SQLAlchemy ignores type_annotation_map on the base (traps C6).
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UTCDateTime,
            bytes: LargeBinary,
            int: BigInteger().with_variant(Integer(), "sqlite"),
        },
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def table(model: type[Base]) -> Table:
    """The Core table of a model, for statements without the ORM."""
    found = model.__table__
    assert isinstance(found, Table)
    return found


def execute(
    statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
) -> CursorResult[Any]:
    """Run a Core statement on the connection and in the transaction of this request."""
    return db.session.connection().execute(statement, parameters)


def upsert(target: Table, row: Mapping[str, Any], on: Sequence[str]) -> Executable:
    """INSERT of one row that, where a row of the same `on` columns stands, replaces the rest of it."""
    make = sqlite_insert if is_sqlite() else postgresql_insert
    statement = make(target).values(**row)
    replaced = {name: statement.excluded[name] for name in row if name not in on}
    return statement.on_conflict_do_update(index_elements=list(on), set_=replaced)


def add_once(target: Table, row: Mapping[str, Any]) -> bool:
    """INSERT a row unless one with the same key stands; of two racing transactions exactly one hears True."""
    make = sqlite_insert if is_sqlite() else postgresql_insert
    added = make(target).on_conflict_do_nothing().returning(*target.primary_key.columns)
    return execute(added, row).first() is not None


def commit() -> None:
    """Make what happened so far durable. Called by `web.plumbing.transaction`, `onetime` and the worker, by nobody else."""
    db.session.commit()


def rollback() -> None:
    """Take back what happened since the last commit."""
    db.session.rollback()


def is_in_use() -> bool:
    """Whether this request has touched the database at all."""
    return bool(db.session.registry.has())


def is_sqlite() -> bool:
    """Whether this process works on SQLite (one writer at a time) rather than PostgreSQL."""
    return db.engine.dialect.name == "sqlite"


def engine_options(url: str) -> dict[str, Any]:
    """Flask-SQLAlchemy's engine options: how long to wait for a connection, a lock and a statement (faults F-07, F-11)."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 3, "check_same_thread": False}}
    waits = "-c statement_timeout=3000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"
    return {"pool_pre_ping": True, "pool_timeout": 2, "connect_args": {"connect_timeout": 3, "options": waits}}


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL, so that readers never wait; FULL, so that an acknowledged revocation survives a power cut (faults D1)."""
    if type(connection).__module__.startswith("sqlite3"):
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
