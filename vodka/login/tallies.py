"""Counting acts in a sliding window, exactly, on any number of workers: the row is locked before it is read.

Held in the same transaction as the act that is counted, so that what did not happen is not counted, and nothing happens
uncounted (traps T5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from struct import pack, unpack

from sqlalchemy import TextClause, delete, text

from vodka import clock
from vodka.db import execute, table
from vodka.login.model import Tally

TALLIES = table(Tally)
_WRITE = text("UPDATE tallies SET hits = :hits WHERE key = :key")


@dataclass(frozen=True)
class Rule:
    """At most `allowed` acts of the holder of this key within any `window` seconds."""

    key: bytes
    allowed: int
    window: int


def spend(rules: Sequence[Rule]) -> int:
    """Count one act under all of these rules, or under none: 0, or the seconds until the act would be allowed."""
    now = clock.epoch()
    hits = _lock(sorted({rule.key for rule in rules}), now)
    wait = max((_wait(hits[rule.key], rule, now) for rule in rules), default=0)
    if wait == 0:
        longest = {rule.key: max(r.window for r in rules if r.key == rule.key) for rule in rules}
        written = [{"key": key, "hits": _packed(hits[key], now, longest[key])} for key in hits]
        execute(_WRITE, written)
    return wait


def purge(before: int) -> int:
    """Forget tallies untouched since a moment, in seconds since the epoch; how many."""
    return execute(delete(TALLIES).where(TALLIES.c.touched_at < before)).rowcount


@lru_cache
def _locking(count: int) -> TextClause:
    rows = ", ".join(f"(:key{number}, :empty, :now)" for number in range(count))
    return text(
        f"INSERT INTO tallies (key, hits, touched_at) VALUES {rows}"  # noqa: S608 - only numbers are put in
        " ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at RETURNING key, hits"
    )


def _lock(keys: list[bytes], now: int) -> dict[bytes, list[int]]:
    """The hits of these tallies, locked until the transaction ends; in sorted order, so that no two wait for each other."""
    named = {f"key{number}": key for number, key in enumerate(keys)}
    rows = execute(_locking(len(keys)), {**named, "empty": b"", "now": now}).all()
    return {bytes(row.key): list(unpack(f">{len(row.hits) // 4}I", row.hits)) for row in rows}


def _wait(hits: list[int], rule: Rule, now: int) -> int:
    within = [hit for hit in hits if hit > now - rule.window]
    if len(within) < rule.allowed:
        return 0
    # free again when the oldest of the last `allowed` acts leaves the window
    return within[-rule.allowed] + rule.window - now if rule.allowed else rule.window


def _packed(hits: list[int], now: int, window: int) -> bytes:
    kept = [hit for hit in hits if hit > now - window]
    return pack(f">{len(kept) + 1}I", *kept, now)
