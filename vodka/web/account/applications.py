"""The applications that I am let in at: leave one."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka.handoff.scoped import entering
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import back_home

blueprint = Blueprint("account_applications", __name__)


@blueprint.post("/account/applications/<int(max=2147483647):number>/end")
def end(number: int) -> Response:
    """Sign out at one application, in every browser; vodka itself stays signed in."""
    session = identity.need_session()
    body.read_form()
    entering.leave(session, number)
    return back_home("application", "applications")
