"""/not-me/<secret>: the owner of a mailbox says that somebody else asked for its code (field C8)."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka.errors import NotFound
from vodka.login.not_me import NotMe
from vodka.web.plumbing import body, csrf
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import page

blueprint = Blueprint("not_me", __name__)
_NO_SESSION = "it acts on no session: the secret in the mail is all it takes, in whichever browser the mail is read"


@blueprint.get("/not-me/<path:secret>")
def show(secret: str) -> Response:
    """One button. Looking changes nothing, so that mail scanners and previews are harmless."""
    return page("login/not_me.html", email=_not_me().address(secret))


@blueprint.post("/not-me/<path:secret>")
@csrf.no_token_because(_NO_SESSION)
def say(secret: str) -> Response:
    """The button."""
    body.read_form()
    _not_me().say(secret)
    return page("login/not_me_done.html")


@blueprint.errorhandler(NotFound)
def over(_refusal: NotFound) -> Response:
    """Unknown, used and over are one page."""
    return page("login/not_me_over.html", 404)


def _not_me() -> NotMe:
    tools = means()
    return NotMe(tools.limits, tools.email_code.throttle)
