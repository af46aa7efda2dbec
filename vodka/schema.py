"""The database's schema: bringing it up to date, and telling whether it is."""

from __future__ import annotations

from typing import cast

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript, UpgradeOps
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from vodka.db import db
from vodka.paths import MIGRATIONS


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration; the connection to work on is handed over, so no URL is written down twice."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(revision: str = "head") -> None:
    """Bring the database up to a revision; of several processes that do so at once, each waits for the one before."""
    with db.engine.connect() as connection:
        # SQLite: the write lock before the first look; PostgreSQL: a lock of our own (faults F-23).
        begin = "BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "SELECT pg_advisory_lock(8467301)"
        connection.exec_driver_sql(begin)
        command.upgrade(configuration(connection), revision)
        connection.commit()


def downgrade(revision: str) -> None:
    """Take the database back to a revision."""
    with db.engine.connect() as connection:
        command.downgrade(configuration(connection), revision)
        connection.commit()


def is_current() -> bool:
    """Whether the database stands at the newest revision this code knows."""
    with db.engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_heads()
        return set(at) == set(ScriptDirectory.from_config(configuration()).get_heads())


def revise(message: str) -> bool:
    """Write a new migration from what the models say more than the database; whether there was anything to write."""
    with db.engine.connect() as connection:
        written = command.revision(
            configuration(connection), message, autogenerate=True, process_revision_directives=_without_empty
        )
        return bool(written)


def _without_empty(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    directives[:] = [script for script in directives if not cast(UpgradeOps, script.upgrade_ops).is_empty()]
