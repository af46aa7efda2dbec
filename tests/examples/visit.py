"""A browser at the example website, with a small server in vodka's place."""

from __future__ import annotations

import time
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.examples.fake_vodka import KEY, FakeVodka, claims_of, header_of, sign

SITE = "http://localhost:8001"


@dataclass
class Visit:
    """A browser at the website."""

    vodka: FakeVodka
    browser: FlaskClient
    state: str = ""
    nonce: str = ""

    def leave(self) -> dict[str, str]:
        """Press the button; what is sent along to vodka."""
        answer = self.browser.get("/login")
        sent = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
        self.state, self.nonce = sent["state"], sent["nonce"]
        return sent

    def token(self, key: Any = KEY, **changed: Any) -> str:
        """The token for this sign-in, signed now."""
        facts: dict[str, Any] = {
            "iss": self.vodka.url,
            "aud": SITE,
            "now": int(time.time()),
            "nonce": self.nonce,
        } | changed
        return sign(header_of(kid=key.kid), claims_of(**facts), key)

    def come_back(self, **query: Any) -> TestResponse:
        """Return with these parameters, and the right state unless another is given."""
        return self.browser.get("/callback", query_string={"state": self.state} | query)

    def sign_in(self, **changed: Any) -> TestResponse:
        """The whole way, with a token changed like this."""
        self.leave()
        return self.come_back(token=self.token(**changed))

    def home(self) -> str:
        """What the first page says."""
        return unescape(self.browser.get("/").text)


def is_gentle(answer: TestResponse) -> bool:
    """The one friendly page for everything that can be wrong, with the button on it."""
    return (
        answer.status_code == 400 and "That did not work, try again" in answer.text and 'href="/login"' in answer.text
    )
