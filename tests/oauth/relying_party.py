"""A relying party in one helper object with verbs: registers, sends people, exchanges codes, uses tokens."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

from werkzeug.test import TestResponse

from tests.vodka_under_test import SITE, Browser, VodkaUnderTest, hidden_value
from vodka.db import commit
from vodka.oauth import metadata, registry
from vodka.websites import store as websites

CALLBACK = f"https://{SITE}/oidc"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"
EVERY_SCOPE = "openid profile email affiliation studies sciper address phone offline_access"
EVERY_GRANT = ("authorization_code", "refresh_token", "client_credentials")


def challenge_of(verifier: str) -> str:
    """S256 of a verifier (RFC 7636 §4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def claims_in(jwt: str) -> dict[str, Any]:
    """What a JWT says, unchecked."""
    return json.loads(urlsafe_b64decode(jwt.split(".")[1] + "=="))


def header_of(jwt: str) -> dict[str, Any]:
    """The header of a JWT, unchecked."""
    return json.loads(urlsafe_b64decode(jwt.split(".")[0] + "=="))


@dataclass
class RelyingParty:
    """A client of the chess club, whose website an operator vouched for."""

    vodka: VodkaUnderTest
    client_id: str
    secret: str | None
    redirect_uri: str = CALLBACK
    defaults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, vodka: VodkaUnderTest, *, domain: str | None = SITE, legacy: tuple[str, ...] = (), **more: Any
    ) -> RelyingParty:
        """A new client, of a website that is made if it is not there; `more`: metadata beside the usual."""
        if domain is not None and not vodka.rows("SELECT 1 FROM websites WHERE domain = :d", d=domain):
            vodka.site(domain)
        usual = {
            "redirect_uris": [CALLBACK],
            "scope": EVERY_SCOPE,
            "grant_types": list(EVERY_GRANT),
            "client_name": "Chess",
        }
        with vodka.app.app_context():
            website = websites.get_claim(domain).id if domain is not None else None
            development = vodka.means.settings.development
            read = metadata.read({**usual, **more}, development=development)
            made = registry.register(read, website, origin="operator", by=None, vault=vodka.means.vault, legacy=legacy)
            commit()
        return cls(vodka, made.client_id, made.secret, read.redirect_uris[0] if read.redirect_uris else CALLBACK)

    def parameters(self, **changed: Any) -> dict[str, Any]:
        """A usual authorization request; None leaves a parameter out."""
        usual: dict[str, Any] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        sent = usual | self.defaults | changed
        return {name: value for name, value in sent.items() if value is not None}

    def ask(self, browser: Browser, **changed: Any) -> TestResponse:
        """GET /oauth/authorize, as a browser does; the first answer, whatever it is."""
        return browser.get("/oauth/authorize", query_string=self.parameters(**changed))

    def authorize(self, browser: Browser, *fields: str, decision: str = "accept", **changed: Any) -> TestResponse:
        """Ask, and press the button of the consent page if one is shown; the answer that leads back."""
        remember = changed.pop("remember", "once")
        response = self.ask(browser, **changed)
        if response.status_code == 200 and 'action="/oauth/consent"' in response.text:
            return self.decide(browser, response, *fields, decision=decision, remember=remember)
        return response

    def decide(self, browser: Browser, shown: TestResponse, *fields: str, **choice: str) -> TestResponse:
        """Press a button of the consent page."""
        form = {name: hidden_value(shown.text, name) for name in ("ticket", "csrf_token")}
        sent = {"decision": "accept", "remember": "once"} | form | choice | {"field": list(fields)}
        return browser.post("/oauth/consent", data=sent)

    def answer(self, response: TestResponse) -> dict[str, str]:
        """What came back to the client, in query or fragment."""
        assert response.status_code == 303, response.text
        location = response.headers["Location"]
        assert location.startswith(self.redirect_uri), location
        parts = urlsplit(location)
        return dict(parse_qsl(parts.fragment or parts.query, keep_blank_values=True))

    def code(self, browser: Browser, *fields: str, **changed: Any) -> str:
        """A code for what was agreed."""
        return self.answer(self.authorize(browser, *fields, **changed))["code"]

    def exchange(self, code: str, **changed: Any) -> TestResponse:
        """POST /oauth/token with a code."""
        usual = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        }
        return self.token(**usual | changed)

    def refresh(self, refresh_token: str, **changed: Any) -> TestResponse:
        """POST /oauth/token with a refresh token."""
        return self.token(**{"grant_type": "refresh_token", "refresh_token": refresh_token} | changed)

    def tokens(self, browser: Browser, *fields: str, **changed: Any) -> dict[str, Any]:
        """The whole way: what the token endpoint answers."""
        answer = self.exchange(self.code(browser, *fields, **changed))
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def token(self, **form: Any) -> TestResponse:
        """POST /oauth/token, this client proving itself."""
        return self.post("/oauth/token", **form)

    def post(self, path: str, *, headers: dict[str, str] | None = None, **form: Any) -> TestResponse:
        """POST a form to an endpoint for programs; a client without a secret says its name."""
        sent = {name: value for name, value in form.items() if value is not None}
        mine = {"Authorization": self.basic()} if self.secret else {}
        if not self.secret:
            sent.setdefault("client_id", self.client_id)
        client = self.vodka.app.test_client()
        return client.post(path, data=sent, headers=mine | (headers or {}), base_url=self.vodka.origin)

    def basic(self, secret: str | None = None) -> str:
        """The header of client_secret_basic (RFC 6749 §2.3.1)."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(secret or self.secret or '')}"
        return f"Basic {b64encode(pair.encode()).decode()}"

    def userinfo(self, access_token: str) -> TestResponse:
        """GET /oauth/userinfo."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.vodka.app.test_client().get("/oauth/userinfo", headers=headers, base_url=self.vodka.origin)
