"""What comes from a directory, made fit to be shown and signed: names cleaned, addresses and scipers in one form only.

Attacks DIR-05 (names with markup, bidi, NUL; escaping is the templates' part), DIR-08 (addresses).
"""

from __future__ import annotations

import re
import unicodedata

# The canonical form that accounts.emails produces (product §4); a directory is asked for nothing else.
_ADDRESS = re.compile(r"[a-z0-9._-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_ADDRESS_LENGTH = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
_SCIPER = re.compile(r"[0-9]{6}")

# Letters and symbols that show as nothing: Hangul fillers, the braille blank, joiners that hide in a name.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def clean_name(value: object, most: int = 100) -> str | None:
    """The text `value` as one visible line in NFC of at most `most` characters; None if nothing remains or it is no text."""
    if not isinstance(value, str):
        return None
    # Line breaks and tabs part words before they are dropped as control characters.
    spaced = " ".join(value.split())
    # Unicode general category C: control, format (bidi, zero width), surrogate, private, unassigned.
    visible = "".join(c for c in spaced if unicodedata.category(c)[0] != "C" and c not in _INVISIBLE)
    line = " ".join(unicodedata.normalize("NFC", visible).split())
    return line[:most].rstrip() or None


def clean_sciper(value: object) -> str | None:
    """The six digits of a sciper given as text or as a number; None for anything else, such as a guest's `G01234`."""
    text = str(value) if isinstance(value, (str, int)) else ""
    return text if _SCIPER.fullmatch(text) else None


def is_address(text: str) -> bool:
    """Whether `text` is an address in canonical form, which holds no wildcard and nothing to encode but the `@`."""
    return len(text) <= _ADDRESS_LENGTH and _ADDRESS.fullmatch(text) is not None
