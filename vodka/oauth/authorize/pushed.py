"""Pushed authorization requests (RFC 9126): the client sends its request by itself, and the browser only a name for it."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc9101.errors import InvalidRequestUriError

from vodka import clock, onetime
from vodka.oauth.authorize import request_object, store
from vodka.oauth.authorize.asked import Refused, Unanswerable, check
from vodka.oauth.authorize.wish import Wish, seal
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.model import PushedRequest
from vodka.oauth.provider import AUTHORIZE
from vodka.oauth.request import Pairs, Request
from vodka.oauth.server import Server
from vodka.randomness import token

PREFIX = "urn:ietf:params:oauth:request_uri:"  # RFC 9126 §2.2
_CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


def push(server: Server, request: Request) -> dict[str, object]:
    """Keep the request of a client that has proved itself; the answer of RFC 9126 §2.2. Raises OAuth2Error."""
    # RFC 9126 §2.1: request_uri MUST NOT be provided.
    if request.get(request_object.BY_REFERENCE) is not None:
        raise InvalidRequestError(
            "A request_uri cannot be pushed. Push the parameters, or a request object as request."
        )
    client: RegisteredClient = request.client
    pairs = request_object.read_in(server, client, _sent(request, client), fetched=False)
    wish = Wish(_bound(pairs, request), clock.now())
    _check(server, wish)
    name, limits = token(), server.provider.limits
    store.add_pushed(onetime.digest(name), client.row, wish.pairs, clock.after(limits.pushed_request_lifetime))
    return {"request_uri": PREFIX + name, "expires_in": limits.pushed_request_lifetime}


def take(client: RegisteredClient, uri: str) -> Pairs:
    """The parameters behind a name, once, for the client that pushed them (RFC 9126 §4); raises InvalidRequestUriError."""
    digest = onetime.digest(uri.removeprefix(PREFIX))
    found = store.find_pushed(digest)
    # Looked at before it is spent, so that no other client can spend it (attacks OAU-27).
    if found is None or found.client != client.row or onetime.consume(PushedRequest, digest) is None:
        raise InvalidRequestUriError("This request_uri is unknown, over, or was used before. Push the request again.")
    return tuple((name, value) for name, value in found.parameters)


def _sent(request: Request, client: RegisteredClient) -> Pairs:
    """The authorization request in a form: without what the client proved itself with, and with its name."""
    others = _CREDENTIALS | {"client_id"}
    sent = [
        (name, value) for name, values in request.payload.datalist.items() for value in values if name not in others
    ]
    return ("client_id", client.client_id), *sent


def _bound(pairs: Pairs, request: Request) -> Pairs:
    """RFC 9449 §10.1: a DPoP proof with the pushed request is as good as dpop_jkt in it, and both must agree."""
    if request.dpop_key is None:
        return pairs
    if dict(pairs).get("dpop_jkt", request.dpop_key) != request.dpop_key:
        raise InvalidRequestError("dpop_jkt names another key than the DPoP proof.")
    return *(pair for pair in pairs if pair[0] != "dpop_jkt"), ("dpop_jkt", request.dpop_key)


def _check(server: Server, wish: Wish) -> None:
    """RFC 9126 §2.1: as the authorization endpoint would; raises OAuth2Error, since nobody is redirected from here."""
    seal(wish, server.provider)  # what is too long is told now, and not to the person later
    try:
        check(server, wish, server.provider.url(AUTHORIZE))
    except Unanswerable as refusal:
        raise refusal.error from refusal
    except Refused as refusal:
        told = dict(refusal.told.pairs)
        raise OAuth2Error(error=told["error"], description=told.get("error_description"), status_code=400) from refusal
