"""A website that gets its answers as codes: its secret, the codes that browsers bring, and what its server fetches for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from tests.handed_over import handed_over
from tests.vodka_under_test import ROBIN, SITE, Browser, VodkaUnderTest
from vodka.accounts import store as accounts
from vodka.db import commit
from vodka.websites import secrets, store

WRONG = "vodka-secret-" + "x" * 43


@dataclass
class Club:
    """The server of a website whose owner chose response_mode=code."""

    vodka: VodkaUnderTest
    secret: str
    domain: str = SITE

    @classmethod
    def of(cls, vodka: VodkaUnderTest, domain: str = SITE, **more: Any) -> Club:
        """Register the website, and make its first secret."""
        vodka.site(domain, mode="code", **more)
        return cls(vodka, new_secret(vodka, domain), domain)

    def code(self, browser: Browser, *fields: str, **query: str) -> str:
        """The code that a visitor's browser brings after Accept."""
        return handed_over(browser.authorize(f"https://{self.domain}/cb", *fields, **query))["code"]

    def redeem(self, code: str, **changed: Any) -> TestResponse:
        """POST /redeem as the server of the website does: no browser, no cookie."""
        sent = {"domain": self.domain, "secret": self.secret, "code": code} | changed
        client = self.vodka.app.test_client()
        return client.post("/redeem", base_url=self.vodka.origin, data=sent)

    def claims(self, answer: TestResponse) -> dict[str, Any]:
        """The claims of the token, its signature checked with the JWKS."""
        assert answer.status_code == 200, answer.text
        keys = KeySet.import_key_set(self.vodka.browser().get("/.well-known/jwks.json").get_json())
        return jwt.decode(answer.get_json()["token"], keys, algorithms=["ES256"]).claims


def new_secret(vodka: VodkaUnderTest, domain: str = SITE) -> str:
    """Another secret of a website, made by its owner."""
    with vodka.app.app_context():
        secret = secrets.create(store.get_claim(domain), accounts.get_user(ROBIN).id, vodka.means.limits)
        commit()
        return secret
