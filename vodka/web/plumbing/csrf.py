"""Cross-site request forgery: every unsafe request is checked, unless its route says why not (NOTES, ASVS 3.5).

Two mechanisms: the browser's own word on where the request comes from, and a token bound to the session.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import TypeVar

from flask import current_app, request

from vodka.errors import NotPermitted
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import cors, identity
from vodka.web.plumbing.means import means

View = TypeVar("View", bound=Callable[..., object])
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110 §9.2.1
_OURS = frozenset({"same-origin", "none"})  # Sec-Fetch-Site: our own pages, or typed by the person


def no_token_because(reason: str) -> Callable[[View], View]:
    """Mark a route that needs no token, and say why: it acts on no session. Its origin is checked all the same."""

    def mark(view: View) -> View:
        view.no_csrf_token = reason  # type: ignore[attr-defined]
        return view

    return mark


def from_anywhere(reason: str) -> Callable[[View], View]:
    """Mark a route that another site's page may post to, and say why that does no harm."""

    def mark(view: View) -> View:
        view.from_anywhere = reason  # type: ignore[attr-defined]
        return view

    return mark


def token_for(session: LiveSession) -> str:
    """The token of a session: another one after each login, worthless without that session."""
    return urlsafe_b64encode(means().vault.mac("csrf", session.sid)[:24]).decode()


def guard() -> None:
    """Refuse an unsafe request that another site may have caused; runs before every view."""
    if request.method in _SAFE or request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    if hasattr(view, "from_anywhere"):
        return
    if is_foreign() and not cors.admits():
        raise NotPermitted("foreign_origin", "This request came from another website.")
    session = None if hasattr(view, "no_csrf_token") else identity.session()
    if session is not None and not _shows_token(session):
        raise NotPermitted("csrf", "This page is out of date. Please load it again.")


def is_foreign() -> bool:
    """Whether the browser says that another site caused this request; a client that says nothing is no browser."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    # Fetch §3.2: a form on a page with Referrer-Policy no-referrer, such as each of ours, sends "null". So does a sandbox
    # or a redirect of another site, but then Sec-Fetch-Site, which no page can write, says cross-site.
    if origin == "null":
        return site != "same-origin"
    return origin not in (None, means().settings.origin) or site not in _OURS


def _shows_token(session: LiveSession) -> bool:
    # NOTES allows both ways of sending it: a header of a given name, a hidden field.
    shown = request.headers.get("X-CSRFToken") or request.form.get("csrf_token", "")
    # on bytes: compare_digest raises for text that is not ASCII (traps T12)
    return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), token_for(session).encode())
