"""A website on this machine that signs people in with OpenID Connect, by the book and in one file: PKCE, state, nonce, issuer."""

from __future__ import annotations

import threading
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self
from urllib.parse import urlencode

import requests
from joserfc import jwt
from joserfc.jwk import KeySet
from markupsafe import escape
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.servers.components import free_port
from vodka.randomness import token

_PAGE = '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Chess</title>'
_SECONDS = 30


@dataclass
class OpenIdWebsite:
    """Use as a context manager, once `client_id` and `secret` are known. Each browser of a test is a visitor of its own.

    `heard`: how each answer came back, as (method, parameters).
    """

    issuer: str
    port: int = field(default_factory=free_port)
    client_id: str = ""
    secret: str = ""
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _begun: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Where the website is."""
        return f"http://localhost:{self.port}"

    @property
    def callback(self) -> str:
        """Where answers go."""
        return f"{self.origin}/callback"

    def begin(self, **more: str) -> str:
        """The address of the button "Sign in"; `more`: parameters beside the usual ones."""
        return f"{self.origin}/sign-in?{urlencode(more)}"

    def __enter__(self) -> Self:
        self._server = make_server("127.0.0.1", self.port, Request.application(self._answer), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, request: Request) -> Response:
        if request.path == "/sign-in":
            return self._send_away(request)
        if request.path == "/callback":
            return self._receive(request)
        return Response(status=404)

    def _send_away(self, request: Request) -> Response:
        state, verifier, nonce = token(), token(), token()
        self._begun[state] = {"verifier": verifier, "nonce": nonce}
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        where = f"{self._known()['authorization_endpoint']}?{urlencode(query | request.args.to_dict())}"
        return Response(status=303, headers={"Location": where})

    def _receive(self, request: Request) -> Response:
        sent = request.form if request.method == "POST" else request.args
        answer = sent.to_dict()
        self.heard.append((request.method, answer))
        begun = self._begun.pop(answer["state"])
        assert answer["iss"] == self.issuer
        if "error" in answer:
            return self._show("Nothing was shared", answer["error"])
        claims = self._claims(answer["code"], begun)
        return self._show(f"Hello {claims.get('name', 'stranger')}", claims.get("email", "no address"))

    def _claims(self, code: str, begun: dict[str, str]) -> dict[str, Any]:
        known = self._known()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback}
        form["code_verifier"] = begun["verifier"]
        tokens = requests.post(
            known["token_endpoint"], data=form, auth=(self.client_id, self.secret), timeout=_SECONDS
        ).json()
        keys = KeySet.import_key_set(requests.get(known["jwks_uri"], timeout=_SECONDS).json())
        claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
        assert (claims["iss"], claims["aud"], claims["nonce"]) == (self.issuer, self.client_id, begun["nonce"])
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        found: dict[str, Any] = requests.get(known["userinfo_endpoint"], headers=bearer, timeout=_SECONDS).json()
        assert found["sub"] == claims["sub"]
        return found

    def _known(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=_SECONDS).json()
        return found

    def _show(self, heading: str, line: str) -> Response:
        return Response(f"{_PAGE}<h1>{escape(heading)}</h1><p>{escape(line)}</p>", mimetype="text/html")
