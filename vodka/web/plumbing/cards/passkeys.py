"""The card "Passkeys": those of the reader, and whether this login is fresh enough to add one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from vodka.login.passkeys import store
from vodka.login.passkeys.registration import Adder, may_add
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing.means import means


def card(session: LiveSession) -> Mapping[str, object]:
    """passkeys: each with .id, .name, .created_at, .last_used_at, .ends_at; may_add_passkey."""
    party = means().passkeys
    lifetime = timedelta(seconds=party.limits.passkey_lifetime)
    return {
        "passkeys": [row._asdict() | {"ends_at": row.created_at + lifetime} for row in store.list_of(session.user_id)],
        "may_add_passkey": may_add(party, adder(session)),
    }


def adder(session: LiveSession) -> Adder:
    """The holder of a session, as somebody who may add a passkey."""
    return Adder(session.user_id, session.email, session.authenticated_at)
