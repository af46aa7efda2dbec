"""English and French: which one a reader gets, what the sentences say, how dates are written.

The English sentences are the message ids; `templates/fr.po` holds the French ones and is read as it is, at first use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO

from babel.dates import format_datetime, get_timezone
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from vodka.paths import TEMPLATES

LANGUAGES = ("en", "fr")
NATIVE_NAMES = {"en": "English", "fr": "Français"}
ZONE = "Europe/Zurich"  # where the readers are; everything else in vodka is UTC

_SOURCE = "en"
_MOMENT = {"en": "d MMMM y, HH:mm", "fr": "d MMMM y 'à' HH:mm"}
# RFC 9110 §12.5.4: a language range and its weight; "fr-CH;q=0.8" counts for "fr".
_RANGE = re.compile(r"([a-z]{2,3})(?:-[a-z0-9-]+)?\s*(?:;\s*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?", re.ASCII | re.I)


@lru_cache(256)
def negotiate(accept_language: str | None, chosen: str | None) -> str:
    """One of LANGUAGES: what the reader chose, else what the browser prefers, else English. Takes any garbage."""
    if chosen in LANGUAGES:
        return chosen
    best, best_weight = _SOURCE, 0.0
    for part in (accept_language or "").split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None or (language := match[1].lower()) not in LANGUAGES:
            continue
        # RFC 9110 §12.4.2: no weight is 1, weight 0 is "not acceptable"; of equal weights the first one wins.
        weight = float(match[2] or 1)
        if weight > best_weight:
            best, best_weight = language, weight
    return best


class Words:
    """The sentences and dates of one language, a member of LANGUAGES. Ask `words()` for it."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._translations = _read(language)

    def gettext(self, message: str) -> str:
        """The sentence in this language; an unknown one comes back as it is."""
        return self._translations.gettext(message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The sentence for `number` things."""
        return self._translations.ngettext(singular, plural, number)

    def date(self, moment: datetime) -> str:
        """3 March 2026."""
        return self._format(moment, "d MMMM y")

    def month(self, moment: datetime) -> str:
        """March 2026."""
        return self._format(moment, "LLLL y")

    def moment(self, moment: datetime) -> str:
        """3 March 2026, 08:12, as clocks in Lausanne show it."""
        return self._format(moment, _MOMENT[self.language])

    def _format(self, moment: datetime, pattern: str) -> str:
        return format_datetime(moment, pattern, tzinfo=get_timezone(ZONE), locale=self.language)


@cache
def words(language: str) -> Words:
    """The Words of a member of LANGUAGES; the file is read once in a process."""
    return Words(language)


def install(env: Environment, current_language: Callable[[], str]) -> None:
    """Teach a Jinja environment what our templates count on: {% trans %}, `_()`, the filters date, month and moment.

    `current_language` is asked at each sentence, so one environment serves readers of both languages. Call it before
    the first template is loaded: it also makes undefined names an error and block lines vanish.
    """

    def current() -> Words:
        return words(current_language())

    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    env.trim_blocks = env.lstrip_blocks = True
    env.undefined = StrictUndefined
    env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it to the environment
        lambda message: current().gettext(message),
        lambda singular, plural, number: current().ngettext(singular, plural, number),
        newstyle=True,
    )
    env.filters["date"] = lambda moment: current().date(moment)
    env.filters["month"] = lambda moment: current().month(moment)
    env.filters["moment"] = lambda moment: current().moment(moment)


@cache
def environment(language: str) -> Environment:
    """The Jinja environment that writes mails in `language`: `.html` is escaped, `.txt` is not; `lang` is known."""
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(["html"]))
    install(env, lambda: language)
    env.globals["lang"] = language
    return env


def _read(language: str) -> NullTranslations:
    """The compiled catalogue; the source language needs none."""
    if language == _SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    with (TEMPLATES / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
