"""The codes that a website's server redeems for a DATA_JWT; applications behind a proxy, and being let in there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model
from vodka.onetime import OneTimeSecret


class SiteCode(OneTimeSecret, Model):
    """What was accepted, until the website's server fetches it: bound to the website, the session and the consent."""

    __tablename__ = "site_codes"
    __table_args__ = KEYED

    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    session: Mapped[bytes] = mapped_column(LargeBinary(32))  # the digest: ended meanwhile, the code is worth nothing
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id", ondelete="CASCADE"))
    sealed: Mapped[bytes]  # the ticket and the accepted values (handoff.redeem)


class Application(Model):
    """What a website keeps behind a reverse proxy that asks vodka: one origin and path, and who may pass."""

    __tablename__ = "applications"
    __table_args__ = (UniqueConstraint("website_id", "origin", "path"), Index(None, "origin"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"))
    origin: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(300))  # with a slash at both ends, see handoff.scope
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)  # see handoff.passing
    networks: Mapped[list[str]] = mapped_column(JSON)  # of proxies that need no secret
    created_at: Mapped[datetime]


class ProxySecret(Model):
    """A secret with which a proxy proves itself: of an application at most two live at a time."""

    __tablename__ = "proxy_secrets"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]


class ScopedCode(OneTimeSecret, Model):
    """What a browser carries to an application after the login (FLOWS scoped login 5), and what it stands for."""

    __tablename__ = "scoped_codes"
    __table_args__ = KEYED

    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    session: Mapped[bytes] = mapped_column(LargeBinary(32))  # the global one: the code does not outlive it
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id", ondelete="CASCADE"), index=True)
    grade: Mapped[str] = mapped_column(String(16))  # under which they agreed, see accounts.fields.GRADES
    sub: Mapped[str | None] = mapped_column(String(64))  # pairwise; None where the application learns of nobody
    fields: Mapped[list[str]] = mapped_column(JSON)  # that the person agreed to


class ScopedSession(Model):
    """Being let in at one application, as long as the global session and the consent live (FLOWS long term session)."""

    __tablename__ = "scoped_sessions"
    __table_args__ = KEYED

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    session: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id", ondelete="CASCADE"), index=True)
    sub: Mapped[str | None] = mapped_column(String(64))
    fields: Mapped[list[str]] = mapped_column(JSON)
    opened_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
