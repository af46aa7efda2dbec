"""The chain of events: each is hashed together with the one before it, and the end is signed (attacks AUD-03).

An act writes its event without looking at any other, so that acts never wait for each other; the worker seals what was
written every few seconds, in order. From then on a changed, removed or inserted event is found. What is about a person
stands in the chain as a salted digest: without salt and value nothing can be guessed from it, and the chain stays whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.audit import store
from vodka.errors import VodkaError
from vodka.limits import Limits
from vodka.randomness import nonce
from vodka.sealing import Vault

_PURPOSE = "audit head"
_BEGINNING = bytes(32)
_SALT = 16  # bytes


class ChainBroken(VodkaError):
    """The audit is not what was written: `public` names the event and what is wrong with it."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__("audit_broken", f"The audit was tampered with. {where}: {why}.")


class Chain:
    """Seals, verifies and forgets, with the secrets and periods of one deployment."""

    def __init__(self, vault: Vault, limits: Limits) -> None:
        self._vault = vault
        self._keep_networks = timedelta(seconds=limits.keep_networks)

    def seal(self) -> int:
        """Seal some of the events that wait, in the order in which they were written; how many, 0 when all are sealed.

        The caller commits. Raises ChainBroken if the head was forged: nothing is ever built on a forged one.
        """
        if not store.has_unsealed():
            return 0
        head = self._lock()
        length, last, seals = head.length, head.last, []
        for event in store.list_unsealed():
            length += 1
            sealed = _sealed(event, length, last)
            last = sealed["new_chained"]
            seals.append(sealed)
        store.write_seals(seals)
        self._write(length, last, head.anchor_place, head.anchor)
        return len(seals)  # none where another process was faster

    def seal_all(self) -> Iterator[int]:
        """Seal everything that waits, in steps that the caller commits one by one."""
        while sealed := self.seal():
            yield sealed

    def verify(self) -> int:
        """Compare the whole chain with its head; how many events are in it. Raises ChainBroken for the first that is wrong."""
        head = store.find_head()
        if head is None:
            if found := store.list_sealed(None):
                raise ChainBroken(_name(found[0]), "the chain has no head")
            return 0
        self._check(head)
        place, last = head.anchor_place, head.anchor
        for event in self.events():
            if event.place <= head.anchor_place or event.place > head.length:
                raise ChainBroken(_name(event), "it was inserted")
            if event.place != place + 1:
                raise ChainBroken(f"The event at place {place + 1}", "it was removed")
            self._check_event(event, last)
            place, last = event.place, event.chained
        if place != head.length:
            raise ChainBroken(f"The event at place {place + 1}", "it was removed")
        if last != head.last:
            raise ChainBroken(f"The event at place {place}", "it was changed")
        return int(head.length - head.anchor_place)

    def events(self) -> Iterator[Row[Any]]:
        """Every event of the chain, oldest first."""
        after = None
        while batch := store.list_sealed(after):
            yield from batch
            after = batch[-1].place

    def purge(self, before: datetime) -> int:
        """Forget what happened before a moment, as far as the chain goes in one piece; how much. The caller commits."""
        if store.find_head() is None:
            return 0
        head = self._lock()
        since = store.first_place_since(before)
        place = since - 1 if since is not None else head.length
        last = store.find_at(place)
        if last is None:  # there is nothing, or everything is younger
            return 0
        self._write(head.length, head.last, place, last.chained)
        return store.drop_until(place)

    def _lock(self) -> Row[Any]:
        head = store.lock_head(self._signed(0, _BEGINNING, 0, _BEGINNING))
        self._check(head)
        return head

    def _write(self, length: int, last: bytes, anchor_place: int, anchor: bytes) -> None:
        store.write_head(self._signed(length, last, anchor_place, anchor))

    def _signed(self, length: int, last: bytes, anchor_place: int, anchor: bytes) -> dict[str, Any]:
        signature = self._vault.mac(_PURPOSE, *_said(length, last, anchor_place, anchor))
        row = {"length": length, "last": last, "anchor_place": anchor_place, "anchor": anchor}
        return {**row, "signature": signature}

    def _check(self, head: Row[Any]) -> None:
        said = _said(head.length, head.last, head.anchor_place, head.anchor)
        if not self._vault.mac_matches(_PURPOSE, head.signature, *said):
            raise ChainBroken("The head of the chain", "its signature is not ours")

    def _check_event(self, event: Row[Any], last: bytes) -> None:
        if _link(event, last) != event.chained:
            raise ChainBroken(_name(event), "it was changed, or the one before it was replaced")
        if event.network_salt is not None:
            is_true = event.network_digest == _digest(event.network_salt, event.network)
        else:
            is_true = event.network == "" and event.at <= clock.now() - self._keep_networks
        if not is_true:
            raise ChainBroken(_name(event), "its network was changed")
        if event.person_salt is not None:
            is_true = event.person_digest == _digest(event.person_salt, *_person(event))
        else:
            is_true = event.user_id is None and event.subject.startswith(store.ERASED)
        if not is_true:
            raise ChainBroken(_name(event), "the person in it was changed")


def _sealed(event: Row[Any], place: int, last: bytes) -> dict[str, Any]:
    """What sealing writes into an event that becomes the one at `place`, after the one whose value is `last`."""
    person_salt, network_salt = nonce(_SALT), nonce(_SALT)
    person, network = _digest(person_salt, *_person(event)), _digest(network_salt, event.network)
    return {
        "of_id": event.id,
        "new_place": place,
        "new_person_salt": person_salt,
        "new_person_digest": person,
        "new_network_salt": network_salt,
        "new_network_digest": network,
        "new_chained": _hash(last, *_open_part(event, place), person.hex(), network.hex()),
    }


def _link(event: Row[Any], last: bytes) -> bytes:
    return _hash(last, *_open_part(event, event.place), event.person_digest.hex(), event.network_digest.hex())


def _open_part(event: Row[Any], place: int) -> tuple[str, ...]:
    """What of an event stands in the chain as it is."""
    return str(place), str(event.id), event.at.isoformat(), event.kind, event.request_id, event.detail


def _person(event: Row[Any]) -> tuple[str, str]:
    return "" if event.user_id is None else str(event.user_id), event.subject


def _digest(salt: bytes, *values: str) -> bytes:
    return _hash(salt, *values)


def _hash(begin: bytes, *values: str) -> bytes:
    """SHA-256 over parts that each say their length, so that no two lists are one."""
    hashed = hashlib.sha256(begin)
    for raw in (value.encode() for value in values):
        hashed.update(len(raw).to_bytes(4) + raw)
    return hashed.digest()


def _said(length: int, last: bytes, anchor_place: int, anchor: bytes) -> tuple[str, ...]:
    return str(length), last.hex(), str(anchor_place), anchor.hex()


def _name(event: Row[Any]) -> str:
    return f"Event {event.id}"
