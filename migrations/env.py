"""Alembic's environment: works on the connection that `vodka.schema` hands over, batch mode on for SQLite."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from vodka import models
from vodka.db import Base, UTCDateTime

assert models  # every model is imported, so the metadata is whole


def _written(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Write our own column type as the plain one below it, so that old migrations never need new code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, UTCDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_written,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
