"""An application that knows nothing of logins: it answers what it was sent, so that a test sees what a proxy let through."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

_WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        received = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        application: Application = self.server.application
        sent = {name.lower(): self.headers.get_all(name, []) for name in self.headers}
        application.asked.append(self.path)
        application.heard.append(sent)
        if self.headers.get("Upgrade", "").lower() == "websocket":
            accept = b64encode(sha1((self.headers["Sec-WebSocket-Key"] + _WEBSOCKET).encode()).digest()).decode()
            self.send_response(101)
            for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)):
                self.send_header(name, value)
            self.end_headers()
            self.close_connection = True
            return
        told = {"method": self.command, "path": self.path, "headers": sent, "length": len(received)}
        body = json.dumps(told).encode()
        self.send_response(application.status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        """Every method is answered alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Application:
    """Use as a context manager; it answers with `status`. `asked` holds the path of each request, `heard` its headers."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.heard: list[dict[str, list[str]]] = []
        self.status = 200
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.application = self
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
