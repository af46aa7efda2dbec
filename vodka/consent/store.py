"""Queries on consents, releases and spent tickets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from vodka import clock
from vodka.consent.model import Consent, Release, SpentTicket
from vodka.db import add_once, db, execute, table

CONSENTS = table(Consent)
RELEASES = table(Release)
TICKETS = table(SpentTicket)
_ADD_CONSENT = insert(CONSENTS).returning(CONSENTS.c.id)
_ADD_RELEASE = insert(RELEASES)


def spend_ticket(digest: bytes, expires_at: datetime) -> bool:
    """Note that a ticket was used; False for the second of two racing requests."""
    return add_once(TICKETS, {"digest": digest, "expires_at": expires_at})


def add_consent(user_id: int, audience: str, fields: list[str]) -> int:
    """Record a decision to accept; its number."""
    row = {"user_id": user_id, "audience": audience, "fields": fields, "given_at": clock.now()}
    return int(execute(_ADD_CONSENT, {**row, "remembered_until": None, "withdrawn_at": None}).scalar_one())


def add_release(user_id: int, consent_id: int, audience: str, fields: list[str], jti: str) -> None:
    """Record that these fields were handed over under a consent."""
    row = {"user_id": user_id, "consent_id": consent_id, "audience": audience, "at": clock.now()}
    execute(_ADD_RELEASE, {**row, "fields": fields, "jti": jti})


def list_releases(user_id: int) -> list[Release]:
    """What was handed over of a person, newest first."""
    releases = select(Release).where(Release.user_id == user_id)
    return list(db.session.scalars(releases.order_by(Release.id.desc())))


def purge_tickets(before: datetime) -> int:
    """Forget spent tickets whose time was over before a moment: they are refused for that by then; how many."""
    return execute(delete(TICKETS).where(TICKETS.c.expires_at < before)).rowcount
