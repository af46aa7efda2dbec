"""Queries on whom a session was granted to, and who still has to hear of its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select, update

from vodka.accounts.model import User
from vodka.db import execute, table
from vodka.oauth.model import Grant
from vodka.oauth.store import CLIENTS, SITE_STANDS
from vodka.prepared import Prepared
from vodka.sessions.model import Session
from vodka.websites.store import WEBSITES

GRANTS = table(Grant)
_SESSIONS = table(Session)
_USERS = table(User)

_UNTOLD = (GRANTS.c.tells, GRANTS.c.told_at.is_(None))
# However it ended: signed out, ended from elsewhere, displaced, everything ended at once, or the account disabled. A
# session that is simply over ends nothing at a client, which keeps its own time.
_ENDED = or_(
    _SESSIONS.c.revoked_at.is_not(None),
    _SESSIONS.c.epoch != _USERS.c.epoch,
    _USERS.c.disabled_at.is_not(None),
)
_DUE = (
    select(
        GRANTS.c.client,
        GRANTS.c.session,
        GRANTS.c.user_id,
        # Under the grade anonymous each grant has a `sub` of its own.
        func.min(GRANTS.c.sub).label("sub"),
        func.count(GRANTS.c.sub.distinct()).label("subs"),
        func.max(GRANTS.c.tries).label("tries"),
        CLIENTS.c.client_id,
        CLIENTS.c.details,
        WEBSITES.c.domain,
    )
    .join(CLIENTS, CLIENTS.c.id == GRANTS.c.client)
    .outerjoin(WEBSITES, WEBSITES.c.id == CLIENTS.c.website_id)
    .join(_SESSIONS, _SESSIONS.c.digest == GRANTS.c.session)
    .join(_USERS, _USERS.c.id == _SESSIONS.c.user_id)
    .where(*_UNTOLD, GRANTS.c.tries < bindparam("allowed"), _SESSIONS.c.expires_at > bindparam("now"))
    .where(or_(GRANTS.c.tell_after.is_(None), GRANTS.c.tell_after <= bindparam("now")))
    .where(_ENDED, SITE_STANDS)  # to a lost domain nothing is told any more
    .group_by(GRANTS.c.client, GRANTS.c.session, GRANTS.c.user_id)
    .group_by(CLIENTS.c.client_id, CLIENTS.c.details, WEBSITES.c.domain)
    .order_by(GRANTS.c.session, GRANTS.c.client)
)
_OF_SESSION = Prepared(
    select(CLIENTS.c.client_id, CLIENTS.c.details)
    .join(GRANTS, GRANTS.c.client == CLIENTS.c.id)
    .outerjoin(WEBSITES, WEBSITES.c.id == CLIENTS.c.website_id)
    .where(GRANTS.c.session == bindparam("of_session"), SITE_STANDS)
    .distinct()
    .order_by(CLIENTS.c.client_id)
)


def list_clients_of(session: bytes) -> list[Any]:
    """The clients that somebody signed in to with this session: client_id and details."""
    return _OF_SESSION.all({"of_session": session})


def list_due(now: datetime, allowed: int, most: int, session: bytes | None = None) -> list[Row[Any]]:
    """Clients that have to hear of an ended session now, one row for each of the two; of one session, or of any."""
    of_one = _DUE.where(GRANTS.c.session == session) if session is not None else _DUE
    return list(execute(of_one.limit(most), {"now": now, "allowed": allowed}))


def claim(client: int, session: bytes, now: datetime, again: datetime) -> bool:
    """Count a try, the next of which is due at `again`; False if somebody else has just begun one."""
    free = or_(GRANTS.c.tell_after.is_(None), GRANTS.c.tell_after <= now)
    taken = update(GRANTS).where(GRANTS.c.client == client, GRANTS.c.session == session, *_UNTOLD, free)
    return execute(taken.values(tries=GRANTS.c.tries + 1, tell_after=again)).rowcount > 0


def mark_told(client: int, session: bytes, now: datetime) -> None:
    """The client has heard of the end of this session."""
    execute(update(GRANTS).where(GRANTS.c.client == client, GRANTS.c.session == session, *_UNTOLD).values(told_at=now))
