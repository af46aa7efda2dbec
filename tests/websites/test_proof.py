"""Proving a domain: a TXT record, a file or a tag that holds the token, and nothing else whatsoever."""

from __future__ import annotations

import gzip
from time import perf_counter
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite, Listener
from tests.vodka_under_test import CAMILLE, ROBIN
from tests.websites.proving import CLUB, HURRIED, SECONDS, Proving
from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.websites.places import LABEL, PATH

GRACE = 1.0  # seconds that a busy machine may take besides


@pytest.mark.parametrize("by", ["dns", "file", "meta"])
def test_dom_01_02_the_token_in_its_place_proves_the_domain(
    proving: Proving, freezer: FrozenDateTimeFactory, by: str
) -> None:
    """By DNS (DOM-01), by a file over https (DOM-02) or by a tag on the home page: verified, since now."""
    proving.publish(proving.token(), by=by)
    assert proving.site()["verified"] is False
    freezer.tick(3600)
    looked = proving.prove()
    assert looked.method == by
    assert (proving.site()["verified"], proving.site()["verifiedSince"]) == (True, int(freezer().timestamp()))
    assert proving.row()["verified_by"] == by
    assert [event["detail"] for event in proving.vodka.events("site.verified")] == [by]


def test_dom_01_the_record_may_stand_among_others(proving: Proving) -> None:
    """Other records of the name are other people's business."""
    proving.publish("v=spf1 -all", "vodka-of-somebody-else", proving.token())
    assert proving.prove().method == "dns"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_dom_02_the_line_break_of_an_editor_is_no_part_of_the_file(proving: Proving, ending: str) -> None:
    """Anything else is: see below."""
    proving.publish(proving.token() + ending, by="file")
    assert proving.prove().method == "file"


@pytest.mark.parametrize("by", ["dns", "file", "meta"])
@pytest.mark.parametrize(
    "published",
    [
        pytest.param(lambda token: f" {token}", id="a space before"),
        pytest.param(lambda token: f"{token} ", id="a space after"),
        pytest.param(lambda token: f"{token}\n\n", id="two line breaks"),
        pytest.param(lambda token: f'"{token}"', id="quotes"),
        pytest.param(lambda token: token.upper(), id="another case"),
        pytest.param(lambda token: token[:-1], id="cut"),
        pytest.param(lambda token: f"{token}\0", id="NUL"),
        pytest.param(lambda token: f"{token}{token}", id="twice"),
        pytest.param(lambda _: "", id="nothing"),
        pytest.param(lambda token: f"<html>{token}</html>", id="a page that shows it"),
    ],
)
def test_dom_03_what_is_not_exactly_the_token_proves_nothing(proving: Proving, published: Any, by: str) -> None:
    """The whole record, the whole file or the whole content of the tag equals the token."""
    proving.publish(published(proving.token()), by=by)
    assert proving.prove().method is None
    assert proving.verified() == 0


def test_dom_03_the_token_of_somebody_else_proves_nothing(proving: Proving) -> None:
    """Tokens are bound to a person and a domain."""
    proving.publish(proving.token(ROBIN), proving.token(ROBIN, "other.ch"))
    proving.token(CAMILLE)
    assert proving.prove(CAMILLE).method is None
    assert proving.prove(ROBIN).method == "dns"


def test_dom_03_15_a_token_is_good_for_seven_days(proving: Proving, freezer: FrozenDateTimeFactory) -> None:
    """Up to the second before; then there is a new one, and the old one proves nothing."""
    token = proving.token()
    proving.publish(token)
    freezer.tick(Limits().challenge_lifetime - 1)
    assert proving.token() == token
    freezer.tick(1)
    assert proving.prove().method is None
    assert proving.dns.asked == []
    assert proving.token() != token
    assert proving.prove().method is None
    proving.publish(proving.token())
    assert proving.prove().method == "dns"
    assert Limits().challenge_lifetime == 7 * 86400


def test_dom_15_tokens_are_long_random_and_of_one_person_and_domain(proving: Proving) -> None:
    """256 random bits each; asked for again it is the same while it lives; a proven site keeps its own for ever."""
    tokens = {proving.token(owner, domain) for owner in (ROBIN, CAMILLE) for domain in (CLUB, "other.ch")}
    assert len(tokens) == 4
    assert all(token.startswith("vodka-") and len(token) == len("vodka-") + 43 for token in tokens)
    assert proving.token() in tokens


def test_without_a_token_there_is_nothing_to_look_for(proving: Proving) -> None:
    """Whoever never asked for a token proves nothing, and nobody is visited."""
    assert proving.prove().method is None
    assert (proving.dns.asked, proving.web.asked) == ([], [])


INSIDE = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "0.0.0.0"),
    *("::1", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_dom_04_an_address_inside_is_never_visited(start: Any, dns: DnsServer, web: HttpsSite, address: str) -> None:
    """Loopback, private, link-local, shared, multicast: no connection, also where one public address stands beside it."""
    proving = Proving.on(start, dns, web, fetch_allow=(), limits=HURRIED)
    proving.publish(proving.token(), by="file")
    dns.a[CLUB] = [address, "198.51.100.1"]
    assert proving.prove().method is None
    assert web.asked == []


def test_dom_05_a_name_that_changes_under_way_is_visited_where_it_was_checked(
    start: Any, dns: DnsServer, web: HttpsSite
) -> None:
    """Rebinding, TTL 0: one look-up, and the connection goes to the address that was checked, or nowhere."""
    with Listener("127.0.0.2", web.port) as inside:
        proving = Proving.on(start, dns, web, fetch_allow=("127.0.0.1/32",))
        dns.a_later[CLUB] = ["127.0.0.2"]
        for by in ("file", "meta"):  # of the two visits at once the later one may be refused already
            proving.publish(proving.token(), by=by)
        assert proving.prove().method in ("file", "meta")
        assert proving.prove().method is None
        assert inside.connections == 0


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_dom_06_a_redirect_is_not_followed(proving: Proving, status: int) -> None:
    """Neither inside nor elsewhere; and it is no proof, whatever its body says."""
    token = proving.token()
    proving.web.pages["/elsewhere"] = (200, {}, token.encode())
    proving.web.pages[PATH] = (status, {"Location": "/elsewhere"}, token.encode())
    assert proving.prove().method is None
    assert sorted(path for _, path in proving.web.asked) == [PATH, "/"][::-1]


@pytest.mark.parametrize("port", ["22", "80", "8080", "5432", "443"])
def test_dom_08_a_port_is_no_part_of_a_domain(proving: Proving, port: str) -> None:
    """Only https on its usual port is ever visited."""
    with pytest.raises(InvalidInput) as refused:
        proving.token(domain=f"{CLUB}:{port}")
    assert refused.value.code == "domain_malformed"


def endless(start: bytes) -> Any:
    """A script that never stops sending."""

    def script(wire: Any) -> None:
        wire.write(start)
        while True:
            wire.write(b"X-More: of the same\r\n" * 100)

    return script


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n\r\n"), id="endless body"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n"), id="endless headers"),
        pytest.param((200, {"Content-Length": str(2**30)}, b"x"), id="a gigabyte promised"),
        pytest.param((200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 10_000_000)), id="gzip bomb"),
        pytest.param((500, {}, b""), id="an error"),
    ],
)
def test_dom_09_a_hostile_server_is_left_in_time(start: Any, hurried: Proving, page: Any) -> None:
    """Over by the time of one look, with no proof, and the next look works."""
    token = hurried.token()
    hurried.web.pages[PATH] = page
    began = perf_counter()
    assert hurried.prove().method is None
    assert perf_counter() - began < SECONDS + GRACE
    hurried.publish(token, by="file")
    assert Proving.on(start, hurried.dns, hurried.web).prove().method == "file"


def test_dom_12_a_proof_is_of_one_host_only(proving: Proving) -> None:
    """Neither the domain above nor one below is proven with it, on either side of the redirect."""
    proving.dns.a["epfl.ch"] = ["127.0.0.1"]
    proving.proven()
    browser = proving.vodka.signed_in()
    browser.consent_page(f"https://{CLUB}/")
    for host in ("epfl.ch", f"x.{CLUB}"):
        answer = browser.get("/authorize", query_string={"redirect": f"https://{host}/"})
        assert answer.status_code == 400
        assert "Location" not in answer.headers


@pytest.mark.parametrize("behaviour", ["SERVFAIL", "REFUSED", "garbage", "hang", "loop", "empty"])
def test_dom_17_f_15_a_dns_that_fails_proves_nothing(
    start: Any, dns: DnsServer, web: HttpsSite, behaviour: Any
) -> None:
    """No crash, within the time of one look, and what was proven before stays so."""
    Proving.on(start, dns, web).proven()
    proving = Proving.on(start, dns, web, limits=HURRIED)
    proving.dns.behave = behaviour
    began = perf_counter()
    looked = proving.prove()
    assert perf_counter() - began < SECONDS + GRACE
    assert looked.method is None
    assert proving.site()["verified"] is True


def test_dom_17_odd_records_are_looked_at_and_passed_over(proving: Proving) -> None:
    """Bytes that are no text, three hundred records, an answer that only fits TCP; and no such name at all."""
    assert proving.prove().method is None
    name, token = f"{LABEL}.{CLUB}", proving.token().encode()
    proving.dns.txt[name] = [b"\xff\xfe\0", token]
    assert proving.prove().method == "dns"
    proving.dns.txt[name] = [b"%0200d" % number for number in range(300)] + [token]
    assert proving.prove().method is None


def test_dom_20_who_does_not_answer_cannot_be_told_apart(start: Any, dns: DnsServer, web: HttpsSite) -> None:
    """Closed, silent, forbidden, unknown: the same words, after the same time."""
    with Listener() as closed:
        nobody = closed.port
    seen, took = set(), []
    with Listener() as silent:
        for port, address in (
            (nobody, "127.0.0.1"),
            (silent.port, "127.0.0.1"),
            (web.port, "10.0.0.1"),
            (web.port, None),
        ):
            proving = Proving.on(start, dns, web, fetch_port=port, limits=HURRIED)
            dns.a[CLUB] = [address] if address else []
            proving.token()
            began = perf_counter()
            seen.add(proving.prove().seen)
            took.append(perf_counter() - began)
    assert seen == {
        f"neither a TXT record at {LABEL}.{CLUB} nor https://{CLUB}{PATH} nor the home page holds the token"
    }
    assert min(took) >= SECONDS
    assert max(took) < SECONDS + GRACE
