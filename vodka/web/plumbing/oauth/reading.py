"""A Flask request as the protocol engine reads it."""

from __future__ import annotations

import re

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import request

from vodka.oauth.request import Pairs, Request
from vodka.web.plumbing.means import means

_FORM = "application/x-www-form-urlencoded"
_UNSTORABLE = re.compile("[\x00\ufffd\ud800-\udfff]")


def form_request() -> Request:
    """A request to an endpoint for programs: a form in the body and nothing in the query, where it would end up in logs
    (RFC 6749 §2.3.1, §3.2; attacks OAU-15, OAU-20). Raises InvalidRequestError.
    """
    if request.query_string:
        raise InvalidRequestError("Send the parameters in the body, not in the query.")
    if request.mimetype != _FORM:
        raise InvalidRequestError(f"Send the parameters as {_FORM}.")
    url = means().oauth.provider.url(request.path)
    return Request(request.method, url, dict(request.headers), _checked(tuple(request.form.items(multi=True))))


def authorization_pairs() -> Pairs:
    """The parameters of an authorization request, by GET or by POST (OIDC Core §3.1.2.1); raises InvalidRequestError."""
    sent = request.form if request.method == "POST" else request.args
    return _checked(tuple(sent.items(multi=True)))


def _checked(pairs: Pairs) -> Pairs:
    # PostgreSQL refuses NUL, UTF-8 refuses lone surrogates (attacks INP-03), U+FFFD is bad UTF-8 already replaced.
    if any(_UNSTORABLE.search(text) for pair in pairs for text in pair):
        raise InvalidRequestError("A parameter has characters that cannot be read.")
    return pairs
