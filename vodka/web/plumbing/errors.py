"""From a domain error to an answer: one table of statuses, two surfaces (JSON and pages), nothing inner ever shown."""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from vodka.errors import (
    AccountDisabled,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    SecretRejected,
    TooMany,
    Unavailable,
    VodkaError,
)
from vodka.language import words
from vodka.oauth.request import plain
from vodka.web.plumbing import identity
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.page import page

_log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[VodkaError], int], ...] = (
    (InvalidInput, 400),
    (NotAuthenticated, 401),
    (NotPermitted, 403),
    (NotFound, 404),
    (SecretRejected, 401),
    (AccountDisabled, 401),
    (TooMany, 429),
    (Unavailable, 503),
)
_SENTENCES = {
    400: "This request cannot be understood.",
    404: "There is nothing at this address.",
    405: "This address does not do that.",
    413: "That is too much at once.",
    415: "This kind of content is not understood here.",
    500: "Something went wrong on our side. Nothing was shared.",
}
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    500: "internal",
}
_OAUTH = {  # RFC 6749 §4.1.2.1, §5.2
    401: "invalid_token",
    403: "access_denied",
    429: "temporarily_unavailable",
    500: "server_error",
    503: "temporarily_unavailable",
}
# The first word of a code names the parameter that a website's owner has to change.
_PARAMETERS = {
    "redirect": "redirect",
    "scope": "scope",
    "website": "redirect",
    "state": "state",
    "nonce": "nonce",
    "domain": "domain",
    "response": "response_mode",
}
_LONGEST_SHOWN = 200


class JsonBlueprint(Blueprint):
    """Routes whose callers are programs: their errors are `{"error": code, "message": sentence}`."""


class OAuthBlueprint(Blueprint):
    """Routes whose callers speak OAuth: their errors are those of RFC 6749 §5.2, whatever went wrong."""


class ProxyBlueprint(Blueprint):
    """Routes that proxies ask whether a request may pass: their errors are 401 and 403, whatever went wrong."""


def install(app: Flask) -> None:
    """Answer every exception of this app."""
    app.register_error_handler(VodkaError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def bare(status: int) -> Response:
    """An answer without a body, and so without a type of it."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def status_of(error: VodkaError) -> int:
    """The HTTP status of a refusal."""
    return next(status for family, status in _STATUS if isinstance(error, family))


def parameter_of(code: str) -> str | None:
    """The parameter that a refusal is about."""
    return _PARAMETERS.get(code.partition("_")[0])


def _refused(error: Exception) -> Response:
    assert isinstance(error, VodkaError)
    status = status_of(error)
    _note(status, error.code, error.detail)
    hint = error.hint if isinstance(error, InvalidInput) else ""
    response = _answer(status, error.code, error.public, hint)
    if isinstance(error, TooMany | Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http_error(error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    try:
        blueprint = _blueprint_behind(error)
    except HTTPException as nowhere:  # no method would do: a value in the path is out of bounds
        error, blueprint = nowhere, None
    status = error.code if error.code in _SENTENCES else 400
    assert status is not None
    code = _CODES[status]
    _note(status, code, type(error).__name__)
    response = _answer(status, code, _SENTENCES[status], blueprint=blueprint)
    for name, value in error.get_headers():
        if name == "Allow":  # RFC 9110 §15.5.6
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    _log.exception("unexpected, reference %s", g.get("request_id", "-"), exc_info=error)
    return _answer(500, _CODES[500], _SENTENCES[500])


def _note(status: int, code: str, detail: str) -> None:
    """A line for the log, with the reference that the page shows."""
    level = logging.WARNING if status >= 500 else logging.INFO
    # %r: a detail may hold what was sent, and a line break in it must not begin a line of its own (attacks INP-11).
    _log.log(level, "refused %s: %r, reference %s", code, detail, g.get("request_id", "-"))


def _blueprint_behind(error: HTTPException) -> str | None:
    """The blueprint that would have answered: also where only the method is wrong, so that no view was chosen."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        adapter = current_app.create_url_adapter(request)
        assert adapter is not None
        try:
            endpoint: str = adapter.match(method=next(iter(error.valid_methods)))[0]
        except RequestRedirect:  # the address has double slashes
            return None
        return endpoint.rpartition(".")[0]
    return request.blueprint


def _answer(status: int, code: str, sentence: str, hint: str = "", blueprint: str | None = None) -> Response:
    if status >= 500:
        identity.forget()  # the page of an outage must not ask the database who is looking at it
    said = words(present_language()).gettext
    surface = current_app.blueprints.get(blueprint or request.blueprint or "")
    if isinstance(surface, ProxyBlueprint):
        return bare(401 if status == 401 else 403)
    if isinstance(surface, OAuthBlueprint):
        response = jsonify({"error": _OAUTH.get(status, "invalid_request"), "error_description": plain(sentence)})
        response.status_code = status
        return response
    if isinstance(surface, JsonBlueprint):
        body = {"error": code, "message": said(sentence)} | ({"hint": said(hint)} if hint else {})
        response = jsonify(body)
        response.status_code = status
        return response
    parameter = parameter_of(code) if hint else None
    return page(
        "errors/error.html",
        status,
        title=said(_title(status)),
        sentence=said(sentence),
        hint=said(hint) if hint else None,
        parameter=parameter,
        shown=request.args.get(parameter, "")[:_LONGEST_SHOWN] if parameter else None,
        reference=g.get("request_id", "-"),
        ways=[(said("Sign in"), "/login")] if status == 401 else [(said("Go to the start page"), "/")],
    )


def _title(status: int) -> str:
    if status == 401:
        return "Please sign in"
    if status == 429:
        return "A little too fast"
    if status >= 500:
        return "Not right now"
    return "Nothing here" if status == 404 else "This did not work"
