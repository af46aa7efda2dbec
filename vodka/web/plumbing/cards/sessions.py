"""The card "Where I am signed in": every living session of the reader."""

from __future__ import annotations

from collections.abc import Mapping

from vodka.sessions import overview
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing.means import means


def card(session: LiveSession) -> Mapping[str, object]:
    """What the template asks for: sessions with this one first, the handle of this one, and which made room for it."""
    mine = overview.list_for(session.user_id)
    mine.sort(key=lambda seen: seen.digest != session.digest)  # stable: the others keep their order
    return {
        "sessions": mine,
        "this_session": mine[0].handle,
        "displaced": overview.last_displaced(session.user_id),
        "most_sessions": means().limits.sessions_per_user,
    }
