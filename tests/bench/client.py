"""A small HTTP/1.1 client: one kept-alive connection, ready bytes out, one answer in (RFC 9112)."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import count
from typing import Any
from urllib.parse import urlencode

TIMEOUT = 10.0
FIRST_CLIENT = 0x0A000001  # 10.0.0.1
CLIENTS = count()  # each request that is written down comes from a client of its own
COOKIE = re.compile(rb"^set-cookie:\s*([^=;\s]+)=([^;\r\n]*)", re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
CHUNKED = re.compile(rb"^transfer-encoding:\s*chunked", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the header section as bytes, the body."""

    status: int
    head: bytes
    body: bytes

    def cookies(self) -> dict[str, str]:
        """The cookies that this answer sets."""
        return {name.decode(): value.decode() for name, value in COOKIE.findall(self.head)}

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """Where a server listens, and how a browser's request to it is written down."""

    port: int

    @property
    def origin(self) -> str:
        """What a browser sends as Origin."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, cookies: Mapping[str, str] | None = None, token: str = "") -> bytes:
        """A GET request, ready to be sent; `token` is an access token to show."""
        return self._request("GET", path, cookies or {}, token=token)

    def post_json(self, path: str, value: object, cookies: Mapping[str, str] | None = None) -> bytes:
        """A POST request with a JSON body."""
        return self._request("POST", path, cookies or {}, "application/json", json.dumps(value))

    def post_form(
        self, path: str, fields: list[tuple[str, str]] | dict[str, str], cookies: Mapping[str, str] | None = None
    ) -> bytes:
        """A POST request as a form sends it."""
        return self._request("POST", path, cookies or {}, "application/x-www-form-urlencoded", urlencode(fields))

    def _request(
        self, method: str, path: str, cookies: Mapping[str, str], kind: str = "", body: str = "", token: str = ""
    ) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "User-Agent: vodka-bench", "Accept: */*"]
        lines += ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors"]
        lines.append(f"X-Forwarded-For: {IPv4Address(FIRST_CLIENT + next(CLIENTS))}")
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
        if method == "POST":
            lines += [f"Origin: {self.origin}", f"Content-Type: {kind}", f"Content-Length: {len(body.encode())}"]
        return "\r\n".join([*lines, "", body]).encode()


class Connection:
    """One connection that stays open from request to request."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def ask(self, request: bytes) -> Answer:
        """Send one request and read its answer; raises OSError when the server hangs up or stays silent."""
        self.send(request)
        return self.receive()

    def fileno(self) -> int:
        """For a selector."""
        return self._socket.fileno()

    def send(self, request: bytes) -> None:
        """Send one request; the answer to the one before has to be read already."""
        self._socket.sendall(request)

    def receive(self) -> Answer:
        """Read the answer to what was sent."""
        head = self._until(b"\r\n\r\n")
        status = int(head[9:12])
        if CHUNKED.search(head):
            body = self._chunks()
        else:
            length = LENGTH.search(head)
            body = self._exactly(int(length[1]) if length and status not in (204, 304) else 0)
        return Answer(status, head, body)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _more(self) -> None:
        received = self._socket.recv(65536)
        if not received:
            raise ConnectionError("the server hung up")
        self._buffer += received

    def _until(self, mark: bytes) -> bytes:
        while (end := self._buffer.find(mark)) < 0:
            self._more()
        found, self._buffer = self._buffer[: end + len(mark)], self._buffer[end + len(mark) :]
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n"), 16):
            body += self._exactly(size)
            self._exactly(2)
        self._until(b"\r\n")
        return body
