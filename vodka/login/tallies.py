"""Counting acts in a sliding window, exactly, on any number of workers: the row is locked before it is read.

Held in the same transaction as the act that is counted, so that what did not happen is not counted, and nothing happens
uncounted (traps T5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack, unpack

from vodka import clock
from vodka.errors import TooMany
from vodka.login import store


@dataclass(frozen=True)
class Rule:
    """At most `allowed` acts of the holder of this key within any `window` seconds."""

    key: bytes
    allowed: int
    window: int


def spend(rules: Sequence[Rule]) -> int:
    """Count one act under all of these rules, or under none: 0, or the seconds until the act would be allowed."""
    hits = _locked({rule.key for rule in rules}, clock.epoch())
    now = clock.epoch()  # under the lock: who had it meanwhile wrote down later moments than when the wait began
    wait = max((_wait(hits[rule.key], rule, now) for rule in rules), default=0)
    if wait == 0:
        longest = {rule.key: max(r.window for r in rules if r.key == rule.key) for rule in rules}
        store.write_tallies({key: _packed(hits[key], now, longest[key]) for key in hits})
    return wait


def need_room(rule: Rule, code: str, public: str) -> None:
    """Count one act under a rule; raises TooMany, with this code and sentence."""
    if wait := spend([rule]):
        raise TooMany(code, public, wait)


def strike(key: bytes, times: int, window: int) -> None:
    """Count `times` acts of the holder of this key at once, whether or not that many are allowed."""
    now = clock.epoch()
    hits = _locked({key}, now)[key]
    store.write_tallies({key: _packed(hits + [now] * (times - 1), now, window)})


def spend_durably(rules: Sequence[Rule]) -> int:
    """As `spend`, and the count stays whatever comes of the act; no lock is held while the act takes its time."""
    wait = spend(rules)
    store.settle()
    return wait


def give_back(rules: Sequence[Rule]) -> None:
    """Take one act off the count again, where only those that fail are meant to be counted."""
    hits = _locked({rule.key for rule in rules}, clock.epoch())
    store.write_tallies({key: pack(f">{len(kept[:-1])}I", *kept[:-1]) for key, kept in hits.items()})


def _locked(keys: set[bytes], now: int) -> dict[bytes, list[int]]:
    return {key: list(unpack(f">{len(hits) // 4}I", hits)) for key, hits in store.lock_tallies(keys, now).items()}


def _wait(hits: list[int], rule: Rule, now: int) -> int:
    within = [hit for hit in hits if hit > now - rule.window]
    if len(within) < rule.allowed:
        return 0
    # free again when the oldest of the last `allowed` acts leaves the window
    return within[-rule.allowed] + rule.window - now if rule.allowed else rule.window


def _packed(hits: list[int], now: int, window: int) -> bytes:
    kept = [hit for hit in hits if hit > now - window]
    return pack(f">{len(kept) + 1}I", *kept, now)
