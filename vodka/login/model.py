"""What a login leaves in the database: the question, the link, known devices, counters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model
from vodka.onetime import OneTimeSecret


class Question(OneTimeSecret, Model):
    """One request for a code (SPEC 1); `digest` is that of QUESTION_ID, which itself is kept nowhere."""

    __tablename__ = "questions"
    __table_args__ = (Index(None, "email", "lane"), KEYED)

    email: Mapped[str] = mapped_column(String(254))
    lane: Mapped[str] = mapped_column(String(64))  # a known device's own, or the one that all other browsers share
    code_mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # None: the mail carries only the link
    return_to: Mapped[str] = mapped_column(Text)


class MagicLink(OneTimeSecret, Model):
    """The link in the same mail (FLOWS 5), good only together with the QUESTION_ID of the browser that asked."""

    __tablename__ = "magic_links"
    __table_args__ = KEYED

    question: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    email: Mapped[str] = mapped_column(String(254))
    return_to: Mapped[str] = mapped_column(Text)
    # The other link of the mail, "this was not me": a digest, None once it was used. It lives as long as this one would.
    not_me: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True, unique=True)
    asker: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # the key of the tally of whoever asked: a MAC


class Device(Model):
    """A browser that logged in to an account before: it has a lane of its own, which strangers cannot use up."""

    __tablename__ = "devices"
    __table_args__ = KEYED

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    label: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class AddressGuard(Model):
    """One address over all its questions: wrong answers in a row, and until when its owner has stopped the codes."""

    __tablename__ = "address_guards"
    __table_args__ = KEYED

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    frozen_until: Mapped[datetime | None]


class Tally(Model):
    """When something limited was done, by whom: the key is a MAC, so that no address of anybody stands here."""

    __tablename__ = "tallies"
    __table_args__ = KEYED

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    hits: Mapped[bytes]  # seconds since the epoch, four bytes each, oldest first
    touched_at: Mapped[int]  # seconds since the epoch
