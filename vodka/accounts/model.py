"""People: the account of a proven mailbox, and what the directory last said of an address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model


class User(Model):
    """Somebody who proved a mailbox. `subject` is what every pairwise identifier is derived from, and never changes."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # None once the address went to somebody else
    sciper: Mapped[str | None] = mapped_column(String(6), unique=True)
    epoch: Mapped[int] = mapped_column(default=0)  # sessions of an earlier epoch are over: log out everywhere
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class PersonRecord(Model):
    """What the directory said of an address, kept for a day."""

    __tablename__ = "person_records"
    __table_args__ = KEYED

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16))
    person: Mapped[dict[str, object] | None] = mapped_column(JSON)
    read_at: Mapped[datetime]


class Password(Model):
    """What a person chose for programs that cannot do better; the mailbox stays the way in."""

    __tablename__ = "passwords"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(200))  # Argon2id, PHC string format
    changed_at: Mapped[datetime]
