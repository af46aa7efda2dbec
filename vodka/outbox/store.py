"""Queries on promised mails and on the worker's lease.

`add` rides in the transaction of the promise. `claim`, the marks and the lease are for the worker alone, and commit
by themselves: whenever it is killed, each mail is in one known state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update

from vodka import clock
from vodka.db import add_once, commit, db, execute, table
from vodka.outbox.model import OutboxMail, WorkerLease
from vodka.prepared import Prepared
from vodka.randomness import identifier
from vodka.sealing import Vault

MAILS = table(OutboxMail)
LEASES = table(WorkerLease)
EXPIRED = "expired"
_ADD = Prepared(
    insert(MAILS),
    ["id", "kind", "to_address", "lang", "tries", "sealed", "created_at", "expires_at", "next_try_at"],
)
_PURPOSE = "outbox"


def add(vault: Vault, kind: str, to: str, lang: str, context: Mapping[str, Any], expires_at: datetime) -> None:
    """Promise a mail to a canonical address, to be sent before `expires_at` or not at all; durable with the caller's act.

    `context` (plain JSON) is what the templates of `kind` need; it is kept sealed.
    """
    now, mail = clock.now(), identifier()
    row = {"id": mail, "kind": kind, "to_address": to, "lang": lang, "tries": 0}
    sealed = vault.seal(_PURPOSE, json.dumps(dict(context)).encode(), _bound_to(mail, to))
    _ADD.run({**row, "sealed": sealed, "created_at": now, "expires_at": expires_at, "next_try_at": now})


def open_context(vault: Vault, mail: OutboxMail | Row[Any]) -> dict[str, Any]:
    """What the templates of a mail need; raises SealBroken if the row was altered or its secret is gone."""
    opened: dict[str, Any] = json.loads(vault.unseal(_PURPOSE, mail.sealed, _bound_to(mail.id, mail.to_address)))
    return opened


def _bound_to(mail: str, to: str) -> bytes:
    """A payload opens only in its own row and for its own address (faults D6: never to another address)."""
    return f"{mail} {to}".encode()


def claim(until: datetime, limit: int) -> list[Row[Any]]:
    """Up to `limit` living mails that are due, longest waiting first; nobody else gets them before `until`.

    Of two workers that ask at once each mail goes to one: PostgreSQL skips the other's rows, SQLite lets one write.
    """
    now = clock.now()
    due = select(MAILS.c.id).where(MAILS.c.next_try_at <= now, MAILS.c.expires_at > now)
    first = due.order_by(MAILS.c.next_try_at).limit(limit).with_for_update(skip_locked=True)
    take = update(MAILS).where(MAILS.c.id.in_(first)).values(next_try_at=until, tries=MAILS.c.tries + 1)
    mails = list(execute(take.returning(MAILS)))
    commit()
    return mails


def drop_expired() -> int:
    """Give up on the mails that are over and not being sent right now; how many."""
    now = clock.now()
    over = and_(MAILS.c.next_try_at <= now, MAILS.c.expires_at <= now)
    dropped = execute(update(MAILS).where(over).values(_dropped(now, EXPIRED))).rowcount
    commit()
    return dropped


def mark_sent(mail: str) -> None:
    """The mail server has taken the mail (or, without one, the mailbox page shows it)."""
    _mark(mail, {"sent_at": clock.now(), "next_try_at": None})


def mark_retry(mail: str, next_try_at: datetime) -> None:
    """The mail was not taken, and may be later."""
    _mark(mail, {"next_try_at": next_try_at})


def mark_dropped(mail: str, reason: str) -> None:
    """The mail will never be taken; `reason` is a short line for operators, nobody else sees it (attacks ASK-23)."""
    _mark(mail, _dropped(clock.now(), reason))


def _dropped(at: datetime, reason: str) -> dict[str, Any]:
    return {"dropped_at": at, "drop_reason": reason, "next_try_at": None}


def _mark(mail: str, values: dict[str, Any]) -> None:
    # A mail that found its end meanwhile keeps it.
    execute(update(MAILS).where(MAILS.c.id == mail, MAILS.c.next_try_at.is_not(None)).values(values))
    commit()


def oldest_waiting() -> datetime | None:
    """Since when the longest waiting mail waits, for health; None while nothing waits."""
    waiting = select(func.min(MAILS.c.created_at)).where(MAILS.c.next_try_at.is_not(None))
    oldest: datetime | None = execute(waiting).scalar_one()
    return oldest


def list_recent(limit: int) -> list[OutboxMail]:
    """The latest mails, newest first; `open_context` gives what stands in them."""
    return list(db.session.scalars(select(OutboxMail).order_by(OutboxMail.created_at.desc()).limit(limit)))


def purge(before: datetime) -> int:
    """Forget the mails that were sent or dropped before a moment; how many."""
    return execute(delete(MAILS).where(or_(MAILS.c.sent_at < before, MAILS.c.dropped_at < before))).rowcount


def take_lease(name: str, holder: str, until: datetime) -> bool:
    """Take a lease that is free or over, or keep one's own; of two that try at once exactly one hears True."""
    # Where nobody ever had it, a free one is made first: then one conditional UPDATE decides in every case.
    add_once(LEASES, {"name": name, "holder": "", "until": clock.now()})
    free = or_(LEASES.c.holder == holder, LEASES.c.until <= clock.now())
    take = update(LEASES).where(LEASES.c.name == name, free).values(holder=holder, until=until)
    taken = execute(take).rowcount == 1
    commit()
    return taken


def end_lease(name: str, holder: str) -> None:
    """Give one's own lease back."""
    execute(delete(LEASES).where(LEASES.c.name == name, LEASES.c.holder == holder))
    commit()
