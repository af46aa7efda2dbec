"""/oauth/session: the frame that clients ask whether a login goes on (OIDC Session Management 1.0 §3.2)."""

from __future__ import annotations

from flask import Blueprint, Response
from markupsafe import Markup

from vodka.oauth.provider import SESSION
from vodka.web.plumbing import cookies
from vodka.web.plumbing.page import static_url
from vodka.web.plumbing.security_headers import FRAMED_POLICY

blueprint = Blueprint("oauth_session", __name__)
_SECONDS = 300  # the frame is asked for by every page of every client
# No template: it is no page that anybody sees.
_FRAME = Markup(
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>vodka</title>'
    '<script src="{script}" data-cookie="{cookie}" defer></script></head><body></body></html>'
)


@blueprint.get(SESSION)
def frame() -> Response:
    """The same for everybody: what differs is in the cookie that its script reads."""
    shown = _FRAME.format(script=static_url("js/check-session.js"), cookie=cookies.name_of("browser_state"))
    response = Response(shown, mimetype="text/html")
    response.headers["Content-Security-Policy"] = FRAMED_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    response.headers["Vary"] = "Accept-Encoding"
    return response
