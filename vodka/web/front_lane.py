"""The few answers given before Flask's dispatch: ready bytes, with the same headers as behind it (performance)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from vodka.web.plumbing.arrival import is_our_host
from vodka.web.plumbing.means import Means
from vodka.web.plumbing.security_headers import ALWAYS, DATA_POLICY, HSTS
from vodka.web.well_known import jwks_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

JWKS = "/.well-known/jwks.json"


class FrontLane:
    """A WSGI application around Flask's: answers what is ready, and leaves the rest, every error too, to Flask."""

    def __init__(self, behind: WSGIApplication, app: Flask, tools: Means) -> None:
        self.behind = behind
        self._app = app
        self._tools = tools
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

    def _refresh(self) -> bool:
        keyring = self._tools.keyring
        if not keyring.is_fresh():
            try:
                with self._app.app_context():
                    keyring.jwks()
            except Exception:
                return False
        if (body := keyring.ready_jwks) is not self._body:
            self._body, self._headers = body, self._headers_for(body)
        return True

    def _headers_for(self, body: bytes) -> list[tuple[str, str]]:
        https = [HSTS] if self._tools.settings.https else []
        return [
            *jwks_headers(self._tools.limits.jwks_cache),
            ("Content-Length", str(len(body))),
            *ALWAYS,
            ("Vary", "Cookie"),
            ("Content-Security-Policy", DATA_POLICY),
            *https,
        ]
