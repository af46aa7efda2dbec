"""The card "Browsers we know": those that logged in to the reader's account before."""

from __future__ import annotations

from collections.abc import Mapping

from vodka.login import devices
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import cookies
from vodka.web.plumbing.means import means


def card(session: LiveSession) -> Mapping[str, object]:
    """The browsers that the account knows, the last one first."""
    return {"devices": devices.list_for(session.user_id, cookies.read("DEVICE"), means().limits)}
