"""The database: the declarative base, one kind of moment, and the one connection a request works on.

Hot stores run prepared statements (`vodka.prepared`), others SQLAlchemy Core by `execute`, pages may use the ORM on
`db.session`: all share one connection and one transaction for each application context.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, g
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    event,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

lent: ContextVar[Connection | None] = ContextVar("lent", default=None)  # by vodka.reader


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC on every database; SQLite alone would give it back naive (traps C7)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Only aware moments go in; SQLite keeps them as text that sorts like time."""
        return _as_text if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002
        """Only aware moments come out."""
        return _from_text if dialect.name == "sqlite" else _in_utc


def _as_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


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


class OneConnectionSession(Session):
    """The ORM's session, on the connection that everything else in this context uses too."""

    def get_bind(self, *_args: Any, **_kwargs: Any) -> Connection:
        """Our connection; Flask-SQLAlchemy would take another one out of the pool."""
        return connection()


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=True,
    session_options={"class_": OneConnectionSession, "join_transaction_mode": "control_fully"},
)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


# For tables whose key is a digest: SQLite keeps the rows in the key's own tree, not in a second one beside it.
KEYED = {"sqlite_with_rowid": False}


def table(model: type[Base]) -> Table:
    """The Core table of a model, for statements without the ORM."""
    found = model.__table__
    assert isinstance(found, Table)
    return found


def init_app(app: Flask) -> None:
    """Give an app its engine; a connection that a context took goes back to the pool at its end."""
    db.init_app(app)
    app.teardown_appcontext(_give_back)


def connection() -> Connection:
    """The connection of this application context, in a transaction; taken from the pool at its first use."""
    if (borrowed := lent.get()) is not None:
        return borrowed
    taken: Connection | None = g.get("connection")
    if taken is None:
        taken = g.connection = db.engine.connect()
    if not taken.in_transaction():
        taken.begin()
    return taken


def execute(
    statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
) -> CursorResult[Any]:
    """Run a Core statement in the transaction of this request."""
    return connection().execute(statement, parameters)


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


def lock(target: Table, *which: ColumnElement[bool]) -> Row[Any] | None:
    """Let nobody else lock a row before this transaction ends; the row as it is then, or None if there is none."""
    # A change of nothing: it locks the row on PostgreSQL and the file on SQLite, where FOR UPDATE does not exist.
    unchanged = {column.name: column for column in target.primary_key.columns}
    return execute(update(target).where(*which).values(unchanged).returning(*target.columns)).first()


def commit() -> None:
    """Make what happened so far durable: at the end of a request or a job, and in the few stores that say why not later."""
    try:
        if db.session.registry.has():
            db.session.commit()
        if is_in_use() and g.connection.in_transaction():
            g.connection.commit()
    except DBAPIError:
        # SQLAlchemy takes the transaction for ended; SQLite may keep it open, and the next request would commit it.
        if is_in_use():
            g.connection.invalidate()
            g.pop("connection").close()
        raise


def rollback() -> None:
    """Take back what happened since the last commit."""
    if db.session.registry.has():
        db.session.rollback()
    if is_in_use() and g.connection.in_transaction():
        g.connection.rollback()


def checkpoint() -> None:
    """Write SQLite's log back into the file, beside the requests instead of inside one of them; PostgreSQL does so itself."""
    if is_sqlite():
        execute(text("PRAGMA wal_checkpoint(PASSIVE)"))


def is_in_use() -> bool:
    """Whether this context has touched the database at all."""
    return "connection" in g


def _give_back(_error: BaseException | None) -> None:
    """End the session before the connection it works on; what was not committed is rolled back by the pool."""
    db.session.remove()
    taken: Connection | None = g.pop("connection", None)
    if taken is not None:
        taken.close()


def is_sqlite() -> bool:
    """Whether this process works on SQLite (one writer at a time) rather than PostgreSQL."""
    return db.engine.dialect.name == "sqlite"


def engine_options(url: str) -> dict[str, Any]:
    """Flask-SQLAlchemy's engine options: how long to wait for a connection, a lock and a statement (faults F-07, F-11)."""
    quiet = {"hide_parameters": True}  # the values of a statement that failed stay out of every log
    if url.startswith("sqlite"):
        return {**quiet, "connect_args": {"timeout": 3, "check_same_thread": False}}
    waits = "-c statement_timeout=3000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"
    return {**quiet, "pool_pre_ping": True, "pool_timeout": 2, "connect_args": {"connect_timeout": 3, "options": waits}}


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL, so that readers never wait; FULL, so that an acknowledged revocation survives a power cut (faults D1)."""
    if type(connection).__module__.startswith("sqlite3"):
        # The worker writes the log back every few seconds; a request does so only when there is no worker.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=8000"):
            connection.execute(f"PRAGMA {pragma}")
