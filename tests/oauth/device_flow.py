"""A television of the chess club: asks for a code, waits, and a person who types it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.oauth.relying_party import RelyingParty
from tests.vodka_under_test import Browser, VodkaUnderTest, hidden_value

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
PAGE = "/oauth/device"


@dataclass
class Television:
    """A device of a client; `codes` is what the device authorization endpoint answered last."""

    club: RelyingParty
    codes: dict[str, Any]

    @classmethod
    def of(cls, vodka: VodkaUnderTest, *, asks: dict[str, Any] | None = None, **more: Any) -> Television:
        """A public client that signs devices in, and has asked for its codes."""
        usual = {"token_endpoint_auth_method": "none", "grant_types": [DEVICE_CODE, "refresh_token"]}
        club = RelyingParty.of(vodka, **{**usual, "response_types": [], "redirect_uris": [], **more})
        television = cls(club, {})
        television.begin(**asks or {})
        return television

    def ask(self, **form: Any) -> TestResponse:
        """POST /oauth/device_authorization."""
        return self.club.post("/oauth/device_authorization", **{"scope": "openid profile"} | form)

    def begin(self, **form: Any) -> None:
        """Ask for new codes, which must be given."""
        answer = self.ask(**form)
        assert answer.status_code == 200, answer.text
        self.codes = answer.get_json()

    def poll(self, **form: Any) -> TestResponse:
        """POST /oauth/token."""
        return self.club.token(**{"grant_type": DEVICE_CODE, "device_code": self.codes["device_code"]} | form)

    def error(self, **form: Any) -> str:
        """The error that the token endpoint answers."""
        answer = self.poll(**form)
        assert answer.status_code == 400, answer.text
        return str(answer.get_json()["error"])

    def type(self, browser: Browser, code: str | None = None) -> TestResponse:
        """Type the code on the page."""
        shown = browser.get(PAGE)
        form = {"csrf_token": hidden_value(shown.text, "csrf_token")}
        return browser.post(PAGE, data=form | {"user_code": self.codes["user_code"] if code is None else code})

    def consent(self, browser: Browser) -> TestResponse:
        """Type the code, and see what the device would get."""
        answer = self.type(browser)
        assert answer.status_code == 303, answer.text
        return browser.get(answer.headers["Location"])

    def decide(self, browser: Browser, shown: TestResponse | None = None, **choice: Any) -> TestResponse:
        """Press a button of the consent page; the page after it."""
        shown = shown or self.consent(browser)
        form = {name: hidden_value(shown.text, name) for name in ("ticket", "csrf_token")}
        answer = browser.post(f"{PAGE}/decide", data={"decision": "accept"} | form | choice)
        assert answer.status_code == 303, answer.text
        return browser.get(answer.headers["Location"])

    def tokens(self, browser: Browser) -> dict[str, Any]:
        """The whole way: what the token endpoint answers."""
        self.decide(browser)
        answer = self.poll()
        assert answer.status_code == 200, answer.text
        return answer.get_json()
