"""Queries on consents, releases and spent tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    LargeBinary,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from vodka import clock
from vodka.consent.model import Consent, Release, SpentTicket
from vodka.db import UTCDateTime, execute, table
from vodka.prepared import Prepared

CONSENTS = table(Consent)
RELEASES = table(Release)
TICKETS = table(SpentTicket)
_ADD_CONSENT = Prepared(
    insert(CONSENTS).returning(CONSENTS.c.id),
    ["user_id", "audience", "fields", "given_at", "remembered_until", "withdrawn_at", "digest", "client", "session"],
)
_NEWEST_CONSENT = Prepared(
    select(CONSENTS)
    .where(CONSENTS.c.user_id == bindparam("of_user"), CONSENTS.c.audience == bindparam("at_site"))
    .where(func.coalesce(CONSENTS.c.client, "") == bindparam("by_client"))
    .order_by(CONSENTS.c.id.desc())
    .limit(1)
)
_ADD_RELEASE = Prepared(
    insert(RELEASES).inline(),
    ["user_id", "consent_id", "audience", "at", "fields", "grade", "jti"],
)
# Of two racing requests exactly one gets the row back.
_SPEND = Prepared(
    text(
        "INSERT INTO spent_tickets (digest, expires_at) VALUES (:digest, :over) ON CONFLICT DO NOTHING RETURNING digest"
    )
    .bindparams(bindparam("over", type_=UTCDateTime()))
    .columns(digest=LargeBinary)
)


def _terms(consent: Any) -> tuple[Any, ...]:
    return consent.given_at, consent.remembered_until, consent.withdrawn_at, consent.session


def _sites() -> Select[Any]:
    """From the newest consent of each asker at a site to the site's last release: a code that nobody fetched has none."""
    of_user: BindParameter[int] = bindparam("of_user")
    last = select(RELEASES.c.audience, func.max(RELEASES.c.id).label("id"), func.count().label("times"))
    last_of_each = last.where(RELEASES.c.user_id == of_user).group_by(RELEASES.c.audience).subquery()
    asker = (CONSENTS.c.audience, func.coalesce(CONSENTS.c.client, ""))
    newest = select(func.max(CONSENTS.c.id)).where(CONSENTS.c.user_id == of_user).group_by(*asker)
    at = func.coalesce(RELEASES.c.at, CONSENTS.c.given_at).label("at")
    fields = func.coalesce(RELEASES.c.fields, CONSENTS.c.fields).label("fields")
    times = func.coalesce(last_of_each.c.times, 0).label("times")
    sites = (
        select(CONSENTS.c.audience, at, fields, RELEASES.c.grade, times, *_terms(CONSENTS.c))
        .outerjoin(last_of_each, last_of_each.c.audience == CONSENTS.c.audience)
        .outerjoin(RELEASES, RELEASES.c.id == last_of_each.c.id)
        .where(CONSENTS.c.id.in_(newest), RELEASES.c.id.is_not(None) | CONSENTS.c.remembered_until.is_not(None))
    )
    return sites.order_by(at.desc(), CONSENTS.c.id.desc())


_SITES = Prepared(_sites())


def spend_ticket(digest: bytes, expires_at: datetime) -> bool:
    """Note that a ticket was used; False for the second of two racing requests."""
    return _SPEND.one_or_none({"digest": digest, "over": expires_at}) is not None


def add_consent(
    user_id: int,
    audience: str,
    fields: list[str],
    until: datetime | None = None,
    digest: bytes | None = None,
    client: str | None = None,
    session: bytes | None = None,
) -> int:
    """Record a decision to accept, and until when it is remembered, or with which login; its number."""
    row = {"user_id": user_id, "audience": audience, "fields": fields, "given_at": clock.now(), "client": client}
    remembered = {"remembered_until": until, "withdrawn_at": None, "digest": digest, "session": session}
    return int(_ADD_CONSENT.scalar(row | remembered) or 0)


def find_newest_consent(user_id: int, audience: str, client: str | None = None) -> Row[Any] | None:
    """The decision that counts at a site, for the site itself or one of its clients: the newest one, in whatever state."""
    return _NEWEST_CONSENT.one_or_none({"of_user": user_id, "at_site": audience, "by_client": client or ""})


def is_standing(user_id: int, consent_id: int) -> bool:
    """Whether one decision of a person was not withdrawn."""
    this = (CONSENTS.c.user_id == user_id, CONSENTS.c.id == consent_id, CONSENTS.c.withdrawn_at.is_(None))
    return execute(select(CONSENTS.c.id).where(*this)).first() is not None


def withdraw_consents(user_id: int, audience: str) -> int:
    """Withdraw every consent given to a site; how many stood."""
    standing = (CONSENTS.c.user_id == user_id, CONSENTS.c.audience == audience, CONSENTS.c.withdrawn_at.is_(None))
    return execute(update(CONSENTS).where(*standing).values(withdrawn_at=clock.now())).rowcount


def add_release(user_id: int, consent_id: int, audience: str, fields: list[str], grade: str, jti: str) -> None:
    """Record that these fields were handed over under a consent."""
    row = {"user_id": user_id, "consent_id": consent_id, "audience": audience, "at": clock.now()}
    _ADD_RELEASE.run({**row, "fields": fields, "grade": grade, "jti": jti})


def list_sites(user_id: int) -> list[Row[Any]]:
    """For each site that received something of a person, or may, a row for each asker there (the site itself, each client): the
    site's last release, the number of its releases, and the newest consent of the asker, the newest first.
    """
    return _SITES.all({"of_user": user_id})


def list_releases_to(user_id: int, audience: str) -> list[Row[Any]]:
    """Each hand-over of a person to one site, newest first, with the consent that allowed it."""
    releases = select(RELEASES.c.at, RELEASES.c.fields, RELEASES.c.grade, *_terms(CONSENTS.c)).outerjoin(CONSENTS)
    these = releases.where(RELEASES.c.user_id == user_id, RELEASES.c.audience == audience)
    return list(execute(these.order_by(RELEASES.c.id.desc())))


def count_releases(audience: str, moments: Sequence[datetime]) -> list[int]:
    """How many hand-overs there were between each moment and the next, to a site or, by a `%` at the end, to several."""
    counts = [func.count().filter(RELEASES.c.at >= a, RELEASES.c.at < b) for a, b in pairwise(moments)]
    these = (_of(audience), RELEASES.c.at >= moments[0])
    return list(execute(select(*counts).where(*these)).one())


def last_release(audience: str, since: datetime) -> datetime | None:
    """When something was last handed over to a site, or several, after a moment."""
    these = (_of(audience), RELEASES.c.at >= since)
    last: datetime | None = execute(select(func.max(RELEASES.c.at)).where(*these)).scalar_one()
    return last


def _of(audience: str) -> ColumnElement[bool]:
    # Equality finds its way through the index on both databases, LIKE does not.
    return RELEASES.c.audience.like(audience) if audience.endswith("%") else RELEASES.c.audience == audience


def purge_tickets(before: datetime) -> int:
    """Forget spent tickets whose time was over before a moment: they are refused for that by then; how many."""
    return execute(delete(TICKETS).where(TICKETS.c.expires_at < before)).rowcount
