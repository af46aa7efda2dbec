"""The guarded GET under load and malice: it ends in time, holds little, and tells nothing by how it fails."""

from __future__ import annotations

import gc
import gzip
import time
from io import BufferedIOBase
from ipaddress import ip_network

import pytest

from tests.servers.directory import Behaviour, DirectoryServer
from tests.servers.https import HttpsSite, Listener, Resetting, Script
from vodka.adapters.fetch import Fetcher, FetchFailed, FetchRefused
from vodka.errors import Unavailable

HERE = (ip_network("127.0.0.1/32"),)
TIMEOUT = 0.4
SLACK = 1.0  # what a busy machine may add


def fetcher_of(port: int, ca_file: str | None = None, address: str = "127.0.0.1") -> Fetcher:
    return Fetcher(HERE, ca_file, port, lambda _host, _seconds: [address])


def failure_of(
    fetcher: Fetcher, url: str = "https://club.epfl.ch/", even_time: bool = False
) -> tuple[Unavailable, float]:
    """The failure, and how long it took."""
    started = time.monotonic()
    with pytest.raises(Unavailable) as caught:
        fetcher.get(url, timeout=TIMEOUT, size=64 * 1024, accept="*/*", even_time=even_time)
    return caught.value, time.monotonic() - started


def drops(first: bytes, drop: bytes, pause: float = 0.02) -> Script:
    """A page that begins with `first` and goes on with `drop` for far longer than anybody waits."""

    def write(out: BufferedIOBase) -> None:
        out.write(first)
        for _ in range(500):
            out.write(drop)
            time.sleep(pause)

    return write


SLOW = [
    pytest.param(drops(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"x"), id="a body, byte by byte"),
    pytest.param(drops(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"), id="a header, byte by byte"),
    pytest.param(drops(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="interim answers without end"),
    pytest.param(
        drops(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), id="chunks of one byte"
    ),
    pytest.param(
        drops(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: x\r\n"), id="endless trailers"
    ),
    pytest.param(drops(b"", b"", 0.02), id="nothing at all"),
]


@pytest.mark.parametrize("page", SLOW)
def test_dom_09_a_slow_site_is_left_in_time(page: Script) -> None:
    """The time counts for the whole, not for each read."""
    with HttpsSite("club.epfl.ch", pages={"/": page}) as site:
        failure, seconds = failure_of(fetcher_of(site.port, site.ca_file))
    assert isinstance(failure, FetchFailed)
    assert TIMEOUT - 0.05 <= seconds <= TIMEOUT + SLACK


def test_dom_09_a_site_that_never_shakes_hands_is_left_in_time() -> None:
    """The TLS handshake counts too."""
    with Listener() as silent:
        failure, seconds = failure_of(fetcher_of(silent.port))
    assert isinstance(failure, FetchFailed)
    assert seconds <= TIMEOUT + SLACK


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n"])
def test_dom_09_a_huge_body_is_cut_off(first: bytes) -> None:
    """A gigabyte is not read to the end: not of a page, nor of a redirect."""
    with HttpsSite("club.epfl.ch", pages={"/": drops(first, b"x" * 1024 * 1024, 0)}) as site:
        failure, _ = failure_of(fetcher_of(site.port, site.ca_file))
    assert "more than 65536 bytes" in failure.detail


@pytest.mark.parametrize("status", [200, 302])
def test_dom_09_a_compressed_answer_is_refused(status: int) -> None:
    """We asked for none; a small one may unpack to a gigabyte."""
    bomb = gzip.compress(b"\0" * 10_000_000)
    with HttpsSite("club.epfl.ch", pages={"/": (status, {"Content-Encoding": "gzip", "Location": "/"}, bomb)}) as site:
        failure, _ = failure_of(fetcher_of(site.port, site.ca_file))
    assert failure.detail == "the answer is compressed"


def test_dom_09_a_chunk_without_end_is_cut_off() -> None:
    """A chunk of the size -1 is "everything" to the library below: the bytes on the line are counted too."""
    first = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"
    with HttpsSite("club.epfl.ch", pages={"/": drops(first, b"x" * 1024 * 1024, 0)}) as site:
        failure, _ = failure_of(fetcher_of(site.port, site.ca_file))
    assert "too many bytes" in failure.detail


@pytest.mark.parametrize(
    "header", [b"X-More: of the same\r\n", b"X-Long: " + b"x" * 70_000 + b"\r\n"], ids=["endless", "too long"]
)
def test_dom_09_endless_headers_are_cut_off(header: bytes) -> None:
    """A hundred headers, or 64 KiB of one, are enough."""
    with HttpsSite("club.epfl.ch", pages={"/": drops(b"HTTP/1.1 200 OK\r\n", header, 0)}) as site:
        failure, _ = failure_of(fetcher_of(site.port, site.ca_file))
    assert isinstance(failure, FetchFailed)


def test_a_body_of_exactly_the_size_is_taken() -> None:
    """The limit itself is allowed, one byte more is not."""
    pages = {"/fits": (200, {}, b"x" * 100), "/over": (200, {}, b"x" * 101)}
    with HttpsSite("club.epfl.ch", pages=pages) as site:
        fetcher = fetcher_of(site.port, site.ca_file)
        assert len(fetcher.get("https://club.epfl.ch/fits", timeout=3, size=100, accept="*/*").body) == 100
        with pytest.raises(FetchFailed, match="more than 100 bytes"):
            fetcher.get("https://club.epfl.ch/over", timeout=3, size=100, accept="*/*")


@pytest.mark.parametrize("length", [99, 100, 101, 10_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_only_the_beginning_of_a_larger_body_is_read(length: int, chunked: bool) -> None:
    """Where that is enough, the first bytes are the answer, up to the size exactly, and a smaller body is whole."""
    body = bytes(range(256)) * (length // 256 + 1)
    if chunked:
        framed = b"%x\r\n%s\r\n0\r\n\r\n" % (length, body[:length])
        page = (200, {"Transfer-Encoding": "chunked", "Content-Length": "0"}, framed)
    else:
        page = (200, {}, body[:length])
    with HttpsSite("club.epfl.ch", pages={"/": page}) as site:
        fetcher = fetcher_of(site.port, site.ca_file)
        answer = fetcher.get("https://club.epfl.ch/", timeout=3, size=100, accept="*/*", only_beginning=True)
    assert (answer.status, answer.body) == (200, body[: min(length, 100)])


def test_dom_09_a_page_without_end_is_left_after_its_beginning() -> None:
    """Nothing waits for the rest; a compressed page and one that is broken off before are failures still."""
    endless = drops(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1024 * 1024, 0)
    broken = drops(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nbroken off", b"", 0)
    bomb = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 10_000_000))
    with HttpsSite("club.epfl.ch", pages={"/": endless, "/broken": broken, "/bomb": bomb}) as site:
        fetcher = fetcher_of(site.port, site.ca_file)
        known = {"timeout": 3, "size": 65536, "accept": "*/*", "only_beginning": True}
        assert len(fetcher.get("https://club.epfl.ch/", **known).body) == 65536
        for path in ("broken", "bomb"):
            with pytest.raises(FetchFailed):
                fetcher.get(f"https://club.epfl.ch/{path}", **known)


RUBBISH = [
    b"",
    b"\0\0\0\0",
    b"HTTP/1.1\r\n\r\n",
    b"HTTP/1.1 abc OK\r\n\r\n",
    b"HTTP/9.9 200 OK\r\n\r\nx",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nbroken off",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
]


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_is_a_failure_and_nothing_worse(rubbish: bytes) -> None:
    """What is not HTTP ends in the one error that callers expect."""
    with HttpsSite("club.epfl.ch", pages={"/": lambda out: out.write(rubbish) and None}) as site:
        failure, _ = failure_of(fetcher_of(site.port, site.ca_file))
    assert isinstance(failure, FetchFailed)


@pytest.mark.parametrize("behave", ["hang", "drip", "slow headers", "endless headers", "huge", "gzip", "broken off"])
def test_f_14_plain_http_has_the_same_limits(behave: Behaviour) -> None:
    """A directory in a lab is guarded like one behind TLS."""
    with DirectoryServer() as directory:
        directory.behave = behave
        failure, seconds = failure_of(Fetcher(HERE).for_base(directory.url), f"{directory.url}/api/ldap?q=ab")
    assert isinstance(failure, FetchFailed)
    assert seconds <= TIMEOUT + SLACK


def test_no_time_at_all_is_a_failure() -> None:
    """A caller whose own time is over gets the error it expects."""
    with pytest.raises(FetchFailed):
        fetcher_of(1).get("https://club.epfl.ch/", timeout=0.0, size=1, accept="*/*")


def test_dom_20_the_text_does_not_tell_what_is_there() -> None:
    """Closed, silent, speaking something else, forbidden: one sentence and one code for all."""
    with Listener() as gone:
        closed = gone.port
    with Listener() as silent, DirectoryServer() as other:
        failures = [
            failure_of(fetcher_of(closed))[0],
            failure_of(fetcher_of(silent.port))[0],
            failure_of(fetcher_of(int(other.url.rpartition(":")[2])))[0],
            failure_of(fetcher_of(silent.port, address="10.0.0.1"))[0],
        ]
    assert {(failure.code, failure.public, failure.retry_after) for failure in failures} == {
        ("unavailable", "vodka cannot do this right now. Please try again in a moment.", 2)
    }
    assert [type(failure) for failure in failures] == [FetchFailed, FetchFailed, FetchFailed, FetchRefused]


def test_dom_20_the_time_does_not_tell_what_is_there() -> None:
    """Where a stranger chose the host, every failure takes as long as the slowest."""
    with Listener() as gone:
        closed = gone.port
    with Listener() as silent:
        for fetcher in (
            fetcher_of(closed),
            fetcher_of(silent.port),
            fetcher_of(silent.port, address="10.0.0.1"),
        ):
            _, seconds = failure_of(fetcher, even_time=True)
            assert TIMEOUT <= seconds <= TIMEOUT + SLACK


def test_a_peer_that_is_gone_before_the_handshake_leaves_no_socket_open() -> None:
    """Now and then `ssl` forgets such a socket; one that is still open when it is collected fails this test."""
    with Resetting() as gone:
        for _ in range(200):
            failure, _seconds = failure_of(fetcher_of(gone.port))
            assert isinstance(failure, FetchFailed)
    gc.collect()
