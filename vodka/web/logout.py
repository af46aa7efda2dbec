"""Signing out, as pages (FLOWS global logout)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from vodka.sessions import lifecycle
from vodka.web.plumbing import body, csrf, identity
from vodka.web.plumbing.oauth.leaving import leave, signed_out_page
from vodka.web.plumbing.opening import take_cookies
from vodka.web.plumbing.page import page

blueprint = Blueprint("logout", __name__)


@blueprint.get("/logout")
def show() -> Response:
    """Sign out (FLOWS): at once from our own pages and for plain clients; who comes from another site is asked first."""
    if identity.session() is not None and (csrf.is_foreign() or request.method != "GET"):
        return page("logout/confirm.html", scope=None)
    return _signed_out()


@blueprint.post("/logout")
def confirm() -> Response:
    """The button of the question."""
    body.read_form("scope")
    return _signed_out()


@blueprint.post("/account/sessions/end-all")
def everywhere() -> Response:
    """Sign out everywhere: every session and token given out so far ends with this answer (SPEC C.b)."""
    body.read_form()
    session = identity.need_session()
    lifecycle.end_all(session.user_id, session.email)
    return _signed_out()


def _signed_out() -> Response:
    session = identity.session()
    frames = leave(session) if session is not None else ()
    response = signed_out_page("logout/done.html", frames, back=None)
    # Whoever is behind a request without our cookie may be a picture on another site (attacks SES-02).
    if session is not None or not csrf.is_foreign():
        take_cookies(response)
    return response
