"""A passkey in software, and the browser around it: what an honest device signs, and each lie that one could tell."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from werkzeug.test import TestResponse

from tests.vodka_under_test import Browser

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40  # WebAuthn §6.1
ADD, SIGN_IN = "/passkeys/add", "/passkeys/sign-in"


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Lie:
    """What differs from an honest ceremony; the defaults are honest."""

    type: str | None = None
    origin: str | None = None
    rp_id: str | None = None
    challenge: str | None = None
    cross_origin: bool = False
    clears: int = 0  # flags
    sets: int = 0
    handle: bytes | None = None
    signature: bytes | None = None


HONEST = Lie()


@dataclass
class Authenticator:
    """One credential. `flags` are its usual ones; `count` goes up with each signature, unless it does not count."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    flags: int = UP | UV
    counts: bool = True
    count: int = 0
    credential_id: bytes = b""
    handle: bytes = b""

    def __post_init__(self) -> None:
        self.credential_id = self.credential_id or hashlib.sha256(self.cose()).digest()

    def cose(self) -> bytes:
        """The public key as a COSE_Key: ES256."""
        point = self.key.public_key().public_numbers()
        return bytes(cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}))

    def copy(self) -> Authenticator:
        """The same key elsewhere, with a count of its own."""
        return replace(self)

    def make(self, options: dict[str, Any], lie: Lie = HONEST) -> dict[str, Any]:
        """What `navigator.credentials.create` gives, attestation "none"."""
        self.handle = unb64(options["user"]["id"])
        client_data = self._client_data("webauthn.create", options["challenge"], lie)
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + self.cose()
        data = self._data(options["rp"]["id"], lie, AT) + attested
        attestation = bytes(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data}))
        response = {"clientDataJSON": b64(client_data), "attestationObject": b64(attestation), "transports": ["usb"]}
        return self._credential(response)

    def sign(self, options: dict[str, Any], lie: Lie = HONEST) -> dict[str, Any]:
        """What `navigator.credentials.get` gives."""
        self.count += self.counts
        client_data = self._client_data("webauthn.get", options["challenge"], lie)
        data = self._data(options["rpId"], lie)
        signature = lie.signature or self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature}
        return self._credential(
            {name: b64(value) for name, value in {**response, "userHandle": lie.handle or self.handle}.items()}
        )

    def _client_data(self, kind: str, challenge: str, lie: Lie) -> bytes:
        said = {"type": lie.type or kind, "challenge": lie.challenge or challenge, "origin": lie.origin or self.origin}
        return json.dumps(said | {"crossOrigin": lie.cross_origin}).encode()

    def _data(self, rp_id: str, lie: Lie, also: int = 0) -> bytes:
        flags = (self.flags | lie.sets | also) & ~lie.clears
        return hashlib.sha256((lie.rp_id or rp_id).encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        identifier = b64(self.credential_id)
        more = {"rawId": identifier, "type": "public-key", "clientExtensionResults": {"credProps": {"rk": True}}}
        return {"id": identifier, "response": response, "authenticatorAttachment": "platform"} | more


def post(browser: Browser, path: str, content: dict[str, Any]) -> TestResponse:
    """POST, with the token that the page's script sends."""
    return browser.post(path, json=content, headers={"X-CSRFToken": browser.cookie("csrftoken") or ""})


def options(browser: Browser, ceremony: str, **content: Any) -> dict[str, Any]:
    """Begin a ceremony, which must work."""
    response = post(browser, f"{ceremony}/begin", content)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.get_json()
    return found


def finish(browser: Browser, ceremony: str, credential: object) -> TestResponse:
    """End a ceremony."""
    return post(browser, f"{ceremony}/finish", {"credential": credential})


def add(browser: Browser, lie: Lie = HONEST, **kwargs: Any) -> Authenticator:
    """A passkey that this browser's holder has added."""
    made = Authenticator(browser.vodka.origin, **kwargs)
    response = finish(browser, ADD, made.make(options(browser, ADD), lie))
    assert response.status_code == 200, response.text
    return made


def sign_in(browser: Browser, passkey: Authenticator, lie: Lie = HONEST, **content: Any) -> TestResponse:
    """Sign in with a passkey: the answer, whatever it is."""
    return finish(browser, SIGN_IN, passkey.sign(options(browser, SIGN_IN, **content), lie))
