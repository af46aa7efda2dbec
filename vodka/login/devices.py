"""Known devices: a browser that logged in before has a lane of its own, which strangers cannot use up for its owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from vodka import clock
from vodka.audit import store as audit
from vodka.errors import NotFound
from vodka.limits import Limits
from vodka.login import store
from vodka.onetime import digest, handle
from vodka.randomness import token

SHARED_LANE = "unknown"  # cookies can be dropped, so all other browsers together are one


@dataclass(frozen=True)
class Known:
    """A browser that an account knows. `handle` names it, and is of no other use; `is_this`: it is the one that asks."""

    handle: str
    label: str
    created_at: datetime
    last_used_at: datetime
    is_this: bool


def lane(device: str | None, email: str, limits: Limits) -> str:
    """The lane in which a browser asks for an address: its own if it logged in to that account, else the shared one."""
    if device is None or len(device) > 64:
        return SHARED_LANE
    key = digest(device)
    return key.hex() if store.is_known_device(key, email, _horizon(limits)) else SHARED_LANE


def remember(device: str | None, user_id: int, label: str) -> tuple[str, bool]:
    """Remember that this browser logged in; its DEVICE secret, a fresh one if it had none, and whether it is a stranger.

    A stranger is a browser that is new to an account which knows others: an account's very first one is none.
    """
    secret = device if device is not None and len(device) <= 64 else token()
    return secret, store.keep_device(digest(secret), user_id, label)


def list_for(user_id: int, device: str | None, limits: Limits) -> list[Known]:
    """The browsers that an account knows, the last one first; `device` is the DEVICE secret of the browser that asks."""
    this = digest(device) if device is not None else None
    return [
        Known(handle(row.digest), row.label, row.created_at, row.last_used_at, is_this=row.digest == this)
        for row in store.list_devices(user_id, _horizon(limits))
    ]


def forget(user_id: int, email: str, name: str, device: str | None, limits: Limits) -> bool:
    """Make the browser of this handle a stranger to the account, without a lane; whether it is the one that asks.

    Raises NotFound unless the account knows it.
    """
    rows = store.list_devices(user_id, _horizon(limits))
    found = next((row for row in rows if handle(row.digest) == name), None)
    if found is None:
        raise NotFound("this account knows no browser of this handle")
    store.remove_device(found.digest, user_id)
    audit.add("device.forgotten", user_id=user_id, subject=email, detail=found.label)
    return device is not None and found.digest == digest(device)


def _horizon(limits: Limits) -> datetime:
    """A browser unused since then is known no longer."""
    return clock.now() - timedelta(seconds=limits.device_lifetime)
