"""Queries on codes that websites redeem. Spending one is `onetime`'s."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from vodka import clock
from vodka.accounts.model import User
from vodka.db import execute, table
from vodka.handoff.model import SiteCode

CODES = table(SiteCode)
_USERS = table(User)


def add_code(
    digest: bytes,
    expires_at: datetime,
    *,
    website_id: int,
    user_id: int,
    session: bytes,
    consent_id: int,
    sealed: bytes,
) -> None:
    """Keep what a code stands for."""
    bound_to = {"website_id": website_id, "user_id": user_id, "session": session, "consent_id": consent_id}
    times = {"created_at": clock.now(), "expires_at": expires_at, "used_at": None, "attempts": 0}
    execute(insert(CODES).values(digest=digest, sealed=sealed, **times, **bound_to))


def find_holder_of_used(digest: bytes, website_id: int) -> str | None:
    """Whose code this was, by address, if this website has redeemed it before."""
    used = (CODES.c.digest == digest, CODES.c.website_id == website_id, CODES.c.used_at.is_not(None))
    email: str | None = execute(select(_USERS.c.email).join(CODES).where(*used)).scalar()
    return email
