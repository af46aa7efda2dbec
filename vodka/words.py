"""Text that other people wrote, made fit to be shown: names from the directory, what a site's owner says of the site."""

from __future__ import annotations

import re
import unicodedata

# Letters and symbols that show as nothing: Hangul fillers, the braille blank, joiners that hide in a name.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


# PostgreSQL refuses NUL, UTF-8 refuses lone surrogates (attacks INP-03), U+FFFD is bad UTF-8 already replaced.
_UNSTORABLE = re.compile("[\x00\ufffd\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether every character of a text can be kept, and was really sent."""
    return _UNSTORABLE.search(text) is None


def clean(text: str, longest: int) -> str:
    """`text` in NFC without invisible characters, white space folded to single spaces, at most `longest` characters."""
    # White space parts words, also where it is a control character.
    spaced = " ".join(text.split())
    # Unicode general category C: control, format (bidi, zero width), surrogate, private, unassigned.
    visible = "".join(c for c in spaced if unicodedata.category(c)[0] != "C" and c not in _INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", visible).split())[:longest].rstrip()
