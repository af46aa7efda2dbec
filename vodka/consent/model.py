"""Consents, releases, and the tickets of consent pages that were used up."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model

# "Until I withdraw": a moment that never comes, so that one comparison says whether a consent is still remembered.
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class Consent(Model):
    """One decision to accept: which fields, for which site, until when it may stand in for asking again.

    The newest decision for a site is the one that counts there.
    """

    __tablename__ = "consents"
    __table_args__ = (Index(None, "user_id", "audience"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    audience: Mapped[str] = mapped_column(String(300))
    fields: Mapped[list[str]] = mapped_column(JSON)
    given_at: Mapped[datetime]
    remembered_until: Mapped[datetime | None]  # None: just this once
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # of what may go out unasked, see consent.remembered
    client: Mapped[str | None] = mapped_column(
        String(300)
    )  # the client_id that asked; None: the site itself, at /authorize
    session: Mapped[bytes | None] = mapped_column(
        LargeBinary(32)
    )  # as long as this login lives, a client need not ask again
    withdrawn_at: Mapped[datetime | None]


class Release(Model):
    """One hand-over: what a site was told, when, under which consent."""

    __tablename__ = "releases"
    __table_args__ = (Index(None, "user_id", "at"), Index(None, "audience", "at"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consents.id", ondelete="SET NULL"))
    audience: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    fields: Mapped[list[str]] = mapped_column(JSON)
    grade: Mapped[str] = mapped_column(String(16), server_default="personal")  # see accounts.fields.GRADES
    jti: Mapped[str] = mapped_column(String(32))


class SpentTicket(Model):
    """A consent page's ticket that was used: the row's existence is what makes a second use fail."""

    __tablename__ = "spent_tickets"
    __table_args__ = KEYED

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime]
