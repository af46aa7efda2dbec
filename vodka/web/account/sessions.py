"""My sessions: end one, end all others (ASVS 7.5.2). Ending all of them, this one too, is `web.logout`'s."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka.sessions import overview
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import back_home, see_other

blueprint = Blueprint("account_sessions", __name__)


@blueprint.post("/account/sessions/<handle>/end")
def end(handle: str) -> Response:
    """End one of my sessions: dead with this answer, on every worker. Somebody else's does not exist (attacks SES-14)."""
    session = identity.need_session()
    body.read_form()
    ended = overview.end_one(session.user_id, session.email, handle)
    # This browser's own was ended: the page of signing out takes its cookies too.
    return see_other("/logout") if ended.digest == session.digest else back_home("session", "sessions")


@blueprint.post("/account/sessions/end-others")
def end_others() -> Response:
    """End every session of mine but this one."""
    session = identity.need_session()
    body.read_form()
    overview.end_others(session)
    return back_home("sessions", "sessions")
