"""The keyring of one process: keys imported once, read again from the database every few seconds.

Importing an RSA key costs 30 ms, so it is never done per use; a whole key set is never handed to the signer (it would pick
one at random).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any

from joserfc.jwk import ECKey, OKPKey, RSAKey

from vodka import clock
from vodka.errors import Unavailable
from vodka.keys import store
from vodka.keys.model import SigningKey
from vodka.limits import Limits
from vodka.randomness import identifier
from vodka.sealing import Vault

PURPOSE = "signing key"
AnyKey = ECKey | OKPKey | RSAKey


@dataclass(frozen=True)
class Held:
    """One key in memory."""

    kid: str
    algorithm: str
    active_from: datetime
    open: Callable[[], AnyKey]

    @cached_property
    def key(self) -> AnyKey:
        """The private key, imported at its first use."""
        return self.open()


class Keyring:
    """Signs with one chosen key, knows the published ones by kid, and keeps their JWKS as ready bytes.

    `algorithm` is the one for everything that does not ask for another; `others` are kept ready beside it.
    """

    def __init__(self, vault: Vault, limits: Limits, algorithm: str, others: Collection[str] = ()) -> None:
        self._vault = vault
        self._limits = limits
        self._lifetime = timedelta(seconds=limits.keyring_cache)
        self._algorithm = algorithm
        self.algorithms = tuple(dict.fromkeys((algorithm, *others)))
        self._lock = Lock()
        self._read_at: datetime | None = None
        self._held: dict[str, Held] = {}
        self.ready_jwks = b""  # as of the last reading

    def signing(self, algorithm: str | None = None) -> Held:
        """The key that signs now: the youngest that is active; else, as after a withdrawal, the next that will be."""
        self._refresh()
        ours = [held for held in self._held.values() if held.algorithm == (algorithm or self._algorithm)]
        if not ours:
            raise Unavailable("there is no signing key: `vodka db upgrade` makes the first one")
        ours.sort(key=lambda held: held.active_from)
        active = [held for held in ours if clock.is_over(held.active_from)]
        return active[-1] if active else ours[0]

    def find(self, kid: str) -> AnyKey | None:
        """The published key of this id, as `tokens.verify` asks for it."""
        self._refresh()
        held = self._held.get(kid)
        return held.key if held is not None else None

    def jwks(self) -> bytes:
        """The JSON Web Key Set: public parts only (RFC 7517 §5, attacks TOK-23)."""
        self._refresh()
        return self.ready_jwks

    def public_pem(self) -> bytes:
        """The key that signs now, for people without a JOSE library (SubjectPublicKeyInfo, PEM)."""
        return self.signing().key.as_pem(private=False)

    def ensure(self) -> None:
        """Make the first keys where there is none. Of two processes that start at once, one makes them (faults F-23)."""
        for algorithm in self.algorithms:
            # In this order: what another process makes after the first look is seen by the second one, or has our number.
            generation = self._youngest(algorithm) + 1
            self.forget()
            self._refresh()
            if all(held.algorithm != algorithm for held in self._held.values()):
                self._make(algorithm, generation, clock.now())
                self.forget()

    def rotate(self, algorithm: str | None = None, *, at_once: bool = False) -> str:
        """Add a key: published now, signing after a while (so that no cache misses it); the older ones fade out. Its kid.

        `at_once` skips the while, for emergencies (attacks KEY-01, faults F-21).
        """
        limits, algorithm = self._limits, algorithm or self._algorithm
        ahead = 0 if at_once else limits.key_publish_ahead
        generation = self._youngest(algorithm) + 1
        kid = self._make(algorithm, generation, clock.after(ahead))
        longest = max(limits.data_jwt_lifetime, limits.access_token_lifetime, limits.id_token_lifetime)
        last_use = ahead + longest + limits.clock_leeway + limits.keyring_cache
        store.retire_older(algorithm, generation, clock.after(last_use))
        self.forget()
        return kid

    def withdraw(self, kid: str) -> bool:
        """Take a key out of use and out of sight at once (attacks TOK-24); whether it was there."""
        found = store.withdraw(kid, clock.now())
        self.forget()
        return found

    def forget(self) -> None:
        """Read the keys anew at the next use."""
        self._read_at = None

    def _youngest(self, algorithm: str) -> int:
        return max((key.generation for key in store.list_all() if key.algorithm == algorithm), default=0)

    def is_fresh(self) -> bool:
        """Whether the ring was read so lately that it need not be read again."""
        read_at = self._read_at
        # abs(): a clock that jumped back must not keep a stale ring alive (faults F-17)
        return read_at is not None and abs(clock.now() - read_at) < self._lifetime

    def _refresh(self) -> None:
        with self._lock:
            if not self.is_fresh():
                now = clock.now()
                published = store.list_published(now)
                self._held = {row.kid: self._held.get(row.kid) or self._open(row) for row in published}
                body = json.dumps({"keys": [json.loads(row.public) for row in published]}).encode()
                # the same bytes object while nothing changed, so that what was made of it can be kept
                self.ready_jwks = self.ready_jwks if self.ready_jwks == body else body
                self._read_at = now

    def _open(self, row: SigningKey) -> Held:
        private = self._vault.unseal(PURPOSE, row.private, row.kid.encode())
        algorithm = row.algorithm
        return Held(row.kid, algorithm, row.active_from, lambda: import_key(algorithm, json.loads(private)))

    def _make(self, algorithm: str, generation: int, active_from: datetime) -> str:
        kid = identifier()
        key = generate_key(algorithm)
        shown: dict[str, Any] = {"kid": kid, "use": "sig", "alg": algorithm}
        row = {
            "kid": kid,
            "algorithm": algorithm,
            "generation": generation,
            "public": json.dumps({**key.as_dict(private=False), **shown}),
            "private": self._vault.seal(PURPOSE, json.dumps(key.as_dict(private=True)).encode(), kid.encode()),
            "created_at": clock.now(),
            "active_from": active_from,
        }
        store.add(row)
        return kid


def generate_key(algorithm: str) -> AnyKey:
    """A fresh private key for ES256, EdDSA or RS256 (RFC 7518 §3, RFC 8037 §3.1)."""
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", auto_kid=False)
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519", auto_kid=False)
    return RSAKey.generate_key(2048, auto_kid=False)


def import_key(algorithm: str, jwk: dict[str, Any]) -> AnyKey:
    """The key of this JWK."""
    kinds: dict[str, type[AnyKey]] = {"ES256": ECKey, "EdDSA": OKPKey, "RS256": RSAKey}
    return kinds[algorithm].import_key(jwk)
