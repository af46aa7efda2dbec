"""What comes from a directory, made fit to be shown and signed: names cleaned, addresses and scipers in one form only.

Attacks DIR-05 (names with markup, bidi, NUL; escaping is the templates' part), DIR-08 (addresses).
"""

from __future__ import annotations

import re

from vodka.words import clean

# The canonical form that accounts.emails produces (our contract); a directory is asked for nothing else.
_ADDRESS = re.compile(r"[a-z0-9._-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_ADDRESS_LENGTH = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
_SCIPER = re.compile(r"[0-9]{6}")
_LONGEST_NAME = 100  # characters


def clean_name(value: object) -> str | None:
    """The text `value` as `words.clean` leaves it; None if nothing remains or it is no text."""
    return clean(value, _LONGEST_NAME) or None if isinstance(value, str) else None


def clean_sciper(value: object) -> str | None:
    """The six digits of a sciper given as text or as a number; None for anything else, such as a guest's `G01234`."""
    text = str(value) if isinstance(value, (str, int)) else ""
    return text if _SCIPER.fullmatch(text) else None


def is_address(text: str) -> bool:
    """Whether `text` is an address in canonical form, which holds no wildcard and nothing to encode but the `@`."""
    return len(text) <= _ADDRESS_LENGTH and _ADDRESS.fullmatch(text) is not None
