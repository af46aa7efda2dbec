"""GET /status: a reverse proxy asks whether a request may pass (FLOWS). Only 200, 401 and 403 ever leave it."""

from __future__ import annotations

from flask import Response, request

from vodka.handoff.dialects import Sent
from vodka.handoff.status import PATH
from vodka.web.plumbing import csrf
from vodka.web.plumbing.client import present_ip
from vodka.web.plumbing.errors import ProxyBlueprint
from vodka.web.plumbing.means import means

blueprint = ProxyBlueprint("forward_auth", __name__)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")  # some proxies ask with the request's own


@blueprint.route(PATH, methods=_METHODS, provide_automatic_options=False)
@csrf.from_anywhere("it is asked by proxies, which prove themselves, and acts on nothing but a code that is shown")
def status() -> Response:
    """Whether a request may pass; the front lane has answered already where somebody is known."""
    reply = means().gate.full(Sent(request.environ), present_ip)
    response = Response(status=reply.status)
    del response.headers["Content-Type"]
    response.headers.extend(reply.headers)
    return response
