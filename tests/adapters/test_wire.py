"""One request as it was written: what is sent arrives to the byte, and no answer keeps anybody waiting."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.servers.components import free_port
from tests.servers.https import HttpsSite, Listener
from vodka.adapters.wire.exchange import Answer, NoAnswer, Server, Tls, exchange

REQUEST = b"GET\t/../%zz\\ HTTP/7.7\r\nremote_user : \xff\x00\n folded\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
SECONDS = 20.0  # far longer than any of these takes
SIZE = 1000


@dataclass
class Scripted:
    """What a server was sent."""

    port: int
    heard: bytes = b""


@contextmanager
def says(script: bytes, *, hangs_up: bool = True, resets: bool = False) -> Iterator[Scripted]:
    """A server that answers one connection with this, whatever it is asked, and may keep the line open or tear it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Scripted(listening.getsockname()[1])

        def answer() -> None:
            peer, _ = listening.accept()
            with peer:
                while b"\r\n\r\n" not in server.heard:
                    server.heard += peer.recv(4096)
                peer.sendall(script)
                if resets:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RFC 9293 §3.5.3
                if not hangs_up:
                    peer.recv(1)  # until the other side does

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server
        thread.join(SECONDS)
        assert not thread.is_alive()


def ask(port: int, request: bytes = REQUEST, seconds: float = SECONDS, tls: Tls | None = None) -> Answer:
    """Ask the server on this port of this machine."""
    return exchange(Server("127.0.0.1", port, tls), request, seconds=seconds, size=SIZE)


def test_what_is_sent_arrives_to_the_byte() -> None:
    """Nothing is put right, nothing is added."""
    with says(OK + b"X-One:  a \r\nx-one: b\r\n\r\nhello") as server:
        answer = ask(server.port)
    assert server.heard == REQUEST
    assert (answer.status, answer.body, answer.is_silent) == (200, b"hello", False)
    assert answer.headers == (("x-one", "a"), ("x-one", "b"))
    assert (answer.header("x-one"), answer.header("x-two")) == ("a", None)


@pytest.mark.parametrize(
    ("script", "status", "body"),
    [
        pytest.param(OK + b"Content-Length: 2\r\n\r\nhi", 200, b"hi", id="a length"),
        pytest.param(OK + b"Content-Length: 0\r\n\r\n", 200, b"", id="a length of nothing"),
        pytest.param(
            OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, b"2\r\nhi\r\n0\r\n\r\n", id="chunks"
        ),
        pytest.param(b"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\n", 101, b"", id="another protocol"),
        pytest.param(
            b"HTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n", 200, b"", id="announced"
        ),
    ],
)
def test_an_answer_ends_where_it_says_so(script: bytes, status: int, body: bytes) -> None:
    """Although the line stays open (RFC 9112 §6.3)."""
    with says(script, hangs_up=False) as server:
        answer = ask(server.port)
    assert (answer.status, answer.body, answer.is_silent) == (status, body, False)


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        pytest.param(b"", Answer(), id="nothing"),
        pytest.param(b"<h1>hello", Answer(body=b"<h1>hello"), id="HTTP/0.9"),
        pytest.param(b"HTTP/1.1 204 None\r\nA: b", Answer(204, (("a", "b"),)), id="half a head"),
        pytest.param(
            OK + b"Content-Length: x\r\n\r\nhi", Answer(200, (("content-length", "x"),), b"hi"), id="no length"
        ),
    ],
)
def test_what_is_no_answer_is_told_as_it_came(script: bytes, answer: Answer) -> None:
    """Up to the end of the line."""
    with says(script) as server:
        assert ask(server.port) == answer


def test_only_the_beginning_is_read() -> None:
    """Whoever never stops is not listened to any longer."""
    with says(OK + b"\r\n" + b"x" * 100_000) as server:
        answer = ask(server.port)
    assert len(OK + b"\r\n" + answer.body) == SIZE


def test_silence_ends_in_time() -> None:
    """Nothing, and half an answer."""
    began = time.monotonic()
    with Listener() as listener:
        assert ask(listener.port, seconds=0.3) == Answer(is_silent=True)
    with says(OK + b"Content-Length: 9\r\n\r\nhi", hangs_up=False) as server:
        assert ask(server.port, seconds=0.3) == Answer(200, (("content-length", "9"),), b"hi", is_silent=True)
    assert time.monotonic() - began < SECONDS


def test_a_reset_is_an_end() -> None:
    """Some proxies refuse in this way."""
    with says(b"", resets=True) as server:
        assert ask(server.port) == Answer()


def test_over_tls_the_name_counts() -> None:
    """Unless it is left out on purpose: then whoever answers is asked."""
    request = b"GET / HTTP/1.1\r\nHost: club.epfl.ch\r\n\r\n"
    with HttpsSite("club.epfl.ch", pages={"/": (200, {}, b"hello")}) as site:
        assert ask(site.port, request, tls=Tls("club.epfl.ch", ca_file=site.ca_file)).body == b"hello"
        for tls in (Tls("", verified=False), Tls("elsewhere.epfl.ch", verified=False)):
            assert ask(site.port, request, tls=tls).body == b"hello"
        for tls in (Tls("elsewhere.epfl.ch", ca_file=site.ca_file), Tls("club.epfl.ch")):
            with pytest.raises(NoAnswer, match=f"127.0.0.1:{site.port}: .*CERTIFICATE_VERIFY_FAILED"):
                ask(site.port, request, tls=tls)


def test_nobody_there_is_said() -> None:
    """With the address that was tried."""
    port = free_port()
    with pytest.raises(NoAnswer, match=f"127.0.0.1:{port}: .*refused"):
        ask(port)
