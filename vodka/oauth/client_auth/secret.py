"""Which way of proving itself a client chose, and the ways of RFC 6749 §2.3.1: a secret in a header, a secret in a form, none."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError

from vodka.oauth.request import Request

QueryClient = Callable[[str], Any]
ASSERTION = "client_assertion"  # a JWT: which of its two ways that is, the client's registration says
_WRONG = "This client is unknown, or it did not prove itself in the way that it registered."


def refused() -> InvalidClientError:
    """One answer for an unknown client, a wrong secret and a wrong way."""
    return InvalidClientError(_WRONG, status_code=401)


def presented(request: Request) -> str:
    """The way that was chosen, or ASSERTION; raises InvalidRequestError for several at once.

    RFC 6749 §2.3, traps B 15, attacks OAU-15.
    """
    form = request.form
    ways = [
        *(["client_secret_basic"] if _scheme(request) == "basic" else []),
        *(["client_secret_post"] if "client_secret" in form else []),
        *([ASSERTION] if "client_assertion" in form or "client_assertion_type" in form else []),
    ]
    if len(ways) > 1:
        raise InvalidRequestError("Use one way of authenticating the client, not several.")
    return ways[0] if ways else "none"


def by_basic(query_client: QueryClient, request: Request) -> Any:
    """HTTP Basic: the two parts are form-encoded before they are joined (RFC 6749 §2.3.1)."""
    try:
        user, _, password = b64decode(request.headers["Authorization"].partition(" ")[2], validate=True).partition(b":")
        named, secret = unquote_plus(user.decode()), unquote_plus(password.decode())
    except ValueError as error:  # no base64, or no UTF-8 in it
        raise refused() from error
    if "\x00" in named:  # PostgreSQL refuses NUL (attacks INP-03)
        raise refused()
    if request.get("client_id") not in (None, named):
        raise InvalidRequestError("The header and client_id name two clients.")
    return _with_secret(query_client, named, secret)


def by_post(query_client: QueryClient, request: Request) -> Any:
    """The secret as a form field."""
    return _with_secret(query_client, request.get("client_id") or "", request.form["client_secret"])


def by_name(query_client: QueryClient, request: Request) -> Any:
    """A public client says who it is, and proves nothing: PKCE stands in for it (RFC 9700 §2.1.1)."""
    return query_client(request.get("client_id") or "")


def _with_secret(query_client: QueryClient, client_id: str, secret: str) -> Any:
    client = query_client(client_id)
    return client if client is not None and client.check_client_secret(secret) else None


def _scheme(request: Request) -> str:
    return str(request.headers.get("Authorization", "")).partition(" ")[0].lower()
