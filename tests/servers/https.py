"""A real web site over TLS on 127.0.0.1, with a certificate for any host name and a script for any misbehaviour."""

from __future__ import annotations

import ssl
import struct
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET, socket
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import trustme

Page = tuple[int, dict[str, str], bytes]
Script = Callable[[BufferedIOBase], None]
trustme.CA()  # cryptography keeps the class `datetime` of its first use: this one, and not that of a stopped clock


class _Handler(BaseHTTPRequestHandler):
    """Answers with the page of the path; a script writes what it likes, from the status line on."""

    def do_GET(self) -> None:
        site: HttpsSite = self.server.site
        site.asked.append((self.headers["Host"], self.path))
        page = site.pages.get(self.path, (404, {}, b""))
        if callable(page):
            page(self.wfile)
            return
        status, headers, body = page
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        site: HttpsSite = self.server.site
        body = self.rfile.read(int(self.headers["Content-Length"]))
        site.posted.append((self.path, self.headers["Content-Type"], body))
        self.do_GET()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    """Shakes hands in the thread of the request, so that a silent client holds up nobody else."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        site: HttpsSite = self.site
        with site.tls.wrap_socket(request, server_side=True) as secure:
            _Handler(secure, client_address, self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that refuses the certificate or leaves early is what many tests want."""


class HttpsSite:
    """Use as a context manager: `with HttpsSite("club.epfl.ch", pages={"/": (200, {}, b"hello")}) as site: …`.

    `pages` may be changed while it runs; `asked` holds (Host header, path with query) of each request, `posted` (path,
    media type, body) of each POST; `ca_file` is the authority to trust. `not_after` makes the certificate end early.
    """

    def __init__(
        self, *hosts: str, pages: dict[str, Page | Script] | None = None, not_after: datetime | None = None
    ) -> None:
        self.pages = pages if pages is not None else {}
        self.asked: list[tuple[str, str]] = []
        self.posted: list[tuple[str, str, bytes]] = []
        self._folder = TemporaryDirectory()
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(hosts or ("localhost",)), not_after=not_after).configure_cert(self.tls)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="https site", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()


class Listener:
    """A port of 127.0.0.1 (or another loopback address) that takes connections, counts them and never says a word."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self.connections = 0
        self._held: list[socket] = []
        self._socket = socket()
        self._socket.bind((address, port))
        self._socket.listen()
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="listener", daemon=True)

    def _accept(self) -> None:
        while True:
            peer, _ = self._socket.accept()
            self._held.append(peer)
            if self._closing:
                return
            self.connections += 1

    _closing = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        with socket() as last:
            last.connect(self._socket.getsockname())
            self._thread.join()
        for peer in self._held:
            peer.close()
        self._socket.close()


class Resetting(Listener):
    """A port that resets each connection at once (RFC 9293 §3.5.3)."""

    def _accept(self) -> None:
        while not self._closing:
            peer, _ = self._socket.accept()
            peer.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()
