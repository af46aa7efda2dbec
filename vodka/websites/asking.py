"""What a website says of itself and asks for: its words, the grade of identity, the fields (field C3, C5; attacks CON-08)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import lru_cache

from vodka.accounts.fields import ANONYMOUS, DATED, DEFAULTS, GRADES, KEYS, PERSONAL, Wanted
from vodka.errors import InvalidInput
from vodka.websites.domains import parse_domain
from vodka.websites.model import Website
from vodka.words import clean

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_PURPOSE, LONGEST_REASON, LONGEST_LINK = 80, 300, 160, 300, 300

# Words with which a website would speak for somebody else, wherever they stand: an operator looks at them first.
_AUTHORITY = ("epfl", "official", "officiel", "vodka", "polytechni", "federalinstitute")
_ALONE = ("epf",)  # these only by themselves
# What stands for a letter in a name that should be misread; "1" is any upright stroke.
_LOOK_ALIKES = str.maketrans(
    {"0": "o", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s", "ſ": "f", "þ": "p", "Þ": "p", "µ": "u", "©": "c"}
    | dict.fromkeys("€℮∈∊", "e")
    | dict.fromkeys("₣ƒʃ", "f")
    | dict.fromkeys("£₤", "l")
    | dict.fromkeys("₽℗", "p")
    | dict.fromkeys("|!¦│∣ǀ", "1")
)
# Unicode's name of a letter that is drawn in another way: "LATIN LETTER SMALL CAPITAL F", "REGIONAL INDICATOR SYMBOL LETTER E",
# "LATIN SMALL LETTER L WITH STROKE".
_DRAWN = re.compile(r"(?:LETTER|CAPITAL|SMALL|DOTLESS|OPEN|LENIS|TURNED|REVERSED|INSULAR) ([A-Z])(?: WITH .*)?$")
_LAST_EUROPEAN = "\u017f"  # the end of the Latin letters that the languages of Europe are written with
# A link that a page of ours shows: https, a plain host, nothing that reads as something else.
_LINK = re.compile(r"https://([a-z0-9.-]+)((?:/[!-\[\]-~]*)?)", re.ASCII)


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


def need_person(grade: str, wanted: Sequence[Wanted]) -> None:
    """An owner who asks for nothing personal needs no personal grade; raises InvalidInput."""
    if grade == PERSONAL and DATED.issuperset(field.key for field in wanted):
        raise InvalidInput(
            "fields_missing",
            "None of these fields is asked for, so you do not need to know who somebody is.",
            hint="Ask for one of them, or choose another grade.",
        )


def need_purpose(field: Wanted) -> None:
    """Who says that a field of the person cannot be left out says what it is for; raises InvalidInput."""
    if field.essential and field.key not in DATED and not clean(field.purpose, LONGEST_PURPOSE):
        raise InvalidInput(
            "purpose_missing",
            "Please say what you need this for, since nobody can leave it out.",
            field.key,
            "Visitors read this sentence.",
        )


@lru_cache(1024)
def claims_authority(text: str) -> bool:
    """Whether a text speaks for EPFL or for vodka, or hides what it says in letters that are not Latin."""
    letters = [_plain(letter) for letter in _bare(text)]
    if any(letter is None for letter in letters):
        return True
    plain = "".join(filter(None, letters))
    return any(pattern.search(plain) for pattern in _CLAIMS)


def _bare(text: str) -> str:
    """A text in compatibility form and lower case, without marks and what is invisible."""
    forms = unicodedata.normalize("NFKD", text.translate(_LOOK_ALIKES)).casefold().translate(_LOOK_ALIKES)
    return "".join(mark for mark in forms if unicodedata.category(mark)[0] not in "MC")


def _plain(letter: str) -> str | None:
    """A letter as its reader sees it, "a" to "z" where it is one; None for a letter or number of another script."""
    if letter.isascii():
        return letter
    name = unicodedata.name(letter, "")
    if drawn := _DRAWN.search(name):
        return drawn[1].lower() if "LATIN" in name or "INDICATOR" in name else None
    if unicodedata.category(letter)[0] not in "LN":
        return letter
    return letter if "LATIN" in name and letter <= _LAST_EUROPEAN else None


def _anywhere(word: str) -> re.Pattern[str]:
    return re.compile("".join({"i": "[i1]", "l": "[l1]"}.get(letter, letter) for letter in word))


def _alone(word: str) -> re.Pattern[str]:
    """The word by itself, whatever stands between its letters: "E P F L" and "EP-FL", but not "step flow"."""
    strokes = ("[il1]" if letter in "il" else letter for letter in word)
    return re.compile(f"(?<![a-z]){'[^a-z1]*'.join(strokes)}(?![a-z])")


_CLAIMS = (*map(_anywhere, _AUTHORITY), *map(_alone, _AUTHORITY + _ALONE))


def words_of(name: str, description: str) -> str:
    """What an operator approves: these very words, and no others that come later."""
    return f"{name}\n{description}"


def waiting_words(website: Website) -> tuple[bool, bool]:
    """Whether the name, and whether the description, is not shown until an operator has read it."""
    return _waiting(website.domain, website.name, website.description, website.approved_words)


def waits_for_approval(website: Website) -> bool:
    """Whether some of a website's words are not shown until an operator has read them."""
    return any(waiting_words(website))


def shown_words(domain: str, name: str, description: str, approved: str | None) -> tuple[str, str]:
    """Name and description as visitors see them: those that claim authority only once they were approved."""
    name_waits, description_waits = _waiting(domain, name, description, approved)
    return domain if name_waits or not name else name, "" if description_waits else description


def _waiting(domain: str, name: str, description: str, approved: str | None) -> tuple[bool, bool]:
    if approved == words_of(name, description):
        return False, False
    # vodka shows the domain anyway: a name counts only as far as it says more
    return name != domain and claims_authority(name), claims_authority(description)


def _fields_of(grade: str) -> str:
    return f"The fields are {', '.join(key for key in KEYS if key in GRADES[grade])}."


def _link(raw: str, code: str) -> str:
    link = raw.strip()
    if not link:
        return ""
    parts = _LINK.fullmatch(link)
    try:
        if parts is None or len(link) > LONGEST_LINK:
            raise InvalidInput("link", "")
        return f"https://{parse_domain(parts[1])}{parts[2]}"
    except InvalidInput:
        raise InvalidInput(
            f"{code}_malformed", "This link cannot be shown.", hint="Give a full https:// address."
        ) from None
