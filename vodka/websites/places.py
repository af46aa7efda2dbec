"""The three places where a proof may stand, and what there is to say of what was found in each.

Of https only what a server said over verified TLS is told; everything else is one sentence, so that nobody learns about
networks that only vodka can see (attacks DOM-20).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from vodka.adapters.fetch import Fetched
from vodka.language import words
from vodka.websites import meta
from vodka.words import clean

LABEL = "_vodka-challenge"
PATH = "/.well-known/vodka-challenge"
OURS = "vodka-"  # how every token begins

_TOLD = 3  # TXT records
_TOLD_LENGTH = 60  # characters of each
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 §15.4

LABELS = {"dns": "DNS record", "file": "File", "meta": "Tag on the home page"}
_STATUS = "The server answered with status %(status)s."
_OLDER = "There is a token of vodka, but another one, perhaps an older one."
SENTENCES = {
    "dns.held": "The record is in place.",
    "dns.none": "There is no TXT record with this name.",
    "dns.other": "There is a TXT record with this name, but it holds something else.",
    "dns.older": _OLDER,
    "dns.silent": "The DNS did not answer.",
    "file.held": "The file is in place.",
    "file.status": _STATUS,
    "file.moved": "The server redirects: the file must be at this address itself.",
    "file.other": "There is a text, but it is not the token.",
    "file.older": _OLDER,
    "meta.held": "The tag is in place.",
    "meta.status": _STATUS,
    "meta.moved": "The page redirects: the tag must be on https://%(domain)s/ itself.",
    "meta.none": "The page is there, but its head has no such tag.",
    "meta.other": "The tag is there, but it holds something else.",
    "meta.older": _OLDER,
    "silent": "Nobody answered properly over https: no connection, no good certificate, too slow, too big or compressed.",
}


@dataclass(frozen=True)
class Place:
    """Where one proof of a domain may stand, what must stand there, and the command that shows what does."""

    method: str  # as in Website.verified_by
    domain: str
    where: str
    expected: str
    command: str


@dataclass(frozen=True)
class Found:
    """What stood in one place: a name of SENTENCES, what fills it in, and the texts that stood there, made fit to be shown."""

    place: Place
    word: str
    facts: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it proves the domain."""
        return self.word.endswith(".held")

    def sentence(self, language: str) -> str:
        """The sentence in a language."""
        return words(language).gettext(SENTENCES[self.word]) % self.facts


def places_of(domain: str, token: str) -> tuple[Place, Place, Place]:
    """The three places for a token."""
    name, file, home = f"{LABEL}.{domain}", f"https://{domain}{PATH}", f"https://{domain}/"
    return (
        Place("dns", domain, name, token, f"dig +short TXT {name}"),
        Place("file", domain, file, token, f"curl -sS {file}"),
        Place("meta", domain, home, meta.tag(token), f"curl -sS {home} | grep {meta.NAME}"),
    )


def silent(place: Place) -> Found:
    """Nobody answered, or nobody in time, or vodka may not go there: which of them is nobody's business."""
    return Found(place, "dns.silent" if place.method == "dns" else "silent")


def in_dns(place: Place, token: str, records: list[bytes]) -> Found:
    """Of the records of the name one must equal the token; the others are other people's business."""
    texts = tuple(clean(record.decode("utf-8", "replace"), _TOLD_LENGTH) for record in records[:_TOLD])
    return Found(place, f"dns.{_word(records, token)}", texts=texts)


def in_file(place: Place, token: str, answer: Fetched) -> Found:
    """The whole body is the token; the line break that editors add at the end is not part of it."""
    if answer.status != 200:
        return _elsewhere(place, answer)
    text = answer.body.removesuffix(b"\n").removesuffix(b"\r")
    return Found(place, f"file.{_word([text], token)}")


def on_home_page(place: Place, token: str, answer: Fetched) -> Found:
    """Of the tags in the head one must hold the token; what is not sent as a page has no head."""
    if answer.status != 200:
        return _elsewhere(place, answer)
    tags = meta.contents(answer.body) if answer.content_type in _PAGES else []
    return Found(place, f"meta.{_word([content.encode() for content in tags], token)}")


def _elsewhere(place: Place, answer: Fetched) -> Found:
    word = "moved" if answer.status in _REDIRECTS else "status"
    return Found(place, f"{place.method}.{word}", {"status": str(answer.status), "domain": place.domain})


def _word(texts: list[bytes], token: str) -> str:
    """The token to the letter, one of ours, something, nothing."""
    if any(hmac.compare_digest(text, token.encode()) for text in texts):
        return "held"
    if any(text.startswith(OURS.encode()) for text in texts):
        return "older"
    return "other" if texts else "none"
