"""A person decides about a device that waits (RFC 8628 §3.3): once, and what they see afterwards is what is true."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.errors import SecretRejected
from vodka.oauth import granting
from vodka.oauth.authorize.elsewhere import Elsewhere
from vodka.oauth.device import store, user_code
from vodka.oauth.granting import Agreed
from vodka.oauth.server import Server
from vodka.sealing import SealBroken
from vodka.sessions.lifecycle import LiveSession

_PURPOSE = "device of a person"


class State(StrEnum):
    """How it stands with a device, as one person may know it. Over, unknown and decided by somebody else are one."""

    WAITING = "waiting"
    CONNECTED = "connected"
    DENIED = "denied"
    OVER = "over"


def seal(server: Server, code: str, user_id: int) -> str:
    """The right code, typed by this person, as a parameter of a page's address: nobody else can use it."""
    sealed = server.provider.vault.seal(_PURPOSE, code.encode(), str(user_id).encode())
    return urlsafe_b64encode(sealed).decode()


def unseal(server: Server, sealed: str, user_id: int) -> str:
    """The code again; empty for what was not sealed for this person."""
    try:
        raw = urlsafe_b64decode(sealed.encode())
        return server.provider.vault.unseal(_PURPOSE, raw, str(user_id).encode()).decode()
    except (SealBroken, NotBase64, ValueError):
        return ""


def state_of(server: Server, code: str, user_id: int) -> State:
    """How it stands with the device that shows this code."""
    row = _row(server, code)
    if row is not None and row.grant_id is not None:
        return State.CONNECTED if row.user_id == user_id else State.OVER
    if row is not None and row.denied_at is not None:
        return State.DENIED
    return State.OVER if row is None or clock.is_over(row.expires_at) else State.WAITING


def asked(server: Server, code: str, sealed: str) -> Elsewhere | None:
    """What the device wants; None if its client may not be used any more."""
    row = _row(server, code)
    client = server.query_client(row.client_id) if row is not None else None
    return Elsewhere(server.provider, client, row.scope, sealed) if row is not None and client is not None else None


def approve(
    server: Server, code: str, session: LiveSession, consent: int, audience: str, keys: tuple[str, ...]
) -> None:
    """Give the device what the person agreed to; raises SecretRejected if it was decided meanwhile, or is over."""
    wanted, row = asked(server, code, ""), _row(server, code)
    if wanted is None or row is None:
        raise SecretRejected("the device is gone")
    agreed = Agreed(consent, audience, keys, resources=tuple(row.resources))
    grant = granting.by_person(server.provider, wanted.client, session, agreed, row.scope, device=True)
    if not store.approve(_mac(server, code), grant.id, clock.now()):
        raise SecretRejected("the device was decided about meanwhile, or is over")


def deny(server: Server, code: str) -> None:
    """Tell the device no; nothing changes if it was decided meanwhile."""
    store.deny(_mac(server, code), clock.now())


def _row(server: Server, code: str) -> Row[Any] | None:
    return store.find_by_user_code(_mac(server, code))


def _mac(server: Server, code: str) -> bytes:
    return user_code.mac(server.provider.vault, code)
