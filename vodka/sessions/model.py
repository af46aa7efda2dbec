"""The session."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model


class Session(Model):
    """One login, alive while the row says so: not revoked, not over, of its user's present epoch."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id", "opened_at"), KEYED)

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    parent: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)  # a child ends with its parent
    opened_at: Mapped[datetime]
    authenticated_at: Mapped[datetime]  # auth_time, OIDC Core §2
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    epoch: Mapped[int]
    methods: Mapped[str] = mapped_column(String(64))  # amr, RFC 8176, separated by spaces
    device: Mapped[str] = mapped_column(String(64))  # "Firefox on Linux"
    place: Mapped[str] = mapped_column(String(64))  # "EPFL network"
    ended_by: Mapped[str | None] = mapped_column(String(16))  # with revoked_at: "holder", or "limit" (SES-19)
