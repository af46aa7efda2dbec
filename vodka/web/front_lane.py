"""The outermost layer: completes every answer's headers, and gives the few ready answers before Flask's dispatch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask

from vodka.oauth import discovery
from vodka.web.plumbing.arrival import is_our_host
from vodka.web.plumbing.means import Means, present
from vodka.web.plumbing.security_headers import completed
from vodka.web.well_known import METADATA, jwks_headers, metadata_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

JWKS = "/.well-known/jwks.json"


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
        self._keys = Ready(b"", [])
        document = self._ready(discovery.ready(tools.oauth.provider), metadata_headers(tools.limits.jwks_cache))
        self._answers: dict[str, Callable[[], Ready | None]] = {JWKS: self._jwks}
        self._answers |= dict.fromkeys(METADATA, lambda: document)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI (PEP 3333)."""
        find = self._answers.get(environ["PATH_INFO"])
        if (
            find is not None
            and environ["REQUEST_METHOD"] == "GET"
            and is_our_host(environ, self._tools.settings.origin)
            and (ready := find()) is not None
        ):
            start_response("200 OK", ready.headers)
            return [ready.body]
        return self.behind(environ, start_response)

    def behind(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The way through Flask, which ends in the same headers."""

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            return start_response(status, completed(headers, https=self._https), *exc_info)

        before = present.set(self._tools)
        try:
            return self._flask(environ, start)
        finally:
            present.reset(before)

    def _jwks(self) -> Ready | None:
        """The keys as of at most some seconds ago; None where they cannot be read."""
        keyring = self._tools.keyring
        if not keyring.is_fresh():
            try:
                with self._app.app_context():
                    keyring.jwks()
            except Exception:
                return None
        if (body := keyring.ready_jwks) is not self._keys.body:
            self._keys = self._ready(body, jwks_headers(self._tools.limits.jwks_cache))
        return self._keys

    def _ready(self, body: bytes, headers: list[tuple[str, str]]) -> Ready:
        return Ready(body, completed([*headers, ("Content-Length", str(len(body)))], https=self._https))
