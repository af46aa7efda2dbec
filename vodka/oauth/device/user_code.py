"""The code that a device shows and a person types (RFC 8628 §6.1): eight letters, read as kindly as they can be."""

from __future__ import annotations

from vodka.randomness import letters
from vodka.sealing import Vault

# RFC 8628 §6.1: no vowels, so that no words come out; 20 letters, eight times: 34.5 bits, and guessing is limited (§5.1).
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH = 8
_HALF = 4
_LONGEST = 40  # characters as typed


def fresh() -> str:
    """A new code."""
    return letters(ALPHABET, _LENGTH)


def shown(code: str) -> str:
    """A code as the device shows it."""
    return f"{code[:_HALF]}-{code[_HALF:]}"


def typed(raw: str) -> str | None:
    """The code behind what was typed, in any case and with whatever stands between its letters; None if it can be none."""
    if len(raw) > _LONGEST or not raw.isascii():
        return None
    # RFC 8628 §6.1: strip what is not in the character set; but a digit or a vowel is a mistake that should be seen.
    letters_only = "".join(c for c in raw.upper() if c.isalnum())
    return letters_only if len(letters_only) == _LENGTH and set(letters_only) <= set(ALPHABET) else None


def mac(vault: Vault, code: str) -> bytes:
    """What is stored of a code: it is short, so a plain digest would tell it (traps T1)."""
    return vault.pepper_mac("user code", code)
