"""The tag on a home page that proves a domain: `<meta name="vodka-challenge" content="…">`, in the head and nowhere else.

Whoever may write in the body of a page (a comment, a profile) must not prove its domain: reading stops where a browser
ends the head (HTML Standard §13.2.6.4.4), at the latest; where browsers differ from this parser, less counts, not more.
"""

from __future__ import annotations

from contextlib import suppress
from html.parser import HTMLParser

NAME = "vodka-challenge"
# What a head is made of (HTML Standard §4.2); the first tag of anything else begins the body.
_HEAD = frozenset({"html", "head", "base", "link", "meta"})
_SPACE = "\t\n\f\r "
# What they hold is text, or no part of the page that is shown.
_CLOSED = frozenset({"title", "style", "script", "noscript", "template"})


def tag(token: str) -> str:
    """The tag that an owner puts into the page."""
    return f'<meta name="{NAME}" content="{token}">'


def contents(page: bytes) -> list[str]:
    """What each such tag in the head of a page holds, unescaped; `page` may be cut off anywhere."""
    reader = _Head()
    with suppress(_HeadIsOver, AssertionError):  # AssertionError: a declaration that the parser cannot make sense of
        reader.feed(page.decode("utf-8-sig", "replace"))
    return reader.found


class _HeadIsOver(Exception):
    """Nothing that follows counts."""


class _Head(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._closed: str | None = None  # inside of what whose content does not count

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._closed is not None:
            return
        if tag in _CLOSED:
            self._closed = tag
        elif tag not in _HEAD:
            raise _HeadIsOver
        elif tag == "meta":
            given = dict(reversed(attrs))  # of an attribute that stands twice the first one counts
            if given.get("name") == NAME:
                self.found.append(given.get("content") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # `<title/>` opens a title: HTML knows no empty form of it.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._closed:
            self._closed = None
        elif self._closed is None and tag in ("head", "body", "html", "br"):
            raise _HeadIsOver

    def handle_data(self, data: str) -> None:
        if self._closed is None and data.strip(_SPACE):
            raise _HeadIsOver
