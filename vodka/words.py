"""Text that other people wrote, made fit to be shown: names from the directory, what a site's owner says of the site."""

from __future__ import annotations

import unicodedata

# Controls, formats (bidi overrides, zero-width joiners), surrogates, private use, unassigned: none of them is a letter.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean(text: str, longest: int) -> str:
    """`text` in NFC without invisible characters, white space folded to single spaces, at most `longest` characters."""
    spaced = "".join(" " if character.isspace() else character for character in text[: longest * 4])
    visible = "".join(character for character in spaced if unicodedata.category(character) not in _INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", visible).split())[:longest].rstrip()
