"""GET /status: a reverse proxy asks whether a request may pass (FLOWS). Only 200, 401 and 403 ever leave it."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from vodka.handoff.dialects import Sent, opens_a_page
from vodka.handoff.status import LOGIN, PATH
from vodka.web.plumbing import csrf
from vodka.web.plumbing.client import peer, present_language
from vodka.web.plumbing.errors import ProxyBlueprint, bare
from vodka.web.plumbing.means import means
from vodka.web.plumbing.security_headers import DATA_POLICY

blueprint = ProxyBlueprint("forward_auth", __name__)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")  # some proxies ask with the request's own


@blueprint.route(PATH, methods=_METHODS, provide_automatic_options=False)
@csrf.from_anywhere("it is asked by proxies, which prove themselves, and acts on nothing but a code that is shown")
def status() -> Response:
    """Whether a request may pass; the front lane has answered already where somebody is known."""
    tools, sent = means(), Sent(request.environ)
    reply = tools.gate.full(sent, lambda: peer(request.environ, tools.settings.trusted_proxies))
    onward = dict(reply.headers).get(LOGIN)
    response = _onward(onward, reply.status) if onward and opens_a_page(sent) else bare(reply.status)
    response.headers.extend(reply.headers)
    return response


def _onward(address: str, status: int) -> Response:
    """A page that leads on by itself, for proxies that hand on what they are answered and can send nobody anywhere."""
    shown = render_template("forward_auth/onward.html", address=address, lang=present_language())
    response = make_response(shown, status)
    # The next page is asked for from this one: that is the Referer which FLOWS wants to see with a code.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Content-Security-Policy"] = DATA_POLICY  # the usual one has things reported to the application
    return response
