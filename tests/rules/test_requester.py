"""Who asks: one canonical address behind declared proxies, one bucket for one client, a browser named in our own words."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from vodka.login.requester import Requester
from vodka.networks import bucket, parse_ip, shorten, wide_bucket
from vodka.web.plumbing.client import browser_family, client_ip

CANONICAL = {
    "IPv4": ("192.0.2.1", "192.0.2.1"),
    "IPv4 in IPv6 clothing": ("::ffff:192.0.2.1", "192.0.2.1"),
    "the same in hex": ("::FFFF:c000:201", "192.0.2.1"),
    "IPv6 in upper case": ("2001:DB8::1", "2001:db8::1"),
    "IPv6 with its zeros": ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
}


@pytest.mark.parametrize(("text", "canonical"), CANONICAL.values(), ids=CANONICAL)
def test_ask_10_an_address_has_one_form(text: str, canonical: str) -> None:
    """However it is written."""
    assert str(parse_ip(text)) == canonical


@pytest.mark.parametrize("text", ["", "localhost", "192.0.2.1:80", "192.0.2.01", "192.0.2.1/32", "[::1]", "::1 "])
def test_ask_10_what_is_no_address_is_refused(text: str) -> None:
    """No guessing."""
    with pytest.raises(ValueError, match="address"):
        parse_ip(text)


BUCKETS = {
    "IPv4": ("192.0.2.1", "192.0.2.1", None),
    "IPv6": ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
    "another host of that /64": ("2001:db8:1:2::ffff", "2001:db8:1:2::/64", "2001:db8:1::/48"),
    "another /64 of that /48": ("2001:db8:1:3::4", "2001:db8:1:3::/64", "2001:db8:1::/48"),
}


@pytest.mark.parametrize(("text", "one", "wide"), BUCKETS.values(), ids=BUCKETS)
def test_ask_09_a_client_is_an_ipv4_address_or_an_ipv6_64(text: str, one: str, wide: str | None) -> None:
    """And a site is a /48."""
    assert (bucket(parse_ip(text)), wide_bucket(parse_ip(text))) == (one, wide)


@pytest.mark.parametrize(
    ("text", "kept"), [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48")], ids=["IPv4", "IPv6"]
)
def test_an_address_is_kept_as_a_neighbourhood(text: str, kept: str) -> None:
    """What the audit and the letter say does not single out a person."""
    assert shorten(parse_ip(text)) == kept


PLACES = {
    "first of EPFL": ("128.178.0.0", "EPFL network"),
    "last of EPFL": ("128.179.255.255", "EPFL network"),
    "just before": ("128.177.255.255", "128.177.255.0/24"),
    "just after": ("128.180.0.0", "128.180.0.0/24"),
    "this machine": ("127.0.0.1", "this computer"),
    "this machine, IPv6": ("::1", "this computer"),
    "elsewhere": ("2001:db8::1", "2001:db8::/48"),
}


@pytest.mark.parametrize(("text", "place"), PLACES.values(), ids=PLACES)
def test_a_letter_says_roughly_where_it_was_asked_from(text: str, place: str) -> None:
    """Good enough to notice that it was somebody else."""
    assert Requester(parse_ip(text), "Firefox", "en").place == place


PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48"))
CHAINS = {
    "no proxy, no header": ("192.0.2.1", None, "192.0.2.1"),
    "an undeclared peer's header": ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
    "a declared proxy": ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
    "a declared proxy over IPv6": ("2001:db8:ffff::1", "198.51.100.1", "198.51.100.1"),
    "a declared proxy in IPv6 clothing": ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    "a declared proxy without the header": ("10.0.0.1", None, "10.0.0.1"),
    "what the client wrote in front": ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
    "two declared proxies": ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
    "an undeclared one between": ("10.0.0.1", "198.51.100.1, 192.0.2.9, 10.0.0.2", "192.0.2.9"),
    "only declared ones": ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
    "an empty hop": ("10.0.0.1", "198.51.100.1, ,", "10.0.0.1"),
    "a hop that is no address": ("10.0.0.1", "198.51.100.1, unknown", "0.0.0.0"),
    "a peer that is no address": ("", "198.51.100.1", "0.0.0.0"),
    "a chain without end": ("10.0.0.1", ", ".join(["198.51.100.1", *["10.0.0.2"] * 100]), "10.0.0.2"),
}


@pytest.mark.parametrize(("peer", "header", "client"), CHAINS.values(), ids=CHAINS)
def test_ask_07_the_client_is_the_nearest_address_that_is_no_declared_proxy(
    peer: str, header: str | None, client: str
) -> None:
    """X-Forwarded-For is read from the right, and only where a declared proxy wrote it."""
    environ = {"REMOTE_ADDR": peer} | ({"HTTP_X_FORWARDED_FOR": header} if header is not None else {})
    assert client_ip(environ, PROXIES) == ip_address(client)


BROWSERS = {
    "Firefox on Linux": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Chrome on Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
    "Edge on Windows": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Opera on Linux": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 OPR/120.0",
    "Safari on Mac": "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15",
    "Safari on iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile Safari/604.1",
    "Firefox on iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) FxiOS/140.0 Mobile Safari/605.1.15",
    "Chrome on iPad": "Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile Safari/604.1",
    "Samsung Internet on Android": "Mozilla/5.0 (Linux; Android 15; SM-S9) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537",
    "Chrome on Android": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
    "a browser": "curl/8.9.1",
    "a browser on Linux": "SomethingElse (Linux)",
    "Firefox": 'Firefox/1 "><script>alert(1)</script>\r\nBcc: evil@x.ch',
}


@pytest.mark.parametrize(("family", "user_agent"), BROWSERS.items(), ids=BROWSERS)
def test_ask_17_a_browser_is_named_from_a_closed_list(family: str, user_agent: str) -> None:
    """Nothing that a requester writes reaches a letter."""
    assert browser_family(user_agent) == family
