"""The public keys of clients: in their metadata, or at the jwks_uri that they registered (RFC 7591 §2, RFC 7517 §5)."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from threading import Lock
from typing import Any

from joserfc.errors import JoseError

from vodka import clock
from vodka.keys.ring import AnyKey
from vodka.keys.tokens import TokenRefused, public_key
from vodka.oauth import store
from vodka.oauth.client_auth.published import Published, Unreadable
from vodka.oauth.metadata import ClientMetadata
from vodka.oauth.provider import Provider

_KEY_SET = "application/jwk-set+json, application/json"  # RFC 7517 §8.5.2
_FAMILIES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP", "Ed25519": "OKP"}
Jwk = dict[str, Any]


@dataclass
class _Kept:
    """What one jwks_uri said."""

    keys: tuple[Jwk, ...] = ()
    read_at: datetime | None = None
    tried_at: datetime | None = None
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Alone with it, so that of many at once one looks and the others wait for that, locking nothing meanwhile."""
        if not self.lock.acquire(blocking=False):
            store.let_go()
            self.lock.acquire()
        try:
            yield
        finally:
            self.lock.release()


class ClientKeys:
    """Finds the keys that a client's signature may be checked with; what was fetched is believed for a while."""

    def __init__(self, provider: Provider, published: Published) -> None:
        self._limits = provider.limits
        self._published = published
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = Lock()

    def fitting(self, metadata: ClientMetadata, algorithm: str, kid: str | None) -> Iterator[AnyKey]:
        """The keys for a signature by this algorithm: those of this `kid`, or all that fit if it has none (traps B 16).

        Raises TokenRefused if the client has no keys that can be read, and what `Published.read` raises while too many wait.
        """
        if metadata.jwks_uri is None:
            if metadata.jwks is None:
                raise TokenRefused("this client has registered neither jwks nor jwks_uri")
            yield from self._usable(_keys_of(metadata.jwks), algorithm, kid)
            return
        kept = self._entry(metadata.jwks_uri)
        known = self._known(metadata.jwks_uri, kept)
        yield from self._usable(known, algorithm, kid)
        # OIDC Core §10.1.1: an unknown kid is the sign of a new key; without a kid, that none of the old ones fits.
        if (kid is None or all(jwk.get("kid") != kid for jwk in known)) and self._may_look(kept):
            yield from self._usable(self._looked(metadata.jwks_uri, kept), algorithm, kid)

    def _usable(self, jwks: tuple[Jwk, ...], algorithm: str, kid: str | None) -> Iterator[AnyKey]:
        right = (jwk for jwk in jwks if _is_for(jwk, algorithm, kid))
        for jwk in islice(right, self._limits.client_keys_tried):
            try:
                yield public_key(jwk)
            except (TokenRefused, JoseError, ValueError, TypeError):
                continue  # another key of the set may do

    def _entry(self, uri: str) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault(uri, _Kept())
            self._kept.move_to_end(uri)
            if len(self._kept) > self._limits.client_keys_kept:
                self._kept.popitem(last=False)
            return kept

    def _known(self, uri: str, kept: _Kept) -> tuple[Jwk, ...]:
        """What it said lately; whoever comes while somebody looks waits for that."""
        with kept.held():
            if _is_within(kept.read_at, self._limits.client_keys_cache):
                return kept.keys
            if _is_within(kept.tried_at, self._limits.client_keys_pause):
                raise TokenRefused("the keys at jwks_uri could not be read a moment ago")
            return self._read(uri, kept)

    def _looked(self, uri: str, kept: _Kept) -> tuple[Jwk, ...]:
        with kept.held():
            return self._read(uri, kept) if self._may_look(kept) else kept.keys

    def _may_look(self, kept: _Kept) -> bool:
        return not _is_within(kept.tried_at, self._limits.client_keys_pause)

    def _read(self, uri: str, kept: _Kept) -> tuple[Jwk, ...]:
        kept.tried_at = clock.now()
        try:
            body = self._published.read(uri, accept=_KEY_SET, size=self._limits.client_keys_size)
            kept.keys = _keys_of(json.loads(body))
        except (Unreadable, ValueError, RecursionError) as error:
            raise TokenRefused("the keys at jwks_uri cannot be read") from error
        kept.read_at = kept.tried_at
        return kept.keys


def _is_within(moment: datetime | None, seconds: int) -> bool:
    # abs(): a clock that jumped back must not keep old keys alive (faults F-17)
    return moment is not None and abs(clock.now() - moment) < timedelta(seconds=seconds)


def _keys_of(key_set: object) -> tuple[Jwk, ...]:
    """The keys of a set; what is not even an object is left out (RFC 7517 §5)."""
    found = key_set.get("keys") if isinstance(key_set, dict) else None
    return tuple(jwk for jwk in found if isinstance(jwk, dict)) if isinstance(found, list) else ()


def _is_for(jwk: Jwk, algorithm: str, kid: str | None) -> bool:
    """RFC 7517 §4.1, §4.2, §4.4: what the key says of its use; RFC 7515 §4.1.4: a key without an id may be any."""
    return (
        jwk.get("kty") == _FAMILIES[algorithm]
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", algorithm) == algorithm
        and (kid is None or jwk.get("kid", kid) == kid)
    )
