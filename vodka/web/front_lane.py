"""The outermost layer: completes every answer's headers, and gives the few ready answers before Flask's dispatch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from vodka.web.plumbing.arrival import is_our_host
from vodka.web.plumbing.means import Means, present
from vodka.web.plumbing.security_headers import completed
from vodka.web.well_known import jwks_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

JWKS = "/.well-known/jwks.json"


class FrontLane:
    """A WSGI application around Flask's: answers what is ready, and leaves the rest, every error too, to Flask."""

    def __init__(self, flask: WSGIApplication, app: Flask, tools: Means) -> None:
        self._flask = flask
        self._app = app
        self._tools = tools
        self._https = tools.settings.https
        self._body = b""
        self._headers: list[tuple[str, str]] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI (PEP 3333)."""
        if (
            environ["PATH_INFO"] == JWKS
            and environ["REQUEST_METHOD"] == "GET"
            and is_our_host(environ, self._tools.settings.origin)
            and self._refresh()
        ):
            start_response("200 OK", self._headers)
            return [self._body]
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

    def _refresh(self) -> bool:
        keyring = self._tools.keyring
        if not keyring.is_fresh():
            try:
                with self._app.app_context():
                    keyring.jwks()
            except Exception:
                return False
        if (body := keyring.ready_jwks) is not self._body:
            headers = [*jwks_headers(self._tools.limits.jwks_cache), ("Content-Length", str(len(body)))]
            self._body, self._headers = body, completed(headers, https=self._https)
        return True
