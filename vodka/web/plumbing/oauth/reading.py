"""A Flask request as the protocol engine reads it."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import request

from vodka.oauth.request import Garbled, Pairs, Request
from vodka.oauth.tokens import dpop
from vodka.oauth.tokens.presented import Presented, ResourceError, token_in
from vodka.web.plumbing.client import present_ip
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth.visiting import look_at_client
from vodka.words import is_storable

_FORM = "application/x-www-form-urlencoded"
_ACCESS_TOKEN = "access_token"  # noqa: S105 - the name of a parameter


def form_request() -> Request:
    """A request to an endpoint for programs: a form in the body and nothing in the query, where it would end up in logs
    (RFC 6749 §2.3.1, §3.2; attacks OAU-15, OAU-20). Raises InvalidRequestError.
    """
    if request.query_string:
        raise InvalidRequestError("Send the parameters in the body, not in the query.")
    if request.mimetype != _FORM:
        raise InvalidRequestError(f"Send the parameters as {_FORM}.")
    pairs = _checked(tuple(request.form.items(multi=True)))
    look_at_client(dict(pairs).get("client_id"))
    asked = Request(request.method, means().oauth.provider.url(request.path), dict(request.headers), pairs)
    asked.ip = present_ip()
    return asked


def token_request() -> Request:
    """The same to the token endpoint, with the key that its DPoP proof proves to hold (RFC 9449 §5)."""
    asked = form_request()
    asked.dpop_key = dpop.prove(means().oauth.provider, dpop_proof(), request.method, request.path)
    return asked


def dpop_proof() -> str | None:
    """The DPoP header of this request."""
    return request.headers.get(dpop.HEADER)


def access_token() -> Presented | None:
    """The one access token of a request to a protected resource (RFC 6750 §2); raises ResourceError."""
    in_form = request.form.getlist(_ACCESS_TOKEN) if request.mimetype == _FORM else []
    if len(in_form) > 1:
        raise ResourceError("invalid_request", "Send one access token.", 400)
    authorization = request.headers.get("Authorization")
    return token_in(authorization, in_form[0] if in_form else None, in_query=_ACCESS_TOKEN in request.args)


def authorization_pairs() -> Pairs:
    """The parameters of an authorization request, by GET or by POST (OIDC Core §3.1.2.1); raises InvalidRequestError."""
    sent = request.form if request.method == "POST" else request.args
    return _checked(tuple(sent.items(multi=True)))


def _checked(pairs: Pairs) -> Pairs:
    if not all(is_storable(text) for pair in pairs for text in pair):
        raise Garbled("A parameter has characters that cannot be read.")
    return pairs
