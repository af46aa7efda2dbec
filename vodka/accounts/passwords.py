"""Passwords: only for programs that cannot do better; the mailbox stays the way in, and proves itself anew twice a year.

NIST SP 800-63B §5.1.1.2: long, of any characters, without rules on their kinds, and not one that can be guessed. Argon2id.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import takewhile
from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import Type

from vodka import clock
from vodka.accounts import store
from vodka.audit import store as audit
from vodka.errors import InvalidInput, Unavailable
from vodka.limits import Limits
from vodka.randomness import token

_LANES = 1  # Argon2's parallelism (traps T21): more lanes would take more cores from everybody else
_EXPANSION = 8  # NFKC may shorten a text; one longer than this many times the limit is not even looked at
_NAME = 3  # characters: a shorter part of a name is in many a word
_RUN = re.compile(r"(.{1,64}?)\1+", re.DOTALL)  # something that is said again at once
_ROWS = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm"),
    *("zxcvbnm", "yxcvbnm", "wxcvbn"),
)
_STEP = 4  # characters in a row of the alphabet or of the keyboard that are no choice any more
_EVERYBODYS = (
    *("password", "passwort", "passphrase", "motdepasse", "motsdepasse", "geheim", "secret", "welcome", "bienvenue"),
    *("vodka", "epfl", "lausanne", "student", "etudiant", "letmein", "iloveyou", "jetaime", "admin", "login", "summer"),
    *(
        "winter",
        "automne",
        "spring",
        "printemps",
        "soleil",
        "azerty",
        "qwerty",
        "qwertz",
        "football",
        "dragon",
        "monkey",
    ),
)


@dataclass(frozen=True)
class Passwords:
    """Sets and compares passwords. `turns` lets a few hashes run at a time: each takes 19 MiB and a core (traps T21)."""

    limits: Limits
    turns: BoundedSemaphore

    def set(self, user_id: int, email: str, password: object, names: Collection[str]) -> None:
        """Keep a person's password, in place of the one before; raises InvalidInput with what to change.

        `names`: what others know of the person, such as first and last name.
        """
        chosen = self.prepared(password)
        self._check(chosen, (*email.split("@"), *names))
        with self._turn():
            hashed = self._hasher.hash(chosen)
        store.keep_password(user_id, hashed, clock.now())
        audit.add("password.set", user_id=user_id, subject=email)

    def remove(self, user_id: int, email: str) -> bool:
        """Forget a person's password; whether there was one."""
        was_there = store.remove_password(user_id)
        if was_there:
            audit.add("password.removed", user_id=user_id, subject=email)
        return was_there

    def ends_at(self, changed_at: datetime) -> datetime:
        """Until when a password opens anything."""
        return changed_at + timedelta(seconds=self.limits.password_lifetime)

    def prepared(self, password: object) -> str:
        """The text that is compared: NFKC (NIST SP 800-63B §5.1.1.2), never cut; raises InvalidInput for one that cannot be.

        Nothing here depends on whose it is, and no hash is computed (attacks OTT-16).
        """
        most = self.limits.password_longest
        if not isinstance(password, str) or not password:
            raise InvalidInput("bad_password", "Please type a password.")
        if len(password) > most * _EXPANSION:
            raise _too_long()
        text = unicodedata.normalize("NFKC", password)
        if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
            raise InvalidInput("bad_password", "This password has characters that no keyboard types.")
        if len(text) > most:
            raise _too_long()
        return text

    def find(self, email: str, prepared: str) -> Any | None:
        """The account of an address whose password this is; None for a wrong one, a stranger, and one that is over.

        Each of these takes the same time: without a hash to compare, a made-up one is (attacks OTT-14).
        """
        row, nobodys = store.find_with_password(email), self._nobodys
        hashed = row.hash if row is not None and row.hash is not None else nobodys
        is_right = self._matches(hashed, prepared)
        if row is None or row.hash is None or not is_right or clock.is_over(self.ends_at(row.changed_at)):
            return None
        if self._hasher.check_needs_rehash(hashed):
            with self._turn():
                store.keep_password(row.id, self._hasher.hash(prepared), row.changed_at)
        return row

    def _matches(self, hashed: str, prepared: str) -> bool:
        with self._turn():
            try:
                return self._hasher.verify(hashed, prepared)
            except VerificationError:
                return False

    def _check(self, chosen: str, known: Collection[str]) -> None:
        """NIST SP 800-63B §5.1.1.2: of the rules on a memorized secret those that keep a guesser out, and no others."""
        if len(chosen) < self.limits.password_shortest:
            raise InvalidInput("bad_password", "This password is too short. A few words in a row are fine.")
        if own_part(chosen, known) < self.limits.password_own:
            raise InvalidInput(
                "bad_password",
                "This one is easily guessed: it is mostly a name, a common word, a sequence or a repetition.",
            )

    @cached_property
    def _hasher(self) -> PasswordHasher:
        limits = self.limits
        return PasswordHasher(limits.password_passes, limits.password_memory, _LANES, type=Type.ID)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(token())

    def _turn(self) -> _Turn:
        return _Turn(self.turns, self.limits.password_wait)


@dataclass(frozen=True)
class _Turn:
    """One hash's turn; raises Unavailable where too many wait."""

    turns: BoundedSemaphore
    patience: float

    def __enter__(self) -> None:
        if not self.turns.acquire(timeout=self.patience):
            raise Unavailable("too many passwords are being compared")

    def __exit__(self, *_error: object) -> None:
        self.turns.release()


def own_part(password: str, known: Collection[str]) -> int:
    """How many different choices its owner made: characters that are no known word, no sequence and no repetition."""
    text = unicodedata.normalize("NFKC", password.casefold())
    names = [part for name in known for part in (name.casefold(), *re.split(r"[^\w]+|_", name.casefold()))]
    for word in sorted({*names, *_EVERYBODYS}, key=len, reverse=True):
        if len(word) >= _NAME:
            text = text.replace(word, "\0")
    kept = _RUN.sub(r"\1", _without_sequences(text)).replace("\0", "")
    # Four different characters in any order are still four.
    return min(len(kept), 2 * len(set(kept)))


def _without_sequences(text: str) -> str:
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    found, place = [], 0
    while place < len(text):
        length = max((_run_in(row, text, place) for row in rows), default=0)
        found.append("\0" if length >= _STEP else text[place])
        place += length if length >= _STEP else 1
    return "".join(found)


def _run_in(row: str, text: str, place: int) -> int:
    """How many characters of `text` from here on stand in a row of the keyboard in this order."""
    start = row.find(text[place])
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(row[start:], text[place:], strict=False))
    return len(list(alike)) if start >= 0 else 0


def _too_long() -> InvalidInput:
    return InvalidInput("bad_password", "This password is too long.")
