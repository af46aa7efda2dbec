"""What a browser sends at the end of a ceremony: a PublicKeyCredential as JSON (WebAuthn §5.1.8), read strictly."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from vodka.errors import InvalidInput, SecretRejected, VodkaError

Verified = TypeVar("Verified")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


class PasskeyRejected(SecretRejected):
    """A passkey did not prove what it should: the same answer for unknown, removed, disabled and wrong (ASVS 6.3.8)."""

    def __init__(self, detail: str) -> None:
        VodkaError.__init__(
            self,
            code="rejected",
            public="This passkey did not work. You can sign in with your EPFL address instead.",
            detail=detail,
        )
        self.noted("passkey.refused")


@dataclass(frozen=True)
class Credential:
    """The members that matter, each of them base64url; `clean` is what the library verifies."""

    clean: dict[str, Any]
    challenge: str

    @property
    def id(self) -> bytes:
        """The credential's id."""
        return _decoded(self.clean["id"])

    def response(self, name: str) -> bytes:
        """A member of the response."""
        return _decoded(self.clean["response"][name])


def read(sent: object, *members: str) -> Credential:
    """The credential with these members of its response; others, which browsers add as they learn, are left out.

    Raises InvalidInput for what no browser sends, PasskeyRejected for a ceremony inside somebody else's page.
    """
    outer = _object(sent)
    response = _object(outer.get("response"))
    names = ("clientDataJSON", *members)
    texts = {name: _text(response.get(name)) for name in names}
    identifier = _text(outer.get("id"))
    clean = {"id": identifier, "rawId": identifier, "type": "public-key", "response": texts}
    return Credential(clean, _challenge_in(_decoded(texts["clientDataJSON"])))


def verified(verify: Callable[[], Verified]) -> Verified:
    """The result of the library's check; it reads bytes that strangers made, so whatever it raises is a refusal."""
    try:
        return verify()
    except Exception as error:
        raise PasskeyRejected(f"{type(error).__name__}: {error}"[:200]) from error


def _challenge_in(client_data: bytes) -> str:
    try:
        said = _object(json.loads(client_data))
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error
    # WebAuthn §7.1 step 10, §7.2 step 13: vodka is never meant to be framed.
    if said.get("crossOrigin") not in (None, False):
        raise PasskeyRejected("inside a frame of another origin")
    return _text(said.get("challenge"))


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _unreadable()
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not _BASE64URL.fullmatch(value):
        raise _unreadable()
    return value


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise _unreadable() from error


def _unreadable() -> InvalidInput:
    return InvalidInput("bad_passkey", "This is no passkey that can be read.")
