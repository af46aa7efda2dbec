"""What passkeys leave in the database: no secret, only public keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model
from vodka.onetime import OneTimeSecret


class PasskeyHolder(Model):
    """The name under which authenticators know an account: random, so that it tells nobody anything (WebAuthn §14.6.1)."""

    __tablename__ = "passkey_holders"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    handle: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


class Passkey(Model):
    """One credential of one account: the credential record of WebAuthn §4, as far as vodka needs it."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes]  # COSE_Key (RFC 9052 §7)
    sign_count: Mapped[int]
    is_synced: Mapped[bool]  # backup eligible: the key may leave the device it was made on (WebAuthn §6.1.3)
    name: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(OneTimeSecret, Model):
    """A challenge for one ceremony in one browser; `digest` is that of the challenge."""

    __tablename__ = "passkey_challenges"
    __table_args__ = KEYED

    purpose: Mapped[str] = mapped_column(String(8))  # "add", "sign in"
    browser: Mapped[bytes] = mapped_column(LargeBinary(32))  # digest of the PASSKEY_ID that the browser holds
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)  # who adds
    return_to: Mapped[str] = mapped_column(Text)
