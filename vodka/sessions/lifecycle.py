"""Opening, finding and ending sessions (SPEC B.2, C). Ending acts with the answer, on every worker: each request asks the row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from vodka import clock
from vodka.accounts import store as accounts
from vodka.accounts.authentication import Authentication
from vodka.audit import store as audit
from vodka.limits import Limits
from vodka.onetime import digest
from vodka.randomness import token
from vodka.sessions import store

_TOUCH_INTERVAL = timedelta(minutes=10)  # last use is shown roughly, and costs a write


@dataclass(frozen=True)
class LiveSession:
    """The session behind a request, alive at the moment of asking."""

    sid: str  # in the browser's hands only; the database knows its digest
    digest: bytes
    user_id: int
    email: str
    subject: str
    sciper: str | None
    authenticated_at: datetime
    expires_at: datetime
    last_used_at: datetime
    is_unused: bool  # nobody has shown its cookie yet
    epoch: int
    methods: str  # amr, RFC 8176, separated by spaces


def open_session(proven: Authentication, limits: Limits, *, device: str, place: str) -> LiveSession:
    """Open a session for what was proven; beyond the allowed number the oldest ones end (attacks SES-19)."""
    now, over = clock.now(), clock.after(limits.session_lifetime)
    sid = token()
    surplus = store.list_living(proven.user_id, proven.epoch, now)[limits.sessions_per_user - 1 :]
    if surplus:
        store.revoke(surplus, now, "limit")
        audit.add("session.displaced", user_id=proven.user_id, subject=proven.email, detail=f"{len(surplus)} ended")
    store.add(
        {
            "digest": digest(sid),
            "user_id": proven.user_id,
            "parent": None,
            "opened_at": now,
            "authenticated_at": proven.at,
            "last_used_at": now,
            "expires_at": over,
            "revoked_at": None,
            "ended_by": None,
            "epoch": proven.epoch,
            "methods": " ".join(proven.methods),
            "device": device,
            "place": place,
        }
    )
    who = (proven.user_id, proven.email, proven.subject, proven.sciper)
    return LiveSession(
        sid,
        digest(sid),
        *who,
        proven.at,
        over,
        now,
        is_unused=True,
        epoch=proven.epoch,
        methods=" ".join(proven.methods),
    )


def find(sid: str) -> LiveSession | None:
    """The living session of this id: not over, not revoked, of its user's present epoch, of a user who may log in."""
    return _living(digest(sid), sid)


def find_by_digest(key: bytes) -> LiveSession | None:
    """The same for what was bound to a session: its `sid` is in its browser only, and empty here."""
    return _living(key, "")


def _living(key: bytes, sid: str) -> LiveSession | None:
    row = store.find_living(key, clock.now())
    if row is None:
        return None
    who = (row.user_id, row.email, row.subject, row.sciper)
    times = (row.authenticated_at, row.expires_at, row.last_used_at)
    is_unused = row.last_used_at == row.opened_at
    return LiveSession(sid, row.digest, *who, *times, is_unused=is_unused, epoch=row.epoch, methods=row.methods)


def touch(session: LiveSession) -> None:
    """Note the first use of a session, which saves it from the sweeper, and later ones every ten minutes."""
    now = clock.now()
    if session.is_unused or now - session.last_used_at >= _TOUCH_INTERVAL:
        store.touch(session.digest, now)


def end(session: LiveSession) -> None:
    """End this session and its children (SPEC C.a)."""
    if store.revoke([session.digest], clock.now(), "holder"):
        audit.add("logout", user_id=session.user_id, subject=session.email)


def end_all(user_id: int, email: str) -> None:
    """End every session of a user at once (SPEC C.b, with a count in place of a time: two acts in a second stay apart)."""
    accounts.raise_epoch(user_id)
    audit.add("logout.everywhere", user_id=user_id, subject=email)
