"""Whom vodka may be made to visit through "Check now", and what its page gives away: nobody inside, and nothing."""

from __future__ import annotations

import gzip
import re
from contextlib import ExitStack
from time import perf_counter
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite, Listener
from tests.websites.proving import CLUB, HTML, HURRIED, SECONDS, Checking, Proving
from vodka.websites.places import PATH, SENTENCES

SILENT = SENTENCES["silent"]
UNIFORM = {"dns": SENTENCES["dns.none"], "file": SILENT, "meta": SILENT}
WHOLE = 5.0  # seconds: what a check may take, here as everywhere

INSIDE = {
    "loopback": "127.0.0.1",
    "another loopback": "127.8.8.8",
    "private": "10.0.0.1",
    "private, the second": "172.16.0.1",
    "private, the third": "192.168.1.1",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "shared by carriers": "100.64.0.1",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "this network": "0.0.0.0",
    "loopback of IPv6": "::1",
    "nothing of IPv6": "::",
    "IPv4-mapped": "::ffff:127.0.0.1",
    "IPv4-mapped metadata": "::ffff:169.254.169.254",
    "NAT64": "64:ff9b::7f00:1",
    "6to4": "2002:7f00:1::",
    "unique-local": "fd00::1",
    "link-local of IPv6": "fe80::1",
    "multicast of IPv6": "ff02::1",
}


def bare(answer: TestResponse) -> str:
    """The page without what differs from one person and moment to the next."""
    return re.sub(r'vodka-[\w-]{43}|name="csrf_token" value="[^"]*"', "", answer.text)


def checked(proving: Proving) -> TestResponse:
    """What the owner sees after a check that found nothing; it took all its time, and no more than a check may take."""
    owner = Checking.of(proving)
    began = perf_counter()
    answer = owner.check()
    assert SECONDS <= perf_counter() - began < WHOLE
    assert answer.status_code == 200
    assert proving.verified() == 0
    return answer


@pytest.mark.parametrize("address", INSIDE.values(), ids=INSIDE)
def test_dom_04_an_address_inside_sees_no_request(start: Any, dns: DnsServer, web: HttpsSite, address: str) -> None:
    """Though a public one stands beside it; and the page says what it says of a name that does not exist."""
    with Listener() as inside:
        proving = Proving.on(start, dns, web, fetch_allow=(), fetch_port=inside.port, limits=HURRIED)
        dns.a[CLUB] = [address, "198.51.100.1"]
        answer = checked(proving)
        assert Checking.found(answer) == UNIFORM
        assert inside.connections == 0
    assert address not in answer.text


def test_dom_20_one_answer_for_whoever_does_not_answer(start: Any, dns: DnsServer, web: HttpsSite) -> None:
    """Closed, silent, forbidden, unknown, a certificate of somebody else: pages alike to the letter."""
    with ExitStack() as stack:
        silent, other = stack.enter_context(Listener()), stack.enter_context(HttpsSite("other.ch"))
        with Listener() as gone:
            closed = gone.port
        seen = set()
        for port, addresses in (
            (closed, ["127.0.0.1"]),
            (silent.port, ["127.0.0.1"]),
            (other.port, ["127.0.0.1"]),
            (web.port, ["10.0.0.1"]),
            (web.port, []),
        ):
            dns.a[CLUB] = addresses
            seen.add(bare(checked(Proving.on(start, dns, web, fetch_port=port, limits=HURRIED))))
        assert len(seen) == 1
        assert (web.asked, other.asked) == ([], [])
        assert silent.connections > 0  # an allowed address is visited: the listener would have seen it


def test_dom_05_rebinding_between_check_and_connect_leads_nowhere(start: Any, dns: DnsServer, web: HttpsSite) -> None:
    """TTL 0: each visit goes where its own look-up was checked, and once the name leads inside, nowhere."""
    with Listener("127.0.0.2", web.port) as inside:
        owner = Checking.of(Proving.on(start, dns, web, fetch_allow=("127.0.0.1/32",), limits=HURRIED))
        dns.a_later[CLUB] = ["127.0.0.2"]
        owner.check()
        assert Checking.found(owner.check()) == UNIFORM
        assert inside.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_dom_06_a_redirect_is_told_and_not_followed(proving: Proving, status: int, scheme: str) -> None:
    """Whatever its body says; the place that it names is neither visited nor shown."""
    with Listener() as inside:
        owner, target = Checking.of(proving), f"{scheme}://127.0.0.1:{inside.port}/secret"
        token = proving.token()
        for path in (PATH, "/"):
            page = f"<meta name=vodka-challenge content={token}>" if path == "/" else token
            proving.web.pages[path] = (status, HTML | {"Location": target}, page.encode())
        answer = owner.check()
        assert Checking.found(answer) == {
            "dns": SENTENCES["dns.none"],
            "file": SENTENCES["file.moved"],
            "meta": SENTENCES["meta.moved"] % {"domain": CLUB},
        }
        assert inside.connections == 0
        assert sorted(path for _, path in proving.web.asked) == ["/", PATH]
    assert "secret" not in answer.text


def endless(start: bytes, piece: bytes) -> Any:
    """A script that never stops sending."""

    def script(wire: Any) -> None:
        wire.write(start)
        while True:
            wire.write(piece)

    return script


HOSTILE = {
    "an endless answer": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-More: of the same\r\n" * 100),
    "a body that stops": lambda wire: wire.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nvodka-"),
    "a gzip bomb": (200, HTML | {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 10_000_000)),
    "rubbish": lambda wire: wire.write(b"SSH-2.0-OpenSSH_9.2\r\n"),
}


@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE)
def test_dom_09_a_hostile_server_is_left_in_time_and_told_nothing(start: Any, hurried: Proving, page: Any) -> None:
    """The answer of whoever does not answer, and the next check works."""
    hurried.web.pages.update({PATH: page, "/": page})
    assert Checking.found(checked(hurried)) == UNIFORM
    proving = Proving.on(start, hurried.dns, hurried.web)
    owner = Checking.of(proving)
    proving.publish(proving.token(), by="file")
    assert owner.check().status_code == 303


def test_dom_09_a_gigabyte_is_not_read(hurried: Proving) -> None:
    """The file is refused; of the page the beginning is enough, whatever comes after it."""
    huge = endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1073741824\r\n\r\n", b" " * 65536)
    hurried.web.pages.update({PATH: huge, "/": huge})
    assert Checking.found(checked(hurried)) == UNIFORM | {"meta": SENTENCES["meta.none"]}


def test_dom_03_whoever_writes_in_the_body_of_a_page_proves_nothing(proving: Proving) -> None:
    """A comment, a profile, a page that quotes the tag."""
    owner, token = Checking.of(proving), proving.token()
    tag = f'<meta name="vodka-challenge" content="{token}">'
    page = f"<!doctype html><head><title>{tag}</title></head><body>{tag}<!-- {tag} -->"
    proving.web.pages["/"] = (200, HTML, page.encode())
    proving.web.pages[PATH] = (200, HTML, page.encode())
    assert Checking.found(owner.check()) == {
        "dns": SENTENCES["dns.none"],
        "file": SENTENCES["file.other"],
        "meta": SENTENCES["meta.none"],
    }
    assert proving.verified() == 0
