"""Known devices: a browser that logged in before has a lane of its own, which strangers cannot use up for its owner."""

from __future__ import annotations

from datetime import timedelta

from vodka import clock
from vodka.limits import Limits
from vodka.login import store
from vodka.onetime import digest
from vodka.randomness import token

SHARED_LANE = "unknown"  # cookies can be dropped, so all other browsers together are one


def lane(device: str | None, email: str, limits: Limits) -> str:
    """The lane in which a browser asks for an address: its own if it logged in to that account, else the shared one."""
    if device is None or len(device) > 64:
        return SHARED_LANE
    key = digest(device)
    since = clock.now() - timedelta(seconds=limits.device_lifetime)
    return key.hex() if store.is_known_device(key, email, since) else SHARED_LANE


def remember(device: str | None, user_id: int, label: str) -> str:
    """Remember that this browser logged in; its DEVICE secret, a fresh one if it had none."""
    secret = device if device is not None and len(device) <= 64 else token()
    store.keep_device(digest(secret), user_id, label)
    return secret
