"""The signing keys as they are kept: the private part sealed, the public part as it is published."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import Model


class SigningKey(Model):
    """One asymmetric key. It signs from `active_from` until a younger key does, and is published until `retired_at`."""

    __tablename__ = "signing_keys"
    # Two processes that start at once both try to make generation 1; one of them wins (faults F-23).
    __table_args__ = (UniqueConstraint("algorithm", "generation"),)

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(16))
    generation: Mapped[int]
    public: Mapped[str] = mapped_column(Text)  # JWK, JSON
    private: Mapped[bytes]  # JWK, JSON, sealed
    created_at: Mapped[datetime]
    active_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
