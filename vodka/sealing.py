"""Secrets at rest: what must be readable again is sealed (AES-256-GCM), what must only be recognised is a MAC.

Each purpose has a key of its own, derived by HKDF (RFC 5869), so that a value made for one purpose is noise for every other.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cache, cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vodka.randomness import nonce

_NONCE = 12  # bytes, NIST SP 800-38D §8.2
_KEY_ID = 4  # bytes: which secret sealed this, so that secrets can be replaced


class SealBroken(Exception):
    """A sealed value was altered, made for another purpose, or sealed under a secret that is gone."""


class Vault:
    """Keeps the deployment's two secrets and lends out their use, never themselves.

    `secret_keys` and `peppers` begin with the one in force; the others are only good for reading what was made before.
    """

    def __init__(self, secret_keys: tuple[bytes, ...], peppers: tuple[bytes, ...]) -> None:
        self._secret_keys = secret_keys
        self._peppers = peppers
        self._derived: dict[tuple[bytes, str], bytes] = {}
        self._ciphers: dict[tuple[bytes, str], AESGCM] = {}

    def seal(self, purpose: str, data: bytes, bound_to: bytes = b"") -> bytes:
        """`data`, encrypted for `purpose` and bound to a context that must be shown again to open it."""
        secret = self._secret_keys[0]
        fresh = nonce(_NONCE)
        return _key_id(secret) + fresh + self._cipher(secret, purpose).encrypt(fresh, data, bound_to)

    def unseal(self, purpose: str, sealed: bytes, bound_to: bytes = b"") -> bytes:
        """What was sealed for this purpose and context; raises SealBroken."""
        key_id, fresh, body = sealed[:_KEY_ID], sealed[_KEY_ID : _KEY_ID + _NONCE], sealed[_KEY_ID + _NONCE :]
        for secret in self._secret_keys:
            if _key_id(secret) == key_id:
                try:
                    return self._cipher(secret, purpose).decrypt(fresh, body, bound_to)
                except (InvalidTag, ValueError):
                    break
        raise SealBroken(purpose)

    def mac(self, purpose: str, *parts: str) -> bytes:
        """32 bytes that only this deployment can compute over these parts, each with its length (no two lists collide)."""
        return _mac(self._key(self._secret_keys[0], purpose), parts)

    def mac_matches(self, purpose: str, presented: bytes, *parts: str) -> bool:
        """Whether `presented` is the MAC of these parts under a secret in force, in constant time."""
        return any(
            # on bytes: compare_digest raises for text that is not ASCII (traps T12)
            hmac.compare_digest(_mac(self._key(secret, purpose), parts), presented)
            for secret in self._secret_keys
        )

    def pepper_mac(self, purpose: str, *parts: str) -> bytes:
        """HMAC-SHA256 under the pepper: a stolen database alone can not be searched for short secrets (traps T1)."""
        return _hmac(self._key(self._peppers[0], purpose), parts)

    def pepper_mac_matches(self, purpose: str, stored: bytes, *parts: str) -> bool:
        """As `mac_matches`, under the pepper in force or the one before it (attacks KEY-02)."""
        return any(hmac.compare_digest(_hmac(self._key(pepper, purpose), parts), stored) for pepper in self._peppers)

    def signing_key(self, purpose: str) -> bytes:
        """32 bytes for HMAC signatures that never leave vodka, such as the session cookie's."""
        return self._key(self._secret_keys[0], purpose)

    def signing_keys(self, purpose: str) -> dict[str, bytes]:
        """Key id → key for reading signatures made under the secrets in force."""
        return {_key_id(secret).hex(): self._key(secret, purpose) for secret in self._secret_keys}

    @cached_property
    def current_id(self) -> str:
        """The id of the secret in force, hex."""
        return _key_id(self._secret_keys[0]).hex()

    def _cipher(self, secret: bytes, purpose: str) -> AESGCM:
        if (secret, purpose) not in self._ciphers:
            self._ciphers[secret, purpose] = AESGCM(self._key(secret, purpose))
        return self._ciphers[secret, purpose]

    def _key(self, secret: bytes, purpose: str) -> bytes:
        if (secret, purpose) not in self._derived:
            derive = HKDF(algorithm=SHA256(), length=32, salt=b"vodka", info=purpose.encode())
            self._derived[secret, purpose] = derive.derive(secret)
        return self._derived[secret, purpose]


@cache
def _key_id(secret: bytes) -> bytes:
    return hashlib.sha256(b"vodka key id" + secret).digest()[:_KEY_ID]


def _mac(key: bytes, parts: tuple[str, ...]) -> bytes:
    # RFC 7693 §2.9: BLAKE2b takes a key itself; a tenth of the time of an HMAC by OpenSSL
    return hashlib.blake2b(_framed(parts), key=key, digest_size=32).digest()


def _hmac(key: bytes, parts: tuple[str, ...]) -> bytes:
    return hmac.digest(key, _framed(parts), "sha256")


def _framed(parts: tuple[str, ...]) -> bytes:
    return b"".join([b"%d:%b" % (len(raw), raw) for raw in [part.encode() for part in parts]])
