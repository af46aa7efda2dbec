"""What a website says of itself and asks for: its words, the grade of identity, the fields (field C3, C5; attacks CON-08)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, replace

from vodka.accounts.fields import ANONYMOUS, DEFAULTS, GRADES, KEYS, PERSONAL, Wanted
from vodka.errors import InvalidInput
from vodka.websites.model import Website
from vodka.words import clean

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_PURPOSE, LONGEST_REASON, LONGEST_LINK = 80, 300, 160, 300, 300

# Words with which a website would speak for somebody else: an operator looks at them first.
_AUTHORITY = ("epfl", "official", "officiel", "vodka")
_DIGITS_FOR_LETTERS = (str.maketrans("01345$@|", "oieassai"), str.maketrans("01345$@|", "oleassal"))
# A link that a page of ours shows: https, a plain host, nothing that reads as something else.
_LINK = re.compile(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[!-\[\]-~]*)?", re.ASCII)


def describe(website: Website, *, name: str, description: str, privacy_url: str = "", terms_url: str = "") -> None:
    """Set a website's own words and links; they are shown as plain text, short, below the domain."""
    website.name = clean(name, LONGEST_NAME) or website.domain
    website.description = clean(description, LONGEST_DESCRIPTION)
    website.privacy_url = _link(privacy_url, "privacy_url")
    website.terms_url = _link(terms_url, "terms_url")


def ask_for(website: Website, grade: str, reason: str, wanted: Sequence[Wanted]) -> None:
    """Set the grade and the fields; raises InvalidInput for a field beyond the grade, and for personal without a reason."""
    if grade not in GRADES:
        raise InvalidInput("grade_unknown", "Please choose one of the three grades.")
    allowed = GRADES[grade]
    if refused := [field.key for field in wanted if field.key not in allowed]:
        raise InvalidInput(
            "field_beyond_grade", f"There is no field {refused[0]} under this grade.", hint=_fields_of(grade)
        )
    if len({field.key for field in wanted}) < len(wanted):
        raise InvalidInput("field_twice", "A field was asked for twice.")
    website.grade = grade
    website.reason = clean(reason, LONGEST_REASON) if grade == PERSONAL else ""
    if grade == ANONYMOUS:  # one answer, and nothing to choose
        wanted = [replace(field, essential=True) for field in wanted] or DEFAULTS[ANONYMOUS]
    website.fields = [asdict(replace(field, purpose=clean(field.purpose, LONGEST_PURPOSE))) for field in wanted]


def need_reason(grade: str, reason: str) -> None:
    """An owner who wants to know the person says why; raises InvalidInput."""
    if grade == PERSONAL and not clean(reason, LONGEST_REASON):
        raise InvalidInput(
            "reason_missing", "Please say why you need to know who somebody is.", hint="Visitors read this sentence."
        )


def claims_authority(text: str) -> bool:
    """Whether a text speaks for EPFL or for vodka, or hides what it says in letters that are not Latin."""
    if any(letter.isalpha() and "LATIN" not in unicodedata.name(letter, "") for letter in text):
        return True
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(mark))
    for digits in _DIGITS_FOR_LETTERS:
        # "E P F L" and "E.P.F.L." are one word; "step flow" stays two.
        joined = re.sub(r"\b([a-z])[^a-z]+(?=[a-z]\b)", r"\1", bare.translate(digits))
        if any(word in joined for word in _AUTHORITY):
            return True
    return False


def words_of(name: str, description: str) -> str:
    """What an operator approves: these very words, and no others that come later."""
    return f"{name}\n{description}"


def waits_for_approval(website: Website) -> bool:
    """Whether some of a website's words are not shown until an operator has read them."""
    claims = claims_authority(_own(website.name, website.domain)) or claims_authority(website.description)
    return claims and website.approved_words != words_of(website.name, website.description)


def shown_words(domain: str, name: str, description: str, approved: str | None) -> tuple[str, str]:
    """Name and description as visitors see them: those that claim authority only once they were approved."""
    if approved == words_of(name, description):
        return name, description
    shown = "" if claims_authority(_own(name, domain)) else name
    return shown or domain, "" if claims_authority(description) else description


def _own(name: str, domain: str) -> str:
    """A name as far as it says more than the domain, which vodka shows anyway."""
    return "" if name == domain else name


def _fields_of(grade: str) -> str:
    return f"The fields are {', '.join(key for key in KEYS if key in GRADES[grade])}."


def _link(raw: str, code: str) -> str:
    link = raw.strip()
    if link and (len(link) > LONGEST_LINK or not _LINK.fullmatch(link)):
        raise InvalidInput(f"{code}_malformed", "This link cannot be shown.", hint="Give a full https:// address.")
    return link
