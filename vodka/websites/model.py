"""Relying sites: who owns a domain, since when it is proven, what the site asks for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
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
    approved_words: Mapped[str | None] = mapped_column(String(400))  # by an operator: see websites.asking
    privacy_url: Mapped[str] = mapped_column(String(300), server_default="")
    terms_url: Mapped[str] = mapped_column(String(300), server_default="")
    logo: Mapped[str | None] = mapped_column(String(32))  # the digest in its address, see Logo
    grade: Mapped[str] = mapped_column(String(16), server_default="personal")  # see accounts.fields.GRADES
    reason: Mapped[str] = mapped_column(String(300), server_default="")  # why the grade is personal
    fields: Mapped[list[dict[str, object]]] = mapped_column(JSON)  # see accounts.fields.Wanted
    callbacks: Mapped[list[str]] = mapped_column(JSON)  # exact redirects; empty: any under the domain
    response_mode: Mapped[str] = mapped_column(String(16), server_default="query")  # see websites.answering
    origins: Mapped[list[str]] = mapped_column(JSON, server_default="[]")  # whose pages may read answers (CORS)
    lang: Mapped[str] = mapped_column(String(8), server_default="en")  # of the mails to its owners
    created_at: Mapped[datetime]
    verified_since: Mapped[datetime | None]
    verified_by: Mapped[str | None] = mapped_column(String(16))  # dns, file, meta, operator
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


class SiteSecret(Model):
    """A secret with which a website's server redeems codes: of a website at most two live at a time."""

    __tablename__ = "site_secrets"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    hint: Mapped[str] = mapped_column(String(8))  # its last characters, to tell two apart
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class Logo(Model):
    """A website's picture as vodka made it anew, whatever the owner's server had sent."""

    __tablename__ = "logos"

    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), index=True)
    png: Mapped[bytes]
    source: Mapped[str] = mapped_column(String(2048))
    fetched_at: Mapped[datetime]
