"""Single reads without an application context: for what is asked before Flask, on every request of every protected site."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from vodka.db import db, lent

Result = TypeVar("Result")
Memory = dict[Any, Any]
_DRIVERS = (sqlite3.Error,)  # what is asked of the driver itself raises its own
_REMEMBERED = 1024  # entries in the memory of one thread


class Reader:
    """Reads on a connection that each thread keeps.

    Each statement is a transaction of its own, so that it sees all that was committed before it began. `memory` is a
    dictionary for what was read: it is empty as soon as anybody, in any process, has committed anything since.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._kept = threading.local()

    def read(self, act: Callable[[Memory], Result]) -> Result:
        """Do something that reads, with prepared statements alone; raises DBAPIError and its kinds."""
        kept: Connection | None = getattr(self._kept, "connection", None)
        if kept is None:
            kept = self._kept.connection = self._taken()
        before = lent.set(kept)
        try:
            return act(self._memory())
        except (DBAPIError, *_DRIVERS):
            kept.invalidate()  # it may be broken, and the next read takes another
            self.close()
            raise
        finally:
            lent.reset(before)

    def close(self) -> None:
        """Give back the connection of this thread."""
        kept: Connection | None = getattr(self._kept, "connection", None)
        if kept is not None:
            self._kept.connection = None
            kept.close()

    def _memory(self) -> Memory:
        # SQLite's data_version is another number, to one connection, after each commit of another one: this one never
        # writes, so the same number means that nothing has changed. PostgreSQL has no such thing, and is always asked.
        if (cursor := self._kept.cursor) is None:
            return {}
        version = cursor.execute("PRAGMA data_version").fetchone()
        if version != self._kept.version or len(self._kept.memory) >= _REMEMBERED:
            self._kept.version, self._kept.memory = version, {}
        memory: Memory = self._kept.memory
        return memory

    def _taken(self) -> Connection:
        with self._app.app_context():
            engine = db.engine
        taken = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._kept.cursor = taken.connection.cursor() if engine.dialect.name == "sqlite" else None
        self._kept.version, self._kept.memory = None, {}
        return taken
