"""Questions to a real DNS server, in good health and bad."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from freezegun import freeze_time

from tests.servers.dns import Behaviour, DnsServer
from vodka.adapters import dns as module
from vodka.adapters.dns import DnsLookup
from vodka.errors import Misconfigured, Unavailable

NAME = "_vodka-challenge.club.epfl.ch"


def lookup(*servers: DnsServer, lifetime: float = 3.0, most: int = 100) -> DnsLookup:
    return DnsLookup([server.address for server in servers], lifetime, most)


def test_a_record_is_found() -> None:
    """Every TXT record of the name comes back, as bytes."""
    with DnsServer(txt={NAME: [b"vodka-token", b"v=spf1 -all"]}) as dns:
        assert sorted(lookup(dns).find(NAME)) == [b"v=spf1 -all", b"vodka-token"]
        assert dns.asked == [("udp", NAME, "TXT")]


def test_the_strings_of_one_record_are_joined() -> None:
    """RFC 1035 §3.3.14: a record holds one or more strings of at most 255 bytes."""
    with DnsServer(txt={NAME: [b"x" * 600]}) as dns:
        assert lookup(dns).find(NAME) == [b"x" * 600]


def test_an_alias_is_followed() -> None:
    """A name may point to the name that holds the record."""
    with DnsServer(txt={"proofs.example.org": [b"token"]}, cname={NAME: "proofs.example.org"}) as dns:
        assert lookup(dns).find(NAME) == [b"token"]


def test_dom_17_binary_records_survive() -> None:
    """What is no text is no reason to stumble."""
    value = bytes(range(256))
    with DnsServer(txt={NAME: [value, b"token"]}) as dns:
        assert sorted(lookup(dns).find(NAME)) == sorted([value, b"token"])


def test_dom_17_a_name_that_does_not_exist_has_no_records() -> None:
    """NXDOMAIN is an answer (RFC 2308 §2.1)."""
    with DnsServer() as dns:
        assert lookup(dns).find(NAME) == []


def test_dom_17_a_name_without_txt_has_no_records() -> None:
    """NODATA is an answer (RFC 2308 §2.2)."""
    with DnsServer(a={NAME: ["192.0.2.1"]}) as dns:
        assert lookup(dns).find(NAME) == []


@pytest.mark.parametrize("name", ["a..epfl.ch", "x" * 64 + ".epfl.ch", ".".join(["x" * 60] * 5)])
def test_what_is_no_name_has_no_records(name: str) -> None:
    """Nobody is asked for it."""
    with DnsServer() as dns:
        assert lookup(dns).find(name) == []
        assert dns.asked == []


def test_dom_17_three_hundred_records_are_cut_to_some() -> None:
    """They come by TCP (RFC 7766 §5), and no more of them than we care to compare."""
    with DnsServer(txt={NAME: [b"record %d" % number for number in range(300)]}) as dns:
        assert len(lookup(dns, most=20).find(NAME)) == 20
        assert [by for by, _, _ in dns.asked] == ["udp", "tcp"]


@pytest.mark.parametrize("behave", ["SERVFAIL", "REFUSED", "garbage", "hang", "empty", "loop"])
def test_dom_17_f_15_a_server_in_trouble_is_an_outage_in_time(behave: Behaviour) -> None:
    """Not verified, no crash, within the time given."""
    with DnsServer() as dns:
        dns.behave = behave
        started = time.monotonic()
        with pytest.raises(Unavailable):
            lookup(dns, lifetime=0.5).find(NAME)
        assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("behave", ["hang", "garbage", "empty"])
def test_dom_17_trouble_after_truncation_is_an_outage_in_time(behave: Behaviour) -> None:
    """The second question, by TCP, gets no time of its own."""
    with DnsServer(txt={NAME: [b"x" * 2000]}) as dns:
        dns.tcp_behave = behave
        started = time.monotonic()
        with pytest.raises(Unavailable):
            lookup(dns, lifetime=0.5).find(NAME)
        assert time.monotonic() - started < 1.0
        assert dns.asked[1] == ("tcp", NAME, "TXT")


def test_f_15_a_server_that_is_gone_is_an_outage_even_when_time_stands_still() -> None:
    """The number of tries is fixed, so that nothing depends on a clock that a test has frozen."""
    with DnsServer() as dns:
        dns.stop()
        with freeze_time("2026-09-14"), pytest.raises(Unavailable):
            lookup(dns, lifetime=0.2).find(NAME)


def test_f_15_the_next_server_is_asked_when_one_fails() -> None:
    """One dead resolver of two is no outage."""
    with DnsServer() as dead, DnsServer(txt={NAME: [b"token"]}) as dns:
        dead.behave = "SERVFAIL"
        assert lookup(dead, dns).find(NAME) == [b"token"]


def test_without_time_nobody_is_asked() -> None:
    """A caller whose own time is over gets an outage, not a wait."""
    with DnsServer() as dns:
        with pytest.raises(Unavailable, match="no time is left"):
            lookup(dns).addresses("club.epfl.ch", 0.0)
        assert dns.asked == []


def test_a_lost_datagram_is_asked_for_again() -> None:
    """UDP promises nothing."""
    with DnsServer(txt={NAME: [b"token"]}) as dns:
        dns.lose = 1
        assert lookup(dns, lifetime=0.6).find(NAME) == [b"token"]


def test_a_forged_answer_is_passed_over() -> None:
    """An answer to another question does not count, nor does it keep the right one from being heard."""
    with DnsServer(txt={NAME: [b"token"]}) as dns:
        dns.behave = "forged"
        assert lookup(dns).find(NAME) == [b"token"]


def test_the_addresses_of_a_host_are_found() -> None:
    """IPv4 first, then IPv6: what a Fetcher asks for."""
    with DnsServer(a={"club.epfl.ch": ["2001:db8::1", "192.0.2.1"]}) as dns:
        assert lookup(dns).addresses("club.epfl.ch", 3.0) == ["192.0.2.1", "2001:db8::1"]


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_an_address_stands_for_itself(address: str) -> None:
    """Nobody is asked about it."""
    with DnsServer() as dns:
        assert lookup(dns).addresses(address, 3.0) == [address]
        assert dns.asked == []


def test_the_addresses_of_a_host_come_in_time_or_not_at_all() -> None:
    """Two questions, one time for both."""
    with DnsServer() as dns:
        dns.behave = "hang"
        started = time.monotonic()
        with pytest.raises(Unavailable):
            lookup(dns).addresses("club.epfl.ch", 0.5)
        assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("server", ["dns.epfl.ch", "1.2.3", "9.9.9.9:dns", "::1", "[::1", ""])
def test_a_server_that_is_no_address_is_a_mistake_in_the_settings(server: str) -> None:
    """It shows at the start, with the name of the setting."""
    with pytest.raises(Misconfigured, match="VODKA_DNS_SERVERS"):
        DnsLookup([server], 3.0)


@pytest.mark.parametrize(
    ("server", "parsed"),
    [("9.9.9.9", ("9.9.9.9", 53)), ("9.9.9.9:5353", ("9.9.9.9", 5353)), ("[2001:DB8::1]:53", ("2001:db8::1", 53))],
)
def test_a_server_may_be_written_with_and_without_its_port(server: str, parsed: tuple[str, int]) -> None:
    """53 is the usual one (RFC 1035 §4.2.1)."""
    assert module.parse_server(server) == parsed


def test_the_servers_of_the_system_are_those_of_its_file(tmp_path: Path) -> None:
    """Without a setting the machine's own resolvers are asked."""
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.53\nnameserver 2001:db8::53\n")
    assert module.servers_of(str(tmp_path / "resolv.conf")) == [("192.0.2.53", 53), ("2001:db8::53", 53)]


def test_a_machine_without_resolvers_has_an_outage(tmp_path: Path) -> None:
    """vodka starts all the same; a proof by DNS fails softly."""
    assert module.servers_of(str(tmp_path / "nothing")) == []
    with pytest.raises(Unavailable, match="no server is known"):
        DnsLookup([], 0.2, resolv_conf=str(tmp_path / "nothing")).find(NAME)
