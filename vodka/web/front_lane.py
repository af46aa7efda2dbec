"""The outermost layer: completes every answer's headers, and gives the few ready answers before Flask's dispatch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask

from vodka.handoff.dialects import BELOW, Sent
from vodka.handoff.status import PATH, Reply
from vodka.networks import IPAddress
from vodka.oauth import discovery
from vodka.reader import Reader
from vodka.web.plumbing.arrival import is_our_host
from vodka.web.plumbing.client import peer
from vodka.web.plumbing.means import Means, present
from vodka.web.plumbing.security_headers import completed
from vodka.web.well_known import METADATA, jwks_headers, metadata_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

JWKS = "/.well-known/jwks.json"
_ASKED_BY = frozenset({"GET", "HEAD"})
_BELOW = f"{PATH}/"
_LINES = {200: "200 OK", 401: "401 UNAUTHORIZED", 403: "403 FORBIDDEN"}


@dataclass(frozen=True)
class Ready:
    """An answer that only has to be sent."""

    body: bytes
    headers: list[tuple[str, str]]


class FrontLane:
    """A WSGI application around Flask's: answers what is ready, and leaves the rest, every error too, to Flask."""

    def __init__(self, flask: WSGIApplication, app: Flask, tools: Means) -> None:
        self._flask = flask
        self._app = app
        self._tools = tools
        self._https = tools.settings.https
        self._reader = Reader(app)
        self._usual = completed([("Content-Length", "0")], https=False)
        self._keys = Ready(b"", [])
        document = self._ready(discovery.ready(tools.oauth.provider), metadata_headers(tools.limits.jwks_cache))
        self._answers: dict[str, Callable[[], Ready | None]] = {JWKS: self._jwks}
        self._answers |= dict.fromkeys(METADATA, lambda: document)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI (PEP 3333)."""
        path = environ["PATH_INFO"]
        if path.startswith(_BELOW):  # Envoy puts what it asks about there, and to Flask it would be another address
            path, environ = PATH, {**environ, "PATH_INFO": PATH, BELOW: path.removeprefix(PATH)}
        if path == PATH and (reply := self._passing(environ)) is not None:
            start_response(_LINES[reply.status], [*reply.headers, *self._usual])
            return [b""]
        find = self._answers.get(path)
        if (
            find is not None
            and environ["REQUEST_METHOD"] == "GET"
            and is_our_host(environ, self._tools.settings.origin)
            and (ready := find()) is not None
        ):
            start_response("200 OK", ready.headers)
            return [ready.body]
        return self.behind(environ, start_response)

    def close(self) -> None:
        """Give back what this thread holds of the database."""
        self._reader.close()

    def behind(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The way through Flask, which ends in the same headers."""
        # What a proxy hands on of /status comes under the application's name: no promise may be made for that one.
        https = self._https and environ["PATH_INFO"] != PATH

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            return start_response(status, completed(headers, https=https), *exc_info)

        before = present.set(self._tools)
        try:
            return self._flask(environ, start)
        finally:
            present.reset(before)

    def _passing(self, environ: WSGIEnvironment) -> Reply | None:
        """The answer to a proxy for somebody who is known; None for everybody else, and where anything is in the way."""
        if environ["REQUEST_METHOD"] not in _ASKED_BY or not self._has_keys():
            return None
        tools = self._tools

        def asker() -> IPAddress | None:
            return peer(environ, tools.settings.trusted_proxies)

        try:
            return self._reader.read(lambda memory: tools.gate.swift(Sent(environ), asker, memory))
        except Exception:
            return None  # Flask's way will meet the same, and tell of it

    def _has_keys(self) -> bool:
        """Whether the keys are as of at most some seconds ago."""
        keyring = self._tools.keyring
        if not keyring.is_fresh():
            try:
                with self._app.app_context():
                    keyring.jwks()
            except Exception:
                return False
        return True

    def _jwks(self) -> Ready | None:
        """The keys as of at most some seconds ago; None where they cannot be read."""
        if not self._has_keys():
            return None
        if (body := self._tools.keyring.ready_jwks) is not self._keys.body:
            self._keys = self._ready(body, jwks_headers(self._tools.limits.jwks_cache))
        return self._keys

    def _ready(self, body: bytes, headers: list[tuple[str, str]]) -> Ready:
        return Ready(body, completed([*headers, ("Content-Length", str(len(body)))], https=self._https))
