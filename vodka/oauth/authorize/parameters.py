"""Where the parameters of an authorization request come from: the request itself, a pushed one, or a signed object in it."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Error

from vodka.oauth.authorize import pushed, request_object
from vodka.oauth.authorize.asked import Unanswerable, turned_away
from vodka.oauth.authorize.request_object import BY_REFERENCE, BY_VALUE
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.provider import AUTHORIZE
from vodka.oauth.request import Pairs, Request
from vodka.oauth.server import Server


def resolve(server: Server, pairs: Pairs, browser_state: str = "") -> Pairs:
    """The parameters that count; called once, since a pushed request is spent by it. Raises Unanswerable or Refused.

    `browser_state`: of whoever is signed in, see oauth.logout.session_state.
    """
    request = Request("GET", server.provider.url(AUTHORIZE), {}, pairs)
    request.browser_state = browser_state
    client = server.query_client(request.get("client_id") or "")
    if client is None:
        if {BY_VALUE, BY_REFERENCE} & request.payload.data.keys():
            raise Unanswerable(
                InvalidClientError("Nobody knows whose request this is: send client_id beside it."), pairs
            )
        return pairs
    try:
        return _resolved(server, client, request, pairs)
    except OAuth2Error as error:
        raise turned_away(server, request, pairs, error) from error


def _resolved(server: Server, client: RegisteredClient, request: Request, pairs: Pairs) -> Pairs:
    uri = request.get(BY_REFERENCE)
    # RFC 9101 §5: request and request_uri MUST NOT be used together.
    if uri is not None and request.get(BY_VALUE) is not None:
        raise InvalidRequestError("Send request or request_uri, not both.")
    if uri is not None and uri.startswith(pushed.PREFIX):
        return pushed.take(client, uri)
    # RFC 9126 §6: a client that registered so sends nothing through the browser.
    if client.metadata.require_pushed_authorization_requests:
        raise InvalidRequestError(
            "This client registered that it pushes its requests: push it, then send its request_uri."
        )
    return request_object.read_in(server, client, pairs)
