"""For operators: is this process alive, is it ready; and the browsers' reports of what the content policy stopped."""

from __future__ import annotations

import logging

from flask import Response, jsonify, request

from vodka.web.plumbing import csrf
from vodka.web.plumbing.errors import JsonBlueprint
from vodka.web.plumbing.means import means

blueprint = JsonBlueprint("health", __name__)
_log = logging.getLogger(__name__)
_LONGEST_REPORT = 1000  # characters of it that are worth a log line


@blueprint.get("/healthz/live")
def live() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/healthz/ready")
def ready() -> Response:
    """The database answers and there is a key to sign with; else 503."""
    keyring = means().keyring
    keyring.forget()
    keyring.signing()
    return jsonify({"status": "ok"})


@blueprint.post("/csp-report")
@csrf.no_token_because("browsers send it by themselves; it only writes a line to the log")
def csp_report() -> Response:
    """What a browser refused to load on a page of ours."""
    _log.warning("content policy: %r", request.get_data(cache=False)[:_LONGEST_REPORT])
    return Response(status=204)
