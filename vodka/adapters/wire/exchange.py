"""One request exactly as it was written, over TCP or TLS, and the beginning of its answer: nothing is made tidy on the way.

For attacks on one's own proxy (`vodka forward-auth check`): what has to be sent there is what no library would send.
"""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from vodka.adapters.pinned import time_left
from vodka.clock import stopwatch

_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})")
_PIECE = 16 * 1024  # bytes
_SWITCHED = 101


class NoAnswer(Exception):
    """Nobody could be connected to, or TLS did not come about; the reason is its text."""


@dataclass(frozen=True)
class Tls:
    """How TLS is spoken: the name that is asked for, which may be none, and whether the certificate has to be good for it."""

    name: str
    verified: bool = True
    ca_file: str | None = None

    def wrap(self, line: socket.socket) -> ssl.SSLSocket:
        """The same line, before its handshake."""
        context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        if not self.verified:
            # An attacker does not mind whose certificate it is. Nothing secret is ever sent over such a line.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(line, server_hostname=self.name or None, do_handshake_on_connect=False)


@dataclass(frozen=True)
class Server:
    """Where to connect; without `tls` in the clear."""

    host: str
    port: int
    tls: Tls | None = None

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Answer:
    """What came back: `status` is None where nothing came, or something without a status line (HTTP/0.9).

    `headers` have names in lower case. `is_silent`: the line stayed open, and the time was over.
    """

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    is_silent: bool = False

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for each, value in self.headers if each == name), None)


def exchange(server: Server, request: bytes, *, seconds: float, size: int) -> Answer:
    """Send the bytes and read the answer, its first `size` bytes, for at most `seconds` in all; raises NoAnswer."""
    deadline = stopwatch() + seconds
    with ExitStack() as held:
        try:
            line = _connected(server, deadline, held)
        except OSError as error:
            raise NoAnswer(f"{server.address}: {error}") from error
        _send(line, request)
        return _received(line, deadline, size)


def _connected(server: Server, deadline: float, held: ExitStack) -> socket.socket:
    line = held.enter_context(socket.create_connection((server.host, server.port), time_left(deadline)))
    if server.tls is None:
        return line
    secure = held.enter_context(server.tls.wrap(line))
    secure.do_handshake()
    return secure


def _send(line: socket.socket, request: bytes) -> None:
    with suppress(OSError):  # whoever hangs up before all is said may have answered already
        line.sendall(request)


def _received(line: socket.socket, deadline: float, size: int) -> Answer:
    """Until the other side ends, says that this was all, or says too much."""
    received, is_silent = b"", False
    try:
        while len(received) < size and not _is_whole(received):
            line.settimeout(time_left(deadline))
            piece = line.recv(_PIECE)
            if not piece:
                break
            received += piece
    except TimeoutError:
        is_silent = True
    except OSError:
        pass  # a reset is an end as well
    answer = read(received[:size])
    return Answer(answer.status, answer.headers, answer.body, is_silent)


def read(received: bytes) -> Answer:
    """The answer in these bytes, the last one where others (RFC 9110 §15.2) announced it."""
    head, _, body = received.partition(b"\r\n\r\n")
    match = _STATUS_LINE.match(head)
    if match is None:
        return Answer(body=received)
    status = int(match[1])
    if 100 <= status < 200 and status != _SWITCHED and body:
        return read(body)
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
    return Answer(status, tuple((name.strip().lower(), value.strip()) for name, _, value in lines), body)


def _is_whole(received: bytes) -> bool:
    """Whether nothing can follow, although the line is open still (RFC 9112 §6.3)."""
    answer = read(received)
    if answer.status is None or b"\r\n\r\n" not in received:
        return False
    if answer.header("transfer-encoding") is not None:
        return answer.body.endswith(b"0\r\n\r\n")
    length = answer.header("content-length") or ""
    return answer.status == _SWITCHED or (length.isdecimal() and len(answer.body) >= int(length))
