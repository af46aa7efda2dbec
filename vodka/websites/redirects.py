"""Which address a browser may be sent back to: a narrow ASCII grammar of its own (RFC 3986 §3, RFC 9700 §4.1).

Nothing is parsed by one reader and followed by another (traps T2–T4): the text is checked character by character, the
parts are kept byte for byte, and what is sent is put together from the parts and read again. Two things only are
canonicalised: an upper-case host is lowered, and `:443` of https is left out. An empty path stays empty.
Whether the host belongs to a verified website is another question: compare `.host`, exactly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, unquote_plus, urlencode

from vodka.errors import InvalidInput
from vodka.websites.domains import parse_domain

_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")
_PARTS = re.compile(r"(https?)://([^/?]*)([^?]*)(?:\?(.*))?")  # RFC 3986 appendix B, without fragment
_LOCALHOST = re.compile(r"localhost:([1-9][0-9]{0,4})")
_HIGHEST_PORT = 65535  # RFC 9293 §3.1: sixteen bits

_PCHAR = r"[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}"  # RFC 3986 §3.3
_PATH = re.compile(rf"(?:{_PCHAR}|/)*")
_QUERY = re.compile(rf"(?:{_PCHAR}|[/?])*")  # RFC 3986 §3.4

# NUL, line feed, carriage return and the backslash, which browsers take for a slash.
_DANGEROUS_ESCAPE = re.compile(r"%(?:00|0[AaDd]|5[Cc])")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
# `..` as servers may see it: also before the `;` of a path parameter (CVE-2026-3872) and a decoded `?` or `#`.
_DOT_SEGMENT = re.compile(r"/\.\.?(?:[/;?#]|\Z)")

# What vodka itself appends: a website that is called with these could not tell ours from somebody else's.
_OUR_PARAMETERS = frozenset({"token", "error", "state", "code"})
_PARAMETER_NAME = re.compile(r"(?:\A|(?<=[&;]))[^&;=]+")

_REFUSALS = {
    "redirect_missing": ("The website did not say where to go back to.", "Send one parameter named redirect."),
    "redirect_too_long": ("The address to go back to is too long.", "Send less in the query of redirect."),
    "redirect_not_ascii": (
        "The address to go back to has a character that may not stand in an address.",
        "Percent-encode the path and the query, write the host in its xn-- form, and send no spaces or control characters.",
    ),
    "redirect_backslash": ("The address to go back to has a backslash.", "Use forward slashes."),
    "redirect_fragment": (
        "The address to go back to has a part after “#”.",
        "Send redirect without “#” (RFC 6749 §3.1.2).",
    ),
    "redirect_not_https": ("The address to go back to does not begin with https://.", "Send a full https:// address."),
    "redirect_userinfo": (
        "The address to go back to has a name before an “@”.",
        "Leave out what stands before the host.",
    ),
    "redirect_host": (
        "The address to go back to is not on a website with a domain.",
        "Send the domain as it is registered.",
    ),
    "redirect_port": ("The address to go back to names a port.", "Serve the address on the usual port of https."),
    "redirect_path": (
        "The path of the address to go back to is malformed.",
        "Percent-encode, once, what is not a letter, a digit or one of -._~!$&'()*+,;=:@/ and begin with a single slash.",
    ),
    "redirect_query": (
        "The query of the address to go back to is malformed.",
        "Percent-encode what is not a letter, a digit or one of -._~!$&'()*+,;=:@/?",
    ),
    "redirect_escape": (
        "The address to go back to hides a line break, a NUL or a backslash.",
        "Leave out %00, %0A, %0D and %5C.",
    ),
    "redirect_dot_segment": (
        "The path of the address to go back to has “.” or “..” in it.",
        "Send the path it leads to.",
    ),
    "redirect_reserved_parameter": (
        "The address to go back to has a parameter that vodka adds itself.",
        "Leave token, error, state and code out of the query of redirect; send state beside redirect.",
    ),
}


@dataclass(frozen=True)
class Redirect:
    """An accepted address: `port` only for localhost; `path` empty or from its slash; `query` without its `?`."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str | None

    @property
    def origin(self) -> str:
        """`https://host`, or `http://localhost:port` (RFC 6454 §6.2): the audience of what is handed over."""
        return f"{self.scheme}://{self.host}" + ("" if self.port is None else f":{self.port}")

    @property
    def url(self) -> str:
        """The address, from its parts, byte for byte."""
        return self.origin + self.path + ("" if self.query is None else f"?{self.query}")

    def with_params(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Return the address with `pairs` percent-encoded at the end of the query, the rest byte for byte as it was."""
        query = "&".join(part for part in (self.query, _encoded(pairs)) if part)
        return _sent(replace(self, query=query or self.query))

    def with_fragment(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Return the address with `pairs`, percent-encoded, as its fragment."""
        return f"{_sent(self)}#{_encoded(pairs)}"


def parse(raw: object, *, development: bool, max_length: int) -> Redirect:
    """Read an address of at most `max_length` characters; raise InvalidInput("redirect_…") with what to change.

    In `development`, `http://localhost:<port>` is an address too: the port is needed and kept, 80 as well.
    """
    if not isinstance(raw, str) or not raw:
        raise _refusal("redirect_missing")
    if len(raw) > max_length:
        raise _refusal("redirect_too_long")
    redirect = _read(raw, development=development)
    _check_path(redirect.path)
    _check_query(redirect.query or "")
    return redirect


def matches_pinned(redirect: Redirect, pinned: Sequence[str]) -> bool:
    """Say whether the address is, to the letter, one of the canonical addresses a website pinned (RFC 9700 §4.1.3)."""
    return any(redirect.url == address for address in pinned)


def _read(text: str, *, development: bool) -> Redirect:
    """Take the text apart; every character of every part is of the grammar of that part."""
    if not _VISIBLE_ASCII.fullmatch(text):
        raise _refusal("redirect_not_ascii")
    if "\\" in text:
        raise _refusal("redirect_backslash")
    # RFC 6749 §3.1.2: “The endpoint URI MUST NOT include a fragment component.”
    if "#" in text:
        raise _refusal("redirect_fragment")
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise _refusal("redirect_not_https")
    scheme, authority, path, query = parts.groups()
    if not _PATH.fullmatch(path):
        raise _refusal("redirect_path")
    if not _QUERY.fullmatch(query or ""):
        raise _refusal("redirect_query")
    if scheme == "http":
        return Redirect(scheme, "localhost", _local_port(authority, development=development), path, query)
    return Redirect(scheme, _host(authority), None, path, query)


def _host(authority: str) -> str:
    if "@" in authority:
        raise _refusal("redirect_userinfo")
    host, colon, port = authority.partition(":")
    try:
        domain = parse_domain(host)
    except InvalidInput as refused:
        raise _refusal("redirect_host", detail=refused.code) from None
    if colon and port != "443":
        raise _refusal("redirect_port")
    return domain


def _local_port(authority: str, *, development: bool) -> int:
    local = _LOCALHOST.fullmatch(authority)
    if not development or local is None:
        raise _refusal("redirect_not_https")
    port = int(local[1])
    if port > _HIGHEST_PORT:
        raise _refusal("redirect_port")
    return port


def _check_path(path: str) -> None:
    """Refuse what a server might take for another path, however it decodes this one."""
    if _DANGEROUS_ESCAPE.search(path):
        raise _refusal("redirect_escape")
    try:
        decoded = unquote(path, errors="strict")
    except UnicodeDecodeError:
        raise _refusal("redirect_path", detail="not UTF-8") from None
    # Encoded twice (%252e), a path means one thing to a proxy and another to the server behind it.
    if _ESCAPE.search(decoded) or decoded.startswith("//"):
        raise _refusal("redirect_path", detail="encoded twice, or two slashes at its start")
    if _DOT_SEGMENT.search(decoded):
        raise _refusal("redirect_dot_segment")


def _check_query(query: str) -> None:
    if _DANGEROUS_ESCAPE.search(query):
        raise _refusal("redirect_escape")
    for raw_name in set(_PARAMETER_NAME.findall(query)):
        # Also as a framework may read it: `;` between parameters, a name in brackets, spaces around it, either case.
        name = unquote_plus(raw_name).partition("[")[0].strip().lower()
        if name in _OUR_PARAMETERS:
            raise _refusal("redirect_reserved_parameter", detail=name)


def _encoded(pairs: Sequence[tuple[str, str]]) -> str:
    return urlencode(pairs, quote_via=quote, safe="")


def _sent(redirect: Redirect) -> str:
    """Return the text of an address after reading it back: what is sent is what was checked (traps T3)."""
    text = redirect.url
    if _read(text, development=redirect.scheme == "http") != redirect:
        raise _refusal("redirect_host", detail="the parts do not make up the address that was checked")
    return text


def _refusal(code: str, detail: str = "") -> InvalidInput:
    public, hint = _REFUSALS[code]
    return InvalidInput(code, public, detail, hint)
