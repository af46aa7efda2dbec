"""Co-owners and invitations. The owner is a column of the website itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model


class CoOwner(Model):
    """Somebody who keeps a website together with its owner."""

    __tablename__ = "co_owners"
    __table_args__ = KEYED

    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    joined_at: Mapped[datetime]


class Invitation(Model):
    """An address that may join: whoever is signed in with it sees the invitation, so that no secret has to travel."""

    __tablename__ = "invitations"
    __table_args__ = KEYED

    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), primary_key=True, index=True)
    invited_by: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
