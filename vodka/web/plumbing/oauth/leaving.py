"""Signing out, and telling the clients of the session: from server to server, and by frames of the page that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from vodka.oauth.logout import backchannel, frontchannel
from vodka.sessions import lifecycle
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import identity
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import page
from vodka.web.plumbing.security_headers import framing
from vodka.web.plumbing.transaction import so_far


def leave(session: LiveSession) -> tuple[str, ...]:
    """End a session; the frames with which its clients hear of it (OIDC Front-Channel Logout §3)."""
    frames = frontchannel.frames(means().oauth.provider, session.digest)
    lifecycle.end(session)
    identity.forget()
    return frames


def tell(session: LiveSession) -> None:
    """Tell the clients of a session that has just ended, as far as they answer soon; the worker does the rest.

    So a browser that is sent back to a client finds, as a rule, that the client knows.
    """
    provider = means().oauth.provider
    if notices := backchannel.claim(provider, session.digest):
        so_far()
        backchannel.send(provider, notices, provider.limits.logout_wait)
        backchannel.record(provider, notices)


def signed_out_page(template: str, frames: Sequence[str], **context: Any) -> Response:
    """A page that loads these frames, and may load no others."""
    response = page(template, frames=frames, **context)
    if frames:
        response.headers["Content-Security-Policy"] = framing(frontchannel.origin_of(frame) for frame in frames)
    return response
