"""Queries on consents, releases and spent tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, bindparam, delete, insert, select, text

from vodka import clock
from vodka.consent.model import Consent, Release, SpentTicket
from vodka.db import UTCDateTime, db, execute, table
from vodka.prepared import Prepared

CONSENTS = table(Consent)
RELEASES = table(Release)
TICKETS = table(SpentTicket)
_ADD_CONSENT = Prepared(
    insert(CONSENTS).returning(CONSENTS.c.id),
    ["user_id", "audience", "fields", "given_at", "remembered_until", "withdrawn_at"],
)
_ADD_RELEASE = Prepared(
    insert(RELEASES).inline(),
    ["user_id", "consent_id", "audience", "at", "fields", "jti"],
)
# Of two racing requests exactly one gets the row back.
_SPEND = Prepared(
    text(
        "INSERT INTO spent_tickets (digest, expires_at) VALUES (:digest, :over) ON CONFLICT DO NOTHING RETURNING digest"
    )
    .bindparams(bindparam("over", type_=UTCDateTime()))
    .columns(digest=LargeBinary)
)


def spend_ticket(digest: bytes, expires_at: datetime) -> bool:
    """Note that a ticket was used; False for the second of two racing requests."""
    return _SPEND.one_or_none({"digest": digest, "over": expires_at}) is not None


def add_consent(user_id: int, audience: str, fields: list[str]) -> int:
    """Record a decision to accept; its number."""
    row = {"user_id": user_id, "audience": audience, "fields": fields, "given_at": clock.now()}
    return int(_ADD_CONSENT.scalar({**row, "remembered_until": None, "withdrawn_at": None}) or 0)


def add_release(user_id: int, consent_id: int, audience: str, fields: list[str], jti: str) -> None:
    """Record that these fields were handed over under a consent."""
    row = {"user_id": user_id, "consent_id": consent_id, "audience": audience, "at": clock.now()}
    _ADD_RELEASE.run({**row, "fields": fields, "jti": jti})


def list_releases(user_id: int) -> list[Release]:
    """What was handed over of a person, newest first."""
    releases = select(Release).where(Release.user_id == user_id)
    return list(db.session.scalars(releases.order_by(Release.id.desc())))


def purge_tickets(before: datetime) -> int:
    """Forget spent tickets whose time was over before a moment: they are refused for that by then; how many."""
    return execute(delete(TICKETS).where(TICKETS.c.expires_at < before)).rowcount
