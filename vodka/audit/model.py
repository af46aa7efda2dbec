"""The audit event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import Model


class AuditEvent(Model):
    """One act: when, what, by whom, from where, with which result. Holds no secret and no token, only their ids."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "kind", "at"), Index(None, "user_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None]
    subject: Mapped[str] = mapped_column(String(254))  # what it was done to: an address, a domain, a key id
    network: Mapped[str] = mapped_column(String(45))  # the client's address, shortened
    request_id: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text)
