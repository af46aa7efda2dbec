"""What is wrong with a request that cannot be answered, for whoever writes the website: which parameter, what was sent,
what is registered and where the two first differ (RFC 6749 §4.1.2.1: the resource owner is informed, nobody is redirected).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from authlib.oauth2.rfc6749 import OAuth2Error

from vodka.oauth import clients
from vodka.oauth.authorize.wish import PARAMETER
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.metadata import RESPONSE_TYPES
from vodka.oauth.registration.documents import DocumentRefused
from vodka.oauth.request import Garbled, Pairs

_LONGEST = 300  # characters of an address that are looked at and shown
_PARTS = re.compile(r"(?:([^:/?#]*):)?(?://([^/?#:]*)(:[^/?#]*)?)?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)  # RFC 3986 B
_IN_ORDER = ("scheme", "host", "port", "path", "query", "fragment")

_REFUSALS: Mapping[str, tuple[str, str]] = {
    "client_missing": (
        "The request does not say which program asks: client_id is missing.",
        "Send client_id as it stands on your website’s page at vodka, under OpenID.",
    ),
    "client_unknown": (
        "vodka knows no program with this client_id.",
        "Compare it with your website’s page at vodka, under OpenID. A program is unknown too while the domain of its website "
        "is not proven.",
    ),
    "client_document": ("The document that describes this program cannot be used.", ""),
    "redirect_uri_missing": (
        "The request does not say where to go back to, and several addresses are registered.",
        "Send redirect_uri: one of the registered addresses, to the letter.",
    ),
    "redirect_uri_none": (
        "No address to go back to is registered for this program.",
        "Register one on your website’s page at vodka, under OpenID.",
    ),
    "redirect_uri_unknown": (
        "The address to go back to is not registered for this program.",
        "Change redirect_uri in the program, or register the address that it sends. The two must be equal to the letter.",
    ),
    "response_type_missing": (
        "The request does not say what it wants: response_type is missing.",
        "Send response_type=code.",
    ),
    "response_type_unknown": ("vodka does not know this response_type.", "Send response_type=code."),
    "parameter_repeated": ("A parameter was sent more than once.", "Send each parameter once."),
    "request_over": (
        "This sign-in took too long, or its address was changed.",
        "Go back to the website and start again.",
    ),
    "request_unreadable": ("The request cannot be read.", ""),
}
LABELS: Mapping[str, str] = {
    "slash": "Only the slash at the end is different.",
    "case": "Only capital and small letters are different.",
    "scheme": "One begins with https://, the other does not.",
    "host": "They are on different domains.",
    "port": "They name different ports.",
    "path": "Their paths are different.",
    "query": "They are different after the question mark.",
    "fragment": "The part after # may not be sent.",
}


@dataclass(frozen=True)
class Difference:
    """Two addresses: what they have in common at the beginning, and how each goes on; `kind` is a key of LABELS."""

    same: str
    sent: str
    registered: str
    kind: str


@dataclass(frozen=True)
class Explained:
    """What is wrong, and what to change. `client` is who asked, if that is known; `others`: further registered addresses."""

    code: str
    sentence: str
    hint: str
    parameter: str = ""
    shown: str = ""
    client: RegisteredClient | None = None
    nearest: Difference | None = None
    others: int = 0


def explain(error: OAuth2Error, pairs: Pairs) -> Explained:
    """What made a request with these parameters unanswerable; `error` is asked last, it is in words for programs."""
    sent = {name: value for name, value in pairs if value}
    if PARAMETER in sent:
        return _explained("request_over")
    if isinstance(error, Garbled):  # so that nothing of it was read
        return _unreadable(error, None)
    counted = Counter(name for name, value in pairs if value)
    client = clients.find(sent.get("client_id", ""))
    if isinstance(error, DocumentRefused):
        found = _explained("client_document", "client_id", sent["client_id"], client=client)
        return replace(found, hint=error.description)
    if "request" in sent or "request_uri" in sent:  # what counts is inside, and may never have been read
        return _unreadable(error, client)
    for name in ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce"):
        if counted[name] > 1:
            return _explained("parameter_repeated", name, client=client)
    if "client_id" not in sent:
        return _explained("client_missing", "client_id")
    if client is None:
        return _explained("client_unknown", "client_id", sent["client_id"])
    return _of_client(client, sent, error)


def _of_client(client: RegisteredClient, sent: Mapping[str, str], error: OAuth2Error) -> Explained:
    registered = client.metadata.redirect_uris
    asked = sent.get("redirect_uri")
    if not registered:
        return _explained("redirect_uri_none", "redirect_uri", asked or "", client=client)
    if asked is None and len(registered) > 1:
        return _explained("redirect_uri_missing", "redirect_uri", client=client)
    if asked is not None and not client.check_redirect_uri(asked):
        return _not_registered(client, asked, registered)
    response_type = sent.get("response_type")
    if response_type is None:
        return _explained("response_type_missing", "response_type", client=client)
    if " ".join(sorted(response_type.split())) not in RESPONSE_TYPES:
        return _explained("response_type_unknown", "response_type", response_type, client=client)
    return _unreadable(error, client)


def _not_registered(client: RegisteredClient, asked: str, registered: tuple[str, ...]) -> Explained:
    sentence, hint = _REFUSALS["redirect_uri_unknown"]
    near = max(registered, key=lambda uri: _likeness(asked[:_LONGEST], uri[:_LONGEST]))
    return Explained(
        "redirect_uri_unknown",
        sentence,
        hint,
        "redirect_uri",
        asked[:_LONGEST],
        client,
        compare(asked[:_LONGEST], near[:_LONGEST]),
        len(registered) - 1,
    )


def compare(sent: str, registered: str) -> Difference:
    """Where two different addresses first differ, and in what."""
    same = sent[: _common(sent, registered)]
    return Difference(same, sent[len(same) :], registered[len(same) :], _kind(sent, registered))


def _kind(sent: str, registered: str) -> str:
    if sent == f"{registered}/" or registered == f"{sent}/":
        return "slash"
    if sent != registered and sent.lower() == registered.lower():
        return "case"
    one, other = _PARTS.fullmatch(sent), _PARTS.fullmatch(registered)
    assert one is not None
    assert other is not None
    pairs = zip(_IN_ORDER, one.groups(), other.groups(), strict=True)
    return next((name for name, mine, theirs in pairs if mine != theirs), "path")


def _likeness(one: str, other: str) -> float:
    """How much of two texts is the same at their beginning and at their end, from 0 to 1."""
    start = _common(one, other)
    return (start + _common(one[start:][::-1], other[start:][::-1])) / max(len(one), len(other))


def _common(one: str, other: str) -> int:
    """With how many characters two texts begin alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _unreadable(error: OAuth2Error, client: RegisteredClient | None) -> Explained:
    """Something else, in the words that a program would have got."""
    sentence, _ = _REFUSALS["request_unreadable"]
    return Explained("request_unreadable", sentence, error.description or error.error, client=client)


def _explained(code: str, parameter: str = "", shown: str = "", *, client: RegisteredClient | None = None) -> Explained:
    sentence, hint = _REFUSALS[code]
    return Explained(code, sentence, hint, parameter, shown[:_LONGEST], client)
