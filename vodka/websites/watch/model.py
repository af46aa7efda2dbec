"""Refused requests of a website, and reports about it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import Model


class Refusal(Model):
    """One request of a website that vodka refused: for its owners' eyes, with the reference that the browser was shown."""

    __tablename__ = "refusals"
    __table_args__ = (Index(None, "website_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    reference: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(40))  # which rule, as `errors.VodkaError.code`
    parameter: Mapped[str] = mapped_column(String(20))  # which parameter, "" where none is to blame
    shown: Mapped[str] = mapped_column(String(300))  # its value, shortened
    sentence: Mapped[str] = mapped_column(String(300))  # what was wrong, in English
    hint: Mapped[str] = mapped_column(String(300))  # what to change, in English


class Report(Model):
    """One person's report about a website; reporting again replaces it."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("website_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))  # see watch.reports
    words: Mapped[str] = mapped_column(String(500))
    closed_at: Mapped[datetime | None]  # an operator has dealt with it
