"""The guarded GET against real servers: where it goes, whom it believes, and that nobody is visited who must not be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.servers.directory import DirectoryServer
from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite, Listener
from vodka.adapters.dns import DnsLookup
from vodka.adapters.fetch import Fetched, Fetcher, FetchFailed, FetchRefused
from vodka.errors import Unavailable

HERE = (ip_network("127.0.0.1/32"),)
PROOF = "/.well-known/vodka-challenge"


def at(*addresses: str) -> Callable[[str, float], list[str]]:
    """A resolver that knows one answer."""
    return lambda _host, _seconds: list(addresses)


def fetcher_of(site: HttpsSite, *addresses: str, ca_file: str | None = None) -> Fetcher:
    """A Fetcher that trusts the site's authority and finds every host at `addresses`."""
    return Fetcher(HERE, ca_file or site.ca_file, site.port, at(*(addresses or ("127.0.0.1",))))


def get(fetcher: Fetcher, url: str, timeout: float = 3.0, size: int = 1000, even_time: bool = False) -> Fetched:
    return fetcher.get(url, timeout=timeout, size=size, accept="text/plain", even_time=even_time)


def test_a_document_arrives_with_status_type_and_body() -> None:
    """TLS names the host that was asked for, although the connection goes to the checked address."""
    with HttpsSite(
        "club.epfl.ch", pages={PROOF: (200, {"Content-Type": "Text/Plain; charset=utf-8"}, b"token")}
    ) as site:
        assert get(fetcher_of(site), f"https://club.epfl.ch{PROOF}") == Fetched(200, "text/plain", b"token")
        assert site.asked == [(f"club.epfl.ch:{site.port}", PROOF)]


def test_an_answer_of_another_status_is_an_answer() -> None:
    """What a 404 means is for the caller to say."""
    with HttpsSite("club.epfl.ch") as site:
        assert get(fetcher_of(site), "https://club.epfl.ch") == Fetched(404, "", b"")


def test_the_second_address_is_tried_when_the_first_is_dead() -> None:
    """A host stays reachable when one of its addresses does not answer."""
    with HttpsSite("club.epfl.ch", pages={"/": (200, {}, b"hello")}) as site:
        fetcher = Fetcher((ip_network("127.0.0.0/29"),), site.ca_file, site.port, at("127.0.0.2", "127.0.0.1"))
        assert get(fetcher, "https://club.epfl.ch/").body == b"hello"


NOT_PUBLIC = [
    pytest.param("127.0.0.1", id="loopback"),
    pytest.param("10.0.0.1", id="private"),
    pytest.param("192.168.1.1", id="private at home"),
    pytest.param("169.254.169.254", id="link-local, where clouds keep secrets"),
    pytest.param("100.64.0.1", id="carrier-grade NAT"),
    pytest.param("224.0.0.1", id="multicast"),
    pytest.param("0.0.0.0", id="this host"),
    pytest.param("0.1.2.3", id="this network"),
    pytest.param("192.0.0.170", id="protocol assignments"),
    pytest.param("192.88.99.1", id="6to4 relay"),
    pytest.param("240.0.0.1", id="reserved"),
    pytest.param("255.255.255.255", id="broadcast"),
    pytest.param("::1", id="loopback of IPv6"),
    pytest.param("::", id="unspecified"),
    pytest.param("fd00::1", id="unique local"),
    pytest.param("fe80::1", id="link-local of IPv6"),
    pytest.param("fe80::1%lo", id="link-local with a zone"),
    pytest.param("ff02::1", id="multicast of IPv6"),
    pytest.param("::ffff:127.0.0.1", id="mapped loopback"),
    pytest.param("::ffff:8.8.8.8", id="mapped, though public inside"),
    pytest.param("::127.0.0.1", id="compatible loopback"),
    pytest.param("64:ff9b::7f00:1", id="NAT64 around loopback"),
    pytest.param("64:ff9b:1::1", id="local NAT64"),
    pytest.param("2002:7f00:1::", id="6to4 around loopback"),
    pytest.param("2001::1", id="Teredo"),
    pytest.param("2001:db8::1", id="documentation"),
    pytest.param("3fff::1", id="new documentation"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_dom_04_an_address_that_is_not_public_is_not_visited(address: str) -> None:
    """A listener on the port of the request sees nothing."""
    with Listener() as listener:
        fetcher = Fetcher(https_port=listener.port, resolve=at(address))
        with pytest.raises(FetchRefused):
            get(fetcher, "https://club.epfl.ch/")
        assert listener.connections == 0


def test_dom_04_one_bad_address_among_good_ones_spoils_them_all() -> None:
    """Nobody is connected to by chance of the order."""
    with HttpsSite("club.epfl.ch") as site:
        with pytest.raises(FetchRefused):
            get(fetcher_of(site, "127.0.0.1", "10.0.0.1"), "https://club.epfl.ch/")
        assert site.asked == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "127.1", "localhost"], ids=lambda host: f"host {host}"
)
def test_dom_04_no_spelling_of_this_machine_is_visited(host: str) -> None:
    """Whatever the system's resolver makes of it is what is judged."""
    with Listener() as listener:
        with pytest.raises((FetchRefused, FetchFailed)):
            get(Fetcher(https_port=listener.port), f"https://{host}/")
        assert listener.connections == 0


def test_dom_05_the_checked_address_is_the_one_connected_to() -> None:
    """A name that turns to another address after the check is asked for once, and the other address is not visited."""
    with (
        HttpsSite("club.epfl.ch", pages={"/": (200, {}, b"hello")}) as site,
        Listener("127.0.0.2", site.port) as inside,
        DnsServer(a={"club.epfl.ch": ["127.0.0.1"]}, a_later={"club.epfl.ch": ["127.0.0.2"]}) as dns,
    ):
        fetcher = Fetcher(HERE, site.ca_file, site.port, DnsLookup([dns.address], 3.0).addresses)
        assert get(fetcher, "https://club.epfl.ch/").body == b"hello"
        assert [kind for _, _, kind in dns.asked] == ["A", "AAAA"]
        with pytest.raises(FetchRefused):
            get(fetcher, "https://club.epfl.ch/")
        assert inside.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_dom_06_dir_06_a_redirect_is_not_followed(status: int) -> None:
    """It is an answer with a status; the place it names is not visited, and its body is cut like any other."""
    with Listener() as inside:
        target = {"Location": f"http://127.0.0.1:{inside.port}/"}
        pages = {"/": (status, target, b""), "/big": (status, target, b"x" * 1001)}
        with HttpsSite("club.epfl.ch", pages=pages) as site:
            assert get(fetcher_of(site), "https://club.epfl.ch/").status == status
            with pytest.raises(FetchFailed, match="more than 1000 bytes"):
                get(fetcher_of(site), "https://club.epfl.ch/big")
        assert inside.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://club.epfl.ch:22/",
        "https://club.epfl.ch:80/",
        "https://club.epfl.ch:8080/",
        "https://club.epfl.ch:5432/",
        "http://club.epfl.ch/",
        "http://club.epfl.ch:443/",
        "ftp://club.epfl.ch/",
        "file:///etc/passwd",
        "https://user@club.epfl.ch/",
        "https://club.epfl.ch\\@evil.ch/",
        "https://club.epfl.ch/#fragment",
        "https://club.epfl.ch/a b",
        "https://club.epfl.ch/\r\nHost: evil.ch",
        "https://club。epfl.ch/",
        "https:club.epfl.ch",
        "https:///club.epfl.ch",
        "//club.epfl.ch/",
        "",
    ],
)
def test_dom_08_only_https_on_the_one_port_is_fetched(url: str) -> None:
    """Another port, another scheme or a URL that two parsers might read differently is refused before any look-up."""
    looked_up: list[str] = []

    def resolve(host: str, seconds: float) -> list[str]:
        looked_up.append(host)
        return []

    with pytest.raises(FetchRefused):
        get(Fetcher(resolve=resolve), url)
    assert looked_up == []


def test_dir_10_a_certificate_of_another_authority_is_refused() -> None:
    """The public authorities and the operator's own are trusted, and nobody else."""
    with HttpsSite("club.epfl.ch") as site, HttpsSite("club.epfl.ch") as other:
        with pytest.raises(FetchFailed, match="CERTIFICATE_VERIFY_FAILED"):
            get(fetcher_of(site, ca_file=other.ca_file), "https://club.epfl.ch/")
        assert site.asked == []


def test_dir_10_a_certificate_of_another_host_is_refused() -> None:
    """The host name of the URL has to stand in the certificate, not the address."""
    with HttpsSite("other.epfl.ch", "127.0.0.1") as site:
        with pytest.raises(FetchFailed, match="CERTIFICATE_VERIFY_FAILED"):
            get(fetcher_of(site), "https://club.epfl.ch/")
        assert site.asked == []


def test_dir_10_a_certificate_that_is_over_is_refused() -> None:
    """An expired certificate proves nothing any more."""
    with HttpsSite("club.epfl.ch", not_after=datetime(2020, 1, 1, tzinfo=UTC)) as site:
        with pytest.raises(FetchFailed, match="CERTIFICATE_VERIFY_FAILED"):
            get(fetcher_of(site), "https://club.epfl.ch/")
        assert site.asked == []


def test_a_configured_service_may_have_its_own_port_and_plain_http() -> None:
    """The operator's own base URL is reached as it was written, and nothing else because of it."""
    with DirectoryServer() as directory:
        fetcher = Fetcher(HERE).for_base(directory.url)
        assert get(fetcher, f"{directory.url}/399009.vcf").status == 404
        with pytest.raises(FetchRefused):
            get(fetcher, "http://127.0.0.1:9/")
        with pytest.raises(FetchRefused):
            get(Fetcher(HERE), f"{directory.url}/399009.vcf")


def test_plain_http_never_leaves_the_networks_that_the_operator_named() -> None:
    """A public directory over http could be made to say anything on the way."""
    fetcher = Fetcher(HERE, resolve=at("8.8.8.8")).for_base("http://directory.example.org")
    with pytest.raises(FetchRefused):
        get(fetcher, "http://directory.example.org/")


def test_a_base_that_is_no_url_is_refused_at_once() -> None:
    """A mistake in the settings shows at the start."""
    with pytest.raises(FetchRefused):
        Fetcher().for_base("search-api.epfl.ch")


def test_an_unknown_host_is_a_failure() -> None:
    """A name without an address cannot be visited."""
    with pytest.raises(FetchFailed, match="no address"):
        get(Fetcher(resolve=at()), "https://club.epfl.ch/")


def test_f_15_a_resolver_that_is_down_is_a_failure() -> None:
    """The caller has one kind of outage to handle."""

    def resolve(host: str, seconds: float) -> list[str]:
        raise Unavailable("DNS: SERVFAIL")

    with pytest.raises(FetchFailed, match="DNS: SERVFAIL"):
        get(Fetcher(resolve=resolve), "https://club.epfl.ch/")


def test_nothing_personal_is_kept_from_a_url() -> None:
    """The reason that goes to the log names the host, not the query with somebody's address."""
    with Listener() as closed:
        port = closed.port
    with pytest.raises(FetchFailed) as caught:
        get(Fetcher(HERE, https_port=port, resolve=at("127.0.0.1")), "https://club.epfl.ch/?q=camille.exemple@epfl.ch")
    assert caught.value.detail.startswith("club.epfl.ch: ConnectionRefusedError")
    assert "camille" not in str(caught.value)


def test_proxies_of_the_environment_are_not_used(tmp_path: Path) -> None:
    """A proxy would resolve the host again, behind the check; a netrc would send a password along."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login user password secret")
    script = (
        "import sys; from ipaddress import ip_network; from vodka.adapters.fetch import Fetcher\n"
        "fetcher = Fetcher((ip_network('127.0.0.1/32'),)).for_base(sys.argv[1])\n"
        "print(fetcher.get(sys.argv[1] + '/', timeout=3, size=99, accept='*/*').status)"
    )
    with Listener() as proxy, DirectoryServer() as directory:
        names = ("http_proxy", "HTTPS_PROXY", "ALL_PROXY")
        environment = dict.fromkeys(names, f"http://127.0.0.1:{proxy.port}") | {"HOME": str(tmp_path)}
        shown = subprocess.run(
            [sys.executable, "-c", script, directory.url], env=os.environ | environment, capture_output=True, check=True
        )
        assert shown.stdout == b"404\n"
        assert proxy.connections == 0
