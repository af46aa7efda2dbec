"""Request objects: an authorization request that its client signed, sent by value or by reference (RFC 9101, OIDC Core §6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc9101.errors import (
    InvalidRequestObjectError,
    InvalidRequestUriError,
    RequestNotSupportedError,
    RequestUriNotSupportedError,
)

from vodka.keys.compact import is_unsigned
from vodka.keys.tokens import OfClient, TokenRefused, verify_of_client
from vodka.oauth.algorithms import SIGNED_BY_CLIENTS
from vodka.oauth.client_auth.published import Unreadable
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.provider import AUTHORIZE
from vodka.oauth.request import REPEATABLE, Pairs, plain
from vodka.oauth.server import Server
from vodka.words import is_storable

BY_VALUE, BY_REFERENCE = "request", "request_uri"
# RFC 9101 §10.8: no other kind of JWT that a client signs passes for a request.
_TYPS = frozenset({"", "jwt", "oauth-authz-req+jwt"})
_MEDIA_TYPES = "application/oauth-authz-req+jwt, application/jwt"  # RFC 9101 §5.2.3, §9.4.1
_OF_THE_JWT = frozenset(
    {"iss", "aud", "exp", "nbf", "iat", "jti", "sub"}
)  # RFC 7519 §4.1: no parameters of the request
_UNSIGNED = "An unsigned request object is not accepted. Sign it, for example with RS256."


def read_in(server: Server, client: RegisteredClient, outside: Pairs, *, fetched: bool = True) -> Pairs:
    """The parameters that count, of a request that may have an object in it; `fetched`: it may also name one.

    Raises OAuth2Error with what to do.
    """
    sent = dict(outside)
    uri = sent.get(BY_REFERENCE) if fetched else None
    raw = _fetched(server, client, uri) if uri is not None else sent.get(BY_VALUE)
    if raw is not None:
        if is_unsigned(raw):
            raise (RequestUriNotSupportedError if uri is not None else RequestNotSupportedError)(_UNSIGNED)
        return _merged(client, outside, _verified(server, client, raw))
    # RFC 9101 §10.5: a client that registered so is never believed without a signature.
    if client.metadata.require_signed_request_object:
        raise InvalidRequestError("This client registered that it signs its requests: send request or request_uri.")
    return outside


def _fetched(server: Server, client: RegisteredClient, uri: str) -> str:
    """The object at an address that the client registered; nothing is fetched from anywhere else (attacks OAU-26)."""
    registered = client.metadata.request_uris
    if not registered:
        raise RequestUriNotSupportedError(
            "This client has registered no request_uris. Register the address, or send request."
        )
    # OIDC Registration §2: to the letter, with its fragment, which stands for the content (OIDC Core §6.2).
    if uri not in registered:
        raise InvalidRequestUriError("This request_uri is not one of the request_uris that the client registered.")
    size = server.provider.limits.request_object_length
    try:
        body = server.published.read(uri.partition("#")[0], accept=_MEDIA_TYPES, size=size)
    except Unreadable as error:
        raise InvalidRequestUriError("vodka cannot read what is at this request_uri.") from error
    return body.decode("ascii", "replace").strip()


def _verified(server: Server, client: RegisteredClient, raw: str) -> dict[str, Any]:
    """What the client signed (RFC 9101 §6.2): by itself, for vodka, and not over."""
    metadata, provider = client.metadata, server.provider
    wanted = metadata.request_object_signing_alg
    kind = OfClient(
        # OIDC Registration §2: all others MUST be rejected.
        tuple(name for name in SIGNED_BY_CLIENTS if wanted in (None, name)),
        _TYPS,
        provider.limits.clock_leeway,
        longest=provider.limits.request_object_length,
    )
    try:
        claims = verify_of_client(raw, kind, lambda alg, kid: server.client_keys.fitting(metadata, alg, kid))
    except TokenRefused as refusal:
        raise InvalidRequestObjectError(plain(f"The request object was refused: {refusal}.")) from refusal
    # RFC 9101 §4, OIDC Core §6.1: both may be left out.
    if claims.get("iss", client.client_id) != client.client_id:
        raise InvalidRequestObjectError("The iss of the request object must be the client_id.")
    aud = claims.get("aud", provider.issuer)
    if not {provider.issuer, provider.url(AUTHORIZE)} & set(aud if _are_texts(aud) else [str(aud)]):
        raise InvalidRequestObjectError(plain(f"The aud of the request object must be {provider.issuer}."))
    # RFC 9101 §10.8: that would be a client assertion.
    if claims.get("sub") == client.client_id:
        raise InvalidRequestObjectError("A request object may not have the client_id as its sub.")
    # RFC 9101 §4: request and request_uri MUST NOT be included in it.
    if BY_VALUE in claims or BY_REFERENCE in claims:
        raise InvalidRequestObjectError("A request object may not hold another one.")
    return claims


def _merged(client: RegisteredClient, outside: Pairs, claims: dict[str, Any]) -> Pairs:
    """OIDC Core §6.1: what is inside goes over what is outside, and the two agree on client_id and response_type."""
    inside = tuple(_pairs(claims))
    if not all(is_storable(text) for pair in inside for text in pair):
        raise InvalidRequestObjectError("The request object has characters that cannot be read.")
    said, signed = dict(outside), dict(inside)
    if signed.get("client_id", client.client_id) != client.client_id:
        raise InvalidRequestObjectError("The request object names another client_id.")
    response_types = [sorted(found["response_type"].split()) for found in (said, signed) if "response_type" in found]
    if any(words != response_types[0] for words in response_types):
        raise InvalidRequestObjectError("response_type must be the same inside the request object and outside.")
    # RFC 9101 §6.3: only what is signed counts for a client that registered that it signs.
    unsigned = () if client.metadata.require_signed_request_object else outside
    kept = [pair for pair in unsigned if pair[0] not in (*signed, "client_id", BY_VALUE, BY_REFERENCE)]
    return ("client_id", client.client_id), *kept, *(pair for pair in inside if pair[0] != "client_id")


def _pairs(claims: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Claims as the parameters that they stand for: a number, a truth value or an object as its JSON (RFC 9101 §4)."""
    for name, value in claims.items():
        if name in _OF_THE_JWT or value is None:
            continue
        values = value if name in REPEATABLE and _are_texts(value) else [value]
        yield from ((name, one if isinstance(one, str) else json.dumps(one)) for one in values)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
