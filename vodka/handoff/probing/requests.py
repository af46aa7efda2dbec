"""Requests that no library writes: methods, first lines, upgrades, lengths (RFC 9110 §9, RFC 9112 §3), and other names."""

from __future__ import annotations

from collections.abc import Iterator

from vodka.handoff.probing.attack import Attack, Group, Kind
from vodka.handoff.probing.ground import CLOSE, PROGRAM, Ground, wire

_METHODS = (
    *("HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "PROPFIND", "CONNECT", "get", "Get", "MADE-UP", "GETGET"),
    "POST",
)
_ELSEWHERE = "elsewhere.invalid"


def request_attacks(ground: Ground) -> Iterator[Attack]:
    """On the page that needs a login."""
    for method in _METHODS:
        length = ("Content-Length: 0",) if method in ("POST", "PUT", "PATCH") else ()
        sent = ground.ask(ground.page, *length, method=method)
        yield _request(ground, f"method-{method}", f"the method {method}", sent)
    yield from _lines(ground)
    yield from _upgrades(ground)
    yield from _lengths(ground)


def _lines(ground: Ground) -> Iterator[Attack]:
    page, host = ground.page, f"Host: {ground.host}"
    for word, says, line in (
        ("tabs", "tabs in the first line", f"GET\t{page}\tHTTP/1.1"),
        ("two-spaces", "two spaces in the first line", f"GET  {page}  HTTP/1.1"),
        ("space-in-path", "a space in the address", f"GET {page} x HTTP/1.1"),
        ("version-lower", "http in lower case", f"GET {page} http/1.1"),
        ("version-two", "HTTP/2.0 in a line of text", f"GET {page} HTTP/2.0"),
        ("version-high", "HTTP/9.9", f"GET {page} HTTP/9.9"),
        ("empty-line", "an empty line before", f"\r\nGET {page} HTTP/1.1"),
        ("vertical-tab", "a vertical tab in the first line", f"GET {page}\x0b HTTP/1.1"),
        ("no-slash", "an address without a slash", f"GET {page[1:] or 'x'} HTTP/1.1"),
    ):
        yield _request(ground, f"line-{word}", says, wire(line, host, PROGRAM, CLOSE))
    star = wire("GET * HTTP/1.1", host, PROGRAM, CLOSE)  # lies in no application
    yield Attack(Group.REQUEST, "line-asterisk", "a star for an address", star, Kind.ELSEWHERE, path="*")
    yield _request(ground, "line-http-0.9", "HTTP/0.9", f"GET {page}\r\n".encode("latin-1"))
    feeds = ground.ask(page).replace(b"\r\n", b"\n")
    yield _request(ground, "line-feeds", "line feeds alone", feeds)


def _upgrades(ground: Ground) -> Iterator[Attack]:
    websocket = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    sent = ground.ask(ground.page, "Connection: Upgrade", *websocket)
    yield _request(ground, "upgrade-websocket", "wants to speak as a WebSocket", sent)
    h2c = ("Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
    sent = ground.ask(ground.page, "Connection: Upgrade, HTTP2-Settings", *h2c)
    yield _request(ground, "upgrade-h2c", "wants to speak HTTP/2 in the clear", sent)


def _lengths(ground: Ground) -> Iterator[Attack]:
    for word, says, headers in (
        ("both", "a length, and chunks as well", ("Content-Length: 5", "Transfer-Encoding: chunked")),
        ("two", "two lengths", ("Content-Length: 5", "Content-Length: 0")),
        ("odd-chunks", "chunks by another name", ("Content-Length: 5", "Transfer-Encoding: xchunked")),
        ("chunks-space", "chunks with a space before the colon", ("Content-Length: 5", "Transfer-Encoding : chunked")),
    ):
        sent = ground.ask(ground.page, *headers, method="POST") + b"0\r\n\r\n"
        yield _request(ground, f"length-{word}", says, sent)


def _request(ground: Ground, word: str, says: str, sent: bytes) -> Attack:
    return Attack(Group.REQUEST, word, says, sent, path=ground.page)


def name_attacks(ground: Ground) -> Iterator[Attack]:
    """The same address under other names, in the request and in TLS (SCO-06)."""
    page, host = ground.page, ground.host
    own = (("upper-case", "the name in upper case", host.upper()),)
    for word, says, name in own:
        yield _name(ground, f"host-{word}", says, ground.ask(page, host=name))
    yield _name(ground, "host-forwarded", "X-Forwarded-Host alone", ground.ask(page, f"X-Forwarded-Host: {_ELSEWHERE}"))
    whole = wire(f"GET {ground.origin}{page} HTTP/1.1", f"Host: {_ELSEWHERE}", PROGRAM, CLOSE)
    yield _name(ground, "target-own", "the own name in the first line, a foreign one below", whole)
    yield from _foreign(ground)


def _foreign(ground: Ground) -> Iterator[Attack]:
    """Where the server may well answer for another site, and must not do so for this one."""
    identity = f"Remote-User: {ground.marker}.remote-user"
    for word, says, name in (
        ("foreign", "a foreign name", _ELSEWHERE),
        ("port", "the name with a port", f"{ground.host.partition(':')[0]}:8443"),
        ("dot", "the name with a dot at its end", f"{ground.host.partition(':')[0]}."),
        ("user", "the name behind an @", f"x@{ground.host}"),
        ("local", "the name localhost", "localhost"),
        ("address", "an address for a name", "127.0.0.1"),
        ("empty", "an empty name", ""),
        ("longer", "a name that begins like its own", f"{ground.host.partition(':')[0]}.{_ELSEWHERE}"),
    ):
        sent = ground.ask(ground.page, identity, host=name)
        yield _name(ground, f"host-{word}", says, sent, Kind.ELSEWHERE)
    sent = ground.ask(ground.page, f"Host: {_ELSEWHERE}", identity)
    yield _name(ground, "host-twice", "two names, the second a foreign one", sent, Kind.ELSEWHERE)
    sent = ground.ask(f"https://{_ELSEWHERE}{ground.page}", identity)
    yield _name(ground, "target-foreign", "a foreign name in the first line", sent, Kind.ELSEWHERE)
    old = wire(f"GET {ground.page} HTTP/1.0", PROGRAM, identity)
    yield _name(ground, "host-none", "no name at all (HTTP/1.0)", old, Kind.ELSEWHERE)
    if ground.application.is_secure:
        for word, says, name in (("none", "no name in TLS", ""), ("foreign", "a foreign name in TLS", _ELSEWHERE)):
            sent = ground.ask(ground.page)
            yield Attack(Group.NAME, f"tls-{word}", says, sent, path=ground.page, tls_name=name)


def _name(ground: Ground, word: str, says: str, sent: bytes, kind: Kind = Kind.CLOSED) -> Attack:
    return Attack(Group.NAME, word, says, sent, kind, path=ground.page)
