"""What the protocol engine decided, as a Flask response."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Response, jsonify

from vodka.oauth.authorize.response import FORM_POST, Reply, error_pairs
from vodka.oauth.metadata import host_of
from vodka.oauth.server import Answer
from vodka.web.plumbing.page import page


def sent(answer: Answer) -> Response:
    """An answer to a program (RFC 6749 §5.1): JSON, and like everything here no-store (attacks OAU-31)."""
    response = jsonify(answer.body)
    response.status_code = answer.status
    for name, value in answer.headers:
        if name.lower() not in ("content-type", "cache-control", "pragma"):
            response.headers[name] = value
    # RFC 6749 §5.1 asks for it beside Cache-Control.
    response.headers["Pragma"] = "no-cache"
    return response


def refused(error: OAuth2Error) -> Response:
    """An error for a program (RFC 6749 §5.2), in the characters that an error_description may have."""
    return sent(Answer(error.status_code, dict(error_pairs(error)), tuple(error.get_headers())))


def for_programs(view: Callable[..., Response]) -> Callable[..., Response]:
    """Mark a view whose OAuth errors are answered as JSON."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        try:
            return view(*args, **kwargs)
        except OAuth2Error as error:
            return refused(error)

    return answered


def redirected(reply: Reply) -> Response:
    """Back to the client: 303, or the page whose form carries the answer (RFC 9700 §4.12, Form Post Response Mode §2)."""
    if reply.mode == FORM_POST:
        domain = host_of(reply.redirect_uri)
        template = "authorize/form_post.html"
        return page(template, open_form=True, action=reply.redirect_uri, domain=domain, pairs=reply.pairs, languages=())
    response = Response(status=303)
    response.headers["Location"] = reply.location
    return response
