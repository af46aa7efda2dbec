"""Writing and counting audit events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from vodka import clock
from vodka.audit.model import AuditEvent
from vodka.audit.origin import current
from vodka.db import db, execute, table
from vodka.prepared import Prepared

EVENTS = table(AuditEvent)
_INSERT = Prepared(insert(EVENTS).inline(), ["at", "kind", "user_id", "subject", "network", "request_id", "detail"])


def add(kind: str, *, user_id: int | None = None, subject: str = "", detail: str = "") -> None:
    """Record an act in the transaction of the act itself."""
    origin = current()
    row = {"at": clock.now(), "kind": kind, "user_id": user_id, "subject": subject[:254], "detail": detail}
    _INSERT.run({**row, "network": origin.network, "request_id": origin.request_id})


def list_recent(limit: int) -> list[AuditEvent]:
    """The latest events, newest first."""
    return list(db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(limit)))


def purge(before: datetime) -> int:
    """Forget what happened before a moment; how much."""
    return execute(delete(EVENTS).where(EVENTS.c.at < before)).rowcount
