"""HTTP connections that go only to addresses checked beforehand, and end at a fixed moment whatever the peer does.

The layers below `requests`: a socket whose every read is cut at the deadline, the urllib3 connection that opens it, the
adapter that hands it to requests. TLS still names and checks the *host* (RFC 9525 §6).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from vodka.clock import stopwatch


class _BoundedReads:
    """A socket that is read only while there is time and budget left (attacks DOM-09).

    The layers above count neither: a byte a second keeps them reading for ever, and http.client takes a chunk of the
    size -1 for "all there is".
    """

    line: Line
    received: int = 0

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """As `socket.recv_into`; raises TimeoutError when the time is over, OSError when the budget is spent."""
        if self.received > self.line.budget:
            raise OSError("too many bytes")
        self.settimeout(time_left(self.line.deadline))  # type: ignore[attr-defined]
        count: int = super().recv_into(*args, **kwargs)  # type: ignore[misc]
        self.received += count
        return count


class _PlainSocket(_BoundedReads, socket.socket):
    """The socket below http, and below TLS until the handshake."""


class _SecureSocket(_BoundedReads, ssl.SSLSocket):
    """The socket below https; noted before its handshake, because `ssl` forgets to close one whose peer is gone by then."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = super().__new__(cls, *args, **kwargs)
        _line_of_handshake.get().opened.append(made)
        return made


_line_of_handshake: ContextVar[Line] = ContextVar("line of handshake")


@dataclass(frozen=True)
class Line:
    """The only way out for one request: checked addresses of one host, the moment (by `stopwatch`) when it ends, and how
    many bytes may come in, headers and all.
    """

    host: str
    port: int
    addresses: tuple[str, ...]
    deadline: float
    budget: int
    opened: list[socket.socket] = field(default_factory=list)

    def connect(self) -> socket.socket:
        """A connection to the first address that answers; raises OSError when none does."""
        failure = OSError("no address")
        for position, address in enumerate(self.addresses):
            peer = _PlainSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            try:
                # A silent address may use up its share of the time, not the time of the next one.
                peer.settimeout(time_left(self.deadline) / (len(self.addresses) - position))
                peer.connect((address, self.port))
                peer.settimeout(time_left(self.deadline))
                peer.line = self
                self.opened.append(peer)
                return peer
            except OSError as error:
                peer.close()
                failure = error
        raise failure

    def hang_up(self) -> None:
        """Close what is open, now: after some errors the layers above leave that to the garbage collector."""
        for peer in self.opened:
            if (descriptor := peer.detach()) >= 0:
                socket.close(descriptor)


def time_left(deadline: float) -> float:
    """Seconds until `deadline`; raises TimeoutError when it is over."""
    seconds = deadline - stopwatch()
    if seconds <= 0:
        raise TimeoutError("the time is over")
    return seconds


class _PlainConnection(HTTPConnection):
    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._line = line

    def _new_conn(self) -> socket.socket:
        return self._line.connect()


class _SecureConnection(HTTPSConnection):
    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._line = line

    def _new_conn(self) -> socket.socket:
        return self._line.connect()

    def connect(self) -> None:
        """As usual; the handshake as a whole keeps the time limit of the socket that it began with."""
        present = _line_of_handshake.set(self._line)
        try:
            super().connect()
        finally:
            _line_of_handshake.reset(present)
        assert isinstance(self.sock, _SecureSocket)
        self.sock.line = self._line


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class PinnedAdapter(HTTPAdapter):
    """Sends a request of `requests` over one `Line`, over TLS if there is a context; used once."""

    def __init__(self, line: Line, context: ssl.SSLContext | None) -> None:
        super().__init__()
        self._line = line
        if context is None:
            self._pool: HTTPConnectionPool = _PlainPool(line.host, line.port, line=line)
        else:
            self._pool = _SecurePool(line.host, line.port, line=line, ssl_context=context)

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,  # noqa: ARG002 - the line alone decides
        verify: bool | str | None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
        cert: tuple[str, str] | str | None = None,  # noqa: ARG002
    ) -> HTTPConnectionPool:
        """The pool of this line; requests asks here before sending."""
        return self._pool

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Nothing: the TLS context of the pool already demands a certificate and its host name."""

    def close(self) -> None:
        """End the line."""
        super().close()
        self._pool.close()
        self._line.hang_up()


@lru_cache(4)  # reading all authorities takes a tenth of a second
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Trust in the public authorities, and in those of `ca_file` (PEM) besides; TLS 1.2 or later."""
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _SecureSocket
    if ca_file:
        context.load_verify_locations(ca_file)
    return context
