"""Every accepted address against a WHATWG parser, which reads as a browser does (traps T2).

A fixed seed makes the same addresses each time: hostile parts put together at random, good addresses with a wound, and odd
but honest ones, so that refusing everything fails too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import ada_url
import pytest

from vodka.errors import InvalidInput
from vodka.websites.redirects import Redirect, parse

SCHEMES = [
    "https",
    "https",
    "https",
    "https",
    "http",
    "HTTPS",
    "javascript",
    "java\nscript",
    "data",
    "blob:https",
    "ws",
    "",
]
SLASHES = ["://", "://", "://", "://", "://", ":", ":/", ":///", ":\\\\", ":/\\", "//", ":\t//", ":////"]
USERINFO = [
    "",
    "",
    "",
    "",
    "",
    "",
    "user@",
    "a:b@",
    "site.epfl.ch@",
    "site.epfl.ch:443@",
    "site.epfl.ch\\@",
    "%40@",
    "@",
    ":@",
]
HOSTS = ["site.epfl.ch", "SITE.epfl.CH", "a.epfl.ch", "epfl.ch", "evil.ch", "site.epfl.ch.evil.ch", "sub.site.epfl.ch"]
HOSTS += [
    "xn--zrich-kva.ch",
    "XN--zrich-kva.ch",
    "xn--strae-oqa.ch",
    "1a.xn--4dbrk0ce.ch",
    "xn--a.ch",
    "xn--.ch",
    "xn--epfl-.ch",
]
HOSTS += [
    "r3---x.epfl.ch",
    "ab--c.ch",
    "a_b.ch",
    "-a.ch",
    "a-.ch",
    "a..ch",
    ".ch",
    "epfl.ch.",
    "",
    ".",
    "a" * 64 + ".ch",
]
HOSTS += ["127.0.0.1", "0x7f.1", "2130706433", "0177.1", "1.2.3", "a.0x", "a.0xf", "a.09", "256.256.256.256", "0x.0x.0"]
HOSTS += ["[::1]", "[::ffff:127.0.0.1]", "localhost", "LOCALHOST", "x.localhost", "localhost.", "co.uk", "github.io"]
HOSTS += [
    "zürich.ch",
    "s\u0456te.epfl.ch",
    "\u24e2ite.epfl.ch",
    "site\uff0eepfl.ch",
    "site\u3002epfl.ch",
    "si\u00adte.epfl.ch",
]
HOSTS += [
    "%73ite.epfl.ch",
    "site%2eepfl.ch",
    "evil.ch%5c.site.epfl.ch",
    "evil.ch\\.site.epfl.ch",
    "site.epfl.ch%00.evil.ch",
]
PORTS = [
    "",
    "",
    "",
    "",
    ":443",
    ":80",
    ":8443",
    ":0443",
    ":",
    ":99999",
    ":5000",
    ":0",
    ":65535",
    ":65536",
    ":+1",
    ":443:1",
    ":٤٤٣",
]
PATHS = [
    "",
    "/",
    "/cb",
    "/Cb/x.y",
    "/a;b=c",
    "//evil.ch",
    "/\\evil.ch",
    "/%5cevil.ch",
    "/../x",
    "/%2e%2e/x",
    "/..;/x",
    "/.",
]
PATHS += [
    "/@evil.ch",
    "/:443",
    "/%252e%252e",
    "/cb%2f..%2fx",
    "/%c3%a9",
    "/%c0%ae",
    "/%0d%0aX:y",
    "/%00",
    "/é",
    "/%",
    "/\tx",
    "/|",
]
QUERIES = [
    "",
    "",
    "",
    "?",
    "?a=1",
    "?a=b+c&d=%20",
    "?x='",
    "?@evil.ch",
    "?//evil.ch",
    "?\\",
    "?token=x",
    "?%74oken",
    "?a=%0a",
    "?é",
]
ENDS = ["", "", "", "", "", "#", "#@evil.ch", " ", "\n", "\t", "\0", "\\", "@evil.ch", "\u2028", "\ud800"]
WOUNDS = [
    *"\\/@:?#%.[]|<>^;&=+ -_~'0axX\t\n\r\0",
    "é",
    "\u3002",
    "\uff0f",
    "\uff20",
    "\u00ad",
    "\u2044",
    "%2f",
    "%5c",
    "%40",
    "%00",
    "..",
]
WOUNDS += ["//", "/../", "@evil.ch", ".evil.ch", ":443", "xn--", "0x", "&state=1", "https://"]
GOOD = [
    "https://site.epfl.ch/cb",
    "https://Site.epfl.ch:443/cb?a=1",
    "https://xn--zrich-kva.ch",
    "http://localhost:5000/cb?a=%20",
]
PAIRS = [("token", "a.b"), ("state", "é\\@evil.ch/#?&\r\n")]


def composed(chance: random.Random) -> str:
    return "".join(map(chance.choice, (SCHEMES, SLASHES, USERINFO, HOSTS, PORTS, PATHS, QUERIES, ENDS)))


def wounded(chance: random.Random) -> str:
    text = chance.choice(GOOD)
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(WOUNDS) + text[at + chance.randint(0, 1) :]
    return text


def honest(chance: random.Random) -> str:
    def some(letters: str, most: int) -> str:
        return "".join(chance.choices(letters, k=chance.randint(1, most)))

    host = ".".join(some("abcXYZ019-", 6) for _ in range(chance.randint(1, 3)))
    path, query = some("abZ09-._~!$&'()*+,;=:@/", 20), some("abZ09-._~!$&'()*+,;=:@/?", 20)
    return f"https://{host}.{chance.choice(['ch', 'org', 'SWISS', '1', '0xa'])}/{path}?{query}%{some('0123456789abcdEF', 2)}"


def candidates(count: int) -> Iterator[str]:
    chance = random.Random(20)
    for _ in range(count // 4):
        yield from (composed(chance), composed(chance), wounded(chance), honest(chance))


def accepted(text: str, *, development: bool) -> Redirect | None:
    try:
        return parse(text, development=development, max_length=2048)
    except InvalidInput:
        return None


def assert_a_browser_goes_there(redirect: Redirect, text: str) -> None:
    """Where a browser goes with `text` is the host, scheme and port that were read, with nobody's name before it."""
    seen = ada_url.URL(text)
    port = "" if redirect.port in (None, 80) else str(redirect.port)
    assert (seen.protocol, seen.hostname, seen.port) == (f"{redirect.scheme}:", redirect.host, port), text
    assert (seen.username, seen.password) == ("", ""), text
    assert seen.pathname == (redirect.path or "/"), text


@pytest.mark.parametrize("development", [False, True], ids=["in production", "in development"])
@pytest.mark.parametrize(
    "count", [100_000, pytest.param(1_000_000, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_red_33_a_browser_goes_where_vodka_says(count, development):
    """No accepted address, as it came, as it is kept or as it is sent, leads a browser to another host."""
    found = set()
    for text in candidates(count):
        redirect = accepted(text, development=development)
        if redirect is None:
            continue
        found.add(text)
        sent = redirect.with_params(PAIRS)
        for address in (text, redirect.url, sent, redirect.with_fragment(PAIRS)):
            assert_a_browser_goes_there(redirect, address)
        # RED-35: the query stays as it was, before what is appended.
        assert ada_url.URL(sent).href.startswith(ada_url.URL(redirect.url).href.removesuffix("?"))
    assert len(found) >= count // 50


@pytest.mark.parametrize(
    ("text", "hostname"),
    [
        ("https://a.epfl.ch\\@evil.com/", "a.epfl.ch"),
        ("https:/evil.com", "evil.com"),
        ("https://a\u3002epfl.ch", "a.epfl.ch"),
    ],
)
def test_the_oracle_reads_as_a_browser_does(text, hostname):
    """The parser that vodka is measured against forgives what browsers forgive; vodka refuses it."""
    assert ada_url.URL(text).hostname == hostname
    assert accepted(text, development=False) is None
