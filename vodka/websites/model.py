"""Relying sites: who owns a domain, since when it is proven, what the site asks for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import Model


class Website(Model):
    """One person's claim to a domain; of all claims to one domain at most one is verified."""

    __tablename__ = "websites"
    __table_args__ = (
        UniqueConstraint("domain", "owner_id"),
        Index(
            "uq_websites_verified_domain",
            "domain",
            unique=True,
            sqlite_where=text("verified_since IS NOT NULL"),
            postgresql_where=text("verified_since IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    domain: Mapped[str] = mapped_column(String(253), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(300))
    fields: Mapped[list[dict[str, object]]] = mapped_column(JSON)  # see websites.fields
    callbacks: Mapped[list[str]] = mapped_column(JSON)  # exact redirects; empty: any under the domain
    created_at: Mapped[datetime]
    verified_since: Mapped[datetime | None]
    verified_by: Mapped[str | None] = mapped_column(String(16))  # dns, file, operator
    seen_at: Mapped[datetime | None]  # the last good look at the proof
    checked_at: Mapped[datetime | None]  # the last look, good or not
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    suspended_why: Mapped[str | None] = mapped_column(String(16))  # proof, operator


class Challenge(Model):
    """The token with which one person proves one domain; it is published, so it is no secret."""

    __tablename__ = "challenges"

    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"), primary_key=True)
    token: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
