"""The promised mails, and the lease by which one worker at a time sends them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model


class OutboxMail(Model):
    """One promised mail. It waits until it is sent or dropped; then it stays a day, for operators and the mailbox page."""

    __tablename__ = "outbox_mails"
    __table_args__ = KEYED

    id: Mapped[str] = mapped_column(String(22), primary_key=True)  # also the left part of its Message-ID
    kind: Mapped[str] = mapped_column(String(32))  # the folder of its templates, such as "login_code"
    to_address: Mapped[str] = mapped_column(String(254))
    lang: Mapped[str] = mapped_column(String(8))
    sealed: Mapped[bytes]  # what the templates need, JSON: it holds the code and the link
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # When to look at it again: at once, after a refusal later, while it is being sent not before the sender must be
    # done; None once it was sent or dropped, so that the index finds what is due and nothing else.
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    drop_reason: Mapped[str | None] = mapped_column(String(200))


class WorkerLease(Model):
    """Who may work until when; a holder that died keeps nobody out for longer."""

    __tablename__ = "worker_leases"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(22))
    until: Mapped[datetime]
