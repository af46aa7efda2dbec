"""The card "Where I am let in": the applications behind a proxy that a living login of the reader opened."""

from __future__ import annotations

from collections.abc import Mapping

from vodka.handoff.scoped import store
from vodka.sessions.lifecycle import LiveSession


def card(session: LiveSession) -> Mapping[str, object]:
    """applications: each with .id, .origin, .path, .opened_at, .last_used_at."""
    return {"applications": store.list_entered(session.user_id)}
