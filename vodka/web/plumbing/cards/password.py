"""The card "Password": whether the reader has one, and until when."""

from __future__ import annotations

from collections.abc import Mapping

from vodka.accounts import store
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing.means import means


def card(session: LiveSession) -> Mapping[str, object]:
    """password_since and password_ends: two moments, or None."""
    since = store.password_since(session.user_id)
    return {"password_since": since, "password_ends": means().passwords.ends_at(since) if since is not None else None}
