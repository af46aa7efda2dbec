"""Queries on devices that wait. Spending a device code is `onetime`'s."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update

from vodka import clock
from vodka.db import add_once, execute, table
from vodka.oauth.model import Client, DeviceCode, Grant

DEVICES = table(DeviceCode)
_CLIENTS = table(Client)
_GRANTS = table(Grant)


def add(row: dict[str, object]) -> bool:
    """Keep a device that waits; False if its user code is another's."""
    times = {"created_at": clock.now(), "used_at": None, "attempts": 0, "denied_at": None, "polled_at": None}
    return add_once(DEVICES, {**times, "grant_id": None, **row})


def find(digest: bytes) -> Row[Any] | None:
    """The device of a device code, in whatever state."""
    return execute(select(DEVICES).where(DEVICES.c.digest == digest)).one_or_none()


def find_by_user_code(mac: bytes) -> Row[Any] | None:
    """The device that shows a user code, in whatever state, with the identifier of its client and who said yes."""
    known = select(DEVICES, _CLIENTS.c.client_id, _GRANTS.c.user_id).select_from(DEVICES)
    joined = known.join(_CLIENTS, _CLIENTS.c.id == DEVICES.c.client).outerjoin(
        _GRANTS, _GRANTS.c.id == DEVICES.c.grant_id
    )
    return execute(joined.where(DEVICES.c.user_code == mac)).one_or_none()


def approve(mac: bytes, grant: str, now: datetime) -> bool:
    """Note that a person said yes; of two decisions at once exactly one counts."""
    return execute(update(DEVICES).where(*_waiting(mac, now)).values(grant_id=grant)).rowcount > 0


def deny(mac: bytes, now: datetime) -> bool:
    """Note that a person said no; of two decisions at once exactly one counts."""
    return execute(update(DEVICES).where(*_waiting(mac, now)).values(denied_at=now)).rowcount > 0


def poll(digest: bytes, interval: int, now: datetime) -> bool:
    """Note that the device asked whether it may go on; False if that was sooner than so many seconds after the last time."""
    before = now - timedelta(seconds=interval)
    in_time = (DEVICES.c.digest == digest, DEVICES.c.polled_at.is_(None) | (DEVICES.c.polled_at <= before))
    return execute(update(DEVICES).where(*in_time).values(polled_at=now)).rowcount > 0


def slow_down(digest: bytes, seconds: int, now: datetime) -> None:
    """Make the device wait so many seconds longer from now on."""
    slower = {"interval": DEVICES.c.interval + seconds, "polled_at": now}
    execute(update(DEVICES).where(DEVICES.c.digest == digest).values(**slower))


def _waiting(mac: bytes, now: datetime) -> tuple[ColumnElement[bool], ...]:
    undecided = (DEVICES.c.grant_id.is_(None), DEVICES.c.denied_at.is_(None), DEVICES.c.used_at.is_(None))
    return (DEVICES.c.user_code == mac, DEVICES.c.expires_at > now, *undecided)
