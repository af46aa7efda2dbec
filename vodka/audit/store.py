"""Writing events, and the queries of the chain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, Select, bindparam, column, delete, func, insert, select, update
from sqlalchemy import table as plain_table

from vodka import clock
from vodka.audit.model import AuditEvent, AuditHead
from vodka.audit.origin import current
from vodka.db import add_once, db, execute, lock, table
from vodka.prepared import Prepared
from vodka.randomness import identifier

EVENTS = table(AuditEvent)
HEAD = table(AuditHead)
ERASED = "erased:"  # how the subject of an event begins whose person was forgotten
_THE_HEAD = 1
_BATCH = 500

_USERS = plain_table("users", column("id"), column("email"))
# What strangers do to an address is in the history of the account that holds the address at that moment.
_HOLDER = select(_USERS.c.id).where(_USERS.c.email == bindparam("holder")).scalar_subquery()
_INSERT = Prepared(
    insert(EVENTS)
    .inline()
    .values(
        at=bindparam("now", type_=EVENTS.c.at.type),
        kind=bindparam("what"),
        user_id=func.coalesce(bindparam("who", type_=EVENTS.c.user_id.type), _HOLDER),
        subject=bindparam("whom"),
        network=bindparam("whence"),
        request_id=bindparam("request"),
        detail=bindparam("result"),
    )
)
_SEALED = ("place", "chained", "person_salt", "person_digest", "network_salt", "network_digest")
_SEAL = Prepared(
    update(EVENTS)
    .where(EVENTS.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}", type_=EVENTS.c[name].type) for name in _SEALED})
)


def add(kind: str, *, user_id: int | None = None, subject: str = "", detail: str = "") -> None:
    """Record an act in the transaction of the act itself; without a user it is that of who holds the address `subject`."""
    origin = current()
    about = {"who": user_id, "holder": subject, "whom": subject[:254], "result": detail}
    _INSERT.run({"now": clock.now(), "what": kind, "whence": origin.network, "request": origin.request_id, **about})


def list_recent(limit: int) -> list[AuditEvent]:
    """The latest events, newest first."""
    return list(db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(limit)))


def list_of(user_id: int, kinds: Collection[str], limit: int, offset: int = 0) -> list[Row[Any]]:
    """The events of these kinds in one account, newest first."""
    return list(execute(_of_user(frozenset(kinds)), {"of_user": user_id, "most": limit, "left_out": offset}))


@cache
def _of_user(kinds: frozenset[str]) -> Select[Any]:
    of_user = select(EVENTS).where(EVENTS.c.user_id == bindparam("of_user"), EVENTS.c.kind.in_(sorted(kinds)))
    newest = of_user.order_by(EVENTS.c.at.desc(), EVENTS.c.id.desc())
    return newest.limit(bindparam("most")).offset(bindparam("left_out"))


def count_about(kind: str, subject: str, moments: Sequence[datetime]) -> list[int]:
    """How many events of a kind about something, or by a `%` at its end several, there were between each moment and the next."""
    counts = [func.count().filter(EVENTS.c.at >= a, EVENTS.c.at < b) for a, b in pairwise(moments)]
    these = (EVENTS.c.kind == kind, EVENTS.c.subject.like(subject), EVENTS.c.at >= moments[0])
    return list(execute(select(*counts).where(*these)).one())


def find_moment(kind: str, subject: str, since: datetime, *, user_id: int | None = None, last: bool) -> datetime | None:
    """When the first or the last event of a kind about something, of one account or of any, was after a moment."""
    these = [EVENTS.c.kind == kind, EVENTS.c.subject == subject, EVENTS.c.at >= since]
    if user_id is not None:
        these.append(EVENTS.c.user_id == user_id)
    which = func.max(EVENTS.c.at) if last else func.min(EVENTS.c.at)
    found: datetime | None = execute(select(which).where(*these)).scalar_one()
    return found


def forget_person(user_id: int, email: str | None) -> int:
    """Take a person out of every event: one pseudonym for all of theirs, no address and no account; how many events.

    The acts stay, and so does the chain.
    """
    pseudonym = ERASED + identifier()
    theirs = EVENTS.c.user_id == user_id
    nobodys = EVENTS.c.user_id.is_(None) & (EVENTS.c.subject == email)  # from before there was the account
    of_person = theirs if email is None else theirs | nobodys
    return execute(update(EVENTS).where(of_person).values(user_id=None, subject=pseudonym, person_salt=None)).rowcount


def forget_networks(before: datetime) -> int:
    """Forget where the events before a moment came from; how many that were."""
    known = EVENTS.c.network != ""
    return execute(update(EVENTS).where(EVENTS.c.at < before, known).values(network="", network_salt=None)).rowcount


# ---- The chain


def has_unsealed() -> bool:
    """Whether any event waits to be sealed."""
    return execute(select(EVENTS.c.id).where(EVENTS.c.place.is_(None)).limit(1)).first() is not None


def lock_head(first: Mapping[str, Any]) -> Row[Any]:
    """The head, made from `first` if there is none; nobody else gets it before this transaction ends."""
    add_once(HEAD, {"id": _THE_HEAD, **first})
    head = lock(HEAD)
    assert head is not None
    return head


def write_head(row: Mapping[str, Any]) -> None:
    """Write the head that was locked."""
    execute(update(HEAD).values(**row))


def find_head() -> Row[Any] | None:
    """The head as it stands."""
    return execute(select(HEAD)).one_or_none()


def list_unsealed() -> list[Row[Any]]:
    """The next events to be sealed, in the order in which they were written."""
    return list(execute(select(EVENTS).where(EVENTS.c.place.is_(None)).order_by(EVENTS.c.id).limit(_BATCH)))


def write_seals(seals: Iterable[Mapping[str, Any]]) -> None:
    """Write what sealing adds to events; each names its event by `of_id`."""
    _SEAL.run_many(seals)


def list_sealed(after: int | None) -> list[Row[Any]]:
    """The next events of the chain, after a place or from wherever it begins."""
    next_ones = EVENTS.c.place.is_not(None) if after is None else EVENTS.c.place > after
    return list(execute(select(EVENTS).where(next_ones).order_by(EVENTS.c.place).limit(_BATCH)))


def first_place_since(moment: datetime) -> int | None:
    """The first place of the chain at which something happened at or after a moment."""
    younger = (EVENTS.c.place.is_not(None), EVENTS.c.at >= moment)
    place: int | None = execute(select(EVENTS.c.place).where(*younger).order_by(EVENTS.c.place).limit(1)).scalar()
    return place


def find_at(place: int) -> Row[Any] | None:
    """The event at a place of the chain."""
    return execute(select(EVENTS).where(EVENTS.c.place == place)).one_or_none()


def drop_until(place: int) -> int:
    """Forget the events of the chain up to a place; how many."""
    return execute(delete(EVENTS).where(EVENTS.c.place <= place)).rowcount
