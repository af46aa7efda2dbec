"""Queries on consents, releases and spent tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Row, bindparam, delete, func, insert, select, text, update

from vodka import clock
from vodka.consent.model import Consent, Release, SpentTicket
from vodka.db import UTCDateTime, db, execute, table
from vodka.prepared import Prepared

CONSENTS = table(Consent)
RELEASES = table(Release)
TICKETS = table(SpentTicket)
_ADD_CONSENT = Prepared(
    insert(CONSENTS).returning(CONSENTS.c.id),
    ["user_id", "audience", "fields", "given_at", "remembered_until", "withdrawn_at", "digest"],
)
_NEWEST_CONSENT = Prepared(
    select(CONSENTS)
    .where(CONSENTS.c.user_id == bindparam("of_user"), CONSENTS.c.audience == bindparam("at_site"))
    .order_by(CONSENTS.c.id.desc())
    .limit(1)
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


def add_consent(
    user_id: int, audience: str, fields: list[str], until: datetime | None = None, digest: bytes | None = None
) -> int:
    """Record a decision to accept, and until when it is remembered; its number."""
    row = {"user_id": user_id, "audience": audience, "fields": fields, "given_at": clock.now()}
    return int(_ADD_CONSENT.scalar({**row, "remembered_until": until, "withdrawn_at": None, "digest": digest}) or 0)


def find_newest_consent(user_id: int, audience: str) -> Row[Any] | None:
    """The decision that counts at a site: the newest one, in whatever state."""
    return _NEWEST_CONSENT.one_or_none({"of_user": user_id, "at_site": audience})


def is_standing(user_id: int, consent_id: int) -> bool:
    """Whether one decision of a person was not withdrawn."""
    this = (CONSENTS.c.user_id == user_id, CONSENTS.c.id == consent_id, CONSENTS.c.withdrawn_at.is_(None))
    return execute(select(CONSENTS.c.id).where(*this)).first() is not None


def withdraw_consents(user_id: int, audience: str) -> int:
    """Withdraw every consent given to a site; how many stood."""
    standing = (CONSENTS.c.user_id == user_id, CONSENTS.c.audience == audience, CONSENTS.c.withdrawn_at.is_(None))
    return execute(update(CONSENTS).where(*standing).values(withdrawn_at=clock.now())).rowcount


def add_release(user_id: int, consent_id: int, audience: str, fields: list[str], jti: str) -> None:
    """Record that these fields were handed over under a consent."""
    row = {"user_id": user_id, "consent_id": consent_id, "audience": audience, "at": clock.now()}
    _ADD_RELEASE.run({**row, "fields": fields, "jti": jti})


def list_releases(user_id: int) -> list[Release]:
    """What was handed over of a person, newest first."""
    releases = select(Release).where(Release.user_id == user_id)
    return list(db.session.scalars(releases.order_by(Release.id.desc())))


def list_sites(user_id: int) -> list[Row[Any]]:
    """One row for each site that received something of a person: its last release, how many there were, its newest consent."""
    mine = RELEASES.c.user_id == user_id
    last = select(func.max(RELEASES.c.id).label("id"), func.count().label("times")).where(mine)
    last_of_each = last.group_by(RELEASES.c.audience).subquery()
    newest = select(func.max(CONSENTS.c.id)).where(CONSENTS.c.user_id == user_id).group_by(CONSENTS.c.audience)
    counting = select(CONSENTS).where(CONSENTS.c.id.in_(newest)).subquery()
    sites = (
        select(RELEASES.c.audience, RELEASES.c.at, RELEASES.c.fields, last_of_each.c.times, *_terms(counting.c))
        .join(last_of_each, last_of_each.c.id == RELEASES.c.id)
        .outerjoin(counting, counting.c.audience == RELEASES.c.audience)
    )
    return list(execute(sites.order_by(RELEASES.c.id.desc())))


def list_releases_to(user_id: int, audience: str) -> list[Row[Any]]:
    """Each hand-over of a person to one site, newest first, with the consent that allowed it."""
    releases = select(RELEASES.c.at, RELEASES.c.fields, *_terms(CONSENTS.c)).outerjoin(CONSENTS)
    these = releases.where(RELEASES.c.user_id == user_id, RELEASES.c.audience == audience)
    return list(execute(these.order_by(RELEASES.c.id.desc())))


def _terms(consent: Any) -> tuple[Any, ...]:
    return consent.given_at, consent.remembered_until, consent.withdrawn_at


def purge_tickets(before: datetime) -> int:
    """Forget spent tickets whose time was over before a moment: they are refused for that by then; how many."""
    return execute(delete(TICKETS).where(TICKETS.c.expires_at < before)).rowcount
