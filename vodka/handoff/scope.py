"""Which URLs lie under a scope (FLOWS scoped login): the same host, the path by whole segments, read in one way only.

A URL that a proxy hands on is what somebody typed. Whatever two readers could take for two paths is refused, not mended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from vodka.errors import InvalidInput
from vodka.websites import redirects

_LONGEST = 8192  # characters of a URL that a proxy hands on; beyond it nobody gets in
# The path and the query of visible ASCII alone, and no fragment.
_URL = re.compile(r"(https?)://([a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?(/[!\"$->@-~]*)?(?:\?([!\"$-~]*))?")
_USUAL_PORTS = {"https": "443", "http": "80"}
# Most paths: no escape, no parameter, no empty segment, and no segment that begins with a dot.
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)*/?")
_PCHAR = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")  # RFC 3986 §3.3
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
# An escaped slash, backslash or control character: a server behind may turn it into what it stands for.
_DANGEROUS_ESCAPE = re.compile(r"%(?:2[Ff]|5[Cc]|[01][0-9A-Fa-f]|7[Ff])")
# `..` as servers may see it: also before the `;` of a path parameter (CVE-2026-3872).
_DOT_SEGMENT = re.compile(r"(?:\A|/)\.\.?(?:[/;?#]|\Z)")


class Place(NamedTuple):
    """A URL as far as it matters here: `origin` as browsers write it, the decoded segments of its path, the raw rest."""

    origin: str
    segments: tuple[str, ...]
    path: str
    query: str | None

    @property
    def host(self) -> str:
        """The name, with a port where there is one."""
        return self.origin.partition("://")[2]


@dataclass(frozen=True)
class Scope:
    """What one application covers: an origin and the segments that every path under it begins with."""

    origin: str
    segments: tuple[str, ...]

    @property
    def url(self) -> str:
        """The scope as text: always with a slash at its end."""
        return "/".join((self.origin, *self.segments, ""))

    @property
    def path(self) -> str:
        """The path of the scope, for a cookie (RFC 6265 §5.1.4)."""
        return "/".join(("", *self.segments, "")) if self.segments else "/"

    def covers(self, place: Place) -> bool:
        """Whether a URL lies under this scope: `/app` covers `/app/x`, and neither `/application` nor `/APP` (SCO-07)."""
        return self.origin == place.origin and place.segments[: len(self.segments)] == self.segments


def parse(raw: object, *, development: bool, max_length: int) -> Scope:
    """The scope that a website asks for, by the grammar of redirects; raises InvalidInput("redirect_…" or "scope_…")."""
    wanted = redirects.parse(raw, development=development, max_length=max_length)
    place = read(wanted.url)
    if wanted.query is not None or place is None:
        raise InvalidInput(
            "scope_bad",
            "The address of the application cannot be used.",
            hint="Send the address under which the application lives, without a query, such as https://host/app/.",
        )
    return Scope(place.origin, place.segments)


def read(raw: str) -> Place | None:
    """A URL that a proxy handed on; None for one that could be read in two ways (attacks SCO-11), or in none."""
    match = _URL.fullmatch(raw) if len(raw) <= _LONGEST else None
    if match is None:
        return None
    scheme, host, port, path, query = match.groups()
    segments = _segments(path or "/")
    if segments is None:
        return None
    shown_port = f":{port}" if port not in (None, _USUAL_PORTS[scheme]) else ""
    return Place(f"{scheme}://{host}{shown_port}", segments, path or "/", query)


def _segments(path: str) -> tuple[str, ...] | None:
    """The decoded segments of a path, without the empty one at its end; None where servers might see another path."""
    if _PLAIN_PATH.fullmatch(path):
        return tuple(path.removesuffix("/").split("/")[1:])
    if not _PCHAR.fullmatch(path) or _DANGEROUS_ESCAPE.search(path) or "//" in path:
        return None
    try:
        decoded = unquote(path, errors="strict")
    except UnicodeDecodeError:
        return None
    # Encoded twice, a path means one thing to a proxy and another to the server behind it.
    if _ESCAPE.search(decoded) or _DOT_SEGMENT.search(decoded):
        return None
    return tuple(decoded.removesuffix("/").split("/")[1:])
