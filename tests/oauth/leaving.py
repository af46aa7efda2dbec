"""A relying party that people sign out of: what it keeps of a login, and the ways back to vodka."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from werkzeug.test import TestResponse

from tests.oauth.relying_party import RelyingParty, claims_in
from tests.servers.https import HttpsSite
from tests.vodka_under_test import CAMILLE, SITE, Browser, VodkaUnderTest
from vodka.db import commit
from vodka.oauth.logout.backchannel import tell_due

BYE = f"https://{SITE}/bye"
STATE = "s" * 128
ASKS = "Sign out of vodka?"
SIGNED_OUT = "You are signed out"
NOT_SO = "The website asked to sign you out in a way that cannot be followed."


@dataclass
class Login:
    """Somebody who is signed in at vodka, and at a client through it."""

    club: RelyingParty
    browser: Browser
    tokens: dict[str, Any]

    @classmethod
    def at(cls, club: RelyingParty, email: str = CAMILLE, browser: Browser | None = None, **changed: Any) -> Login:
        """Sign in, at both."""
        browser = browser or club.vodka.signed_in(email)
        return cls(club, browser, club.tokens(browser, **changed))

    @property
    def hint(self) -> str:
        """The ID Token, which the client kept."""
        return str(self.tokens["id_token"])

    @property
    def claims(self) -> dict[str, Any]:
        """What it says."""
        return claims_in(self.hint)

    def leave(self, headers: dict[str, str] | None = None, **parameters: str | None) -> TestResponse:
        """GET /oauth/logout, with the hint and the usual address unless they are changed."""
        usual: dict[str, str | None] = {"id_token_hint": self.hint, "post_logout_redirect_uri": BYE}
        sent = {name: value for name, value in (usual | parameters).items() if value is not None}
        return self.browser.get("/oauth/logout", query_string=sent, headers=headers or {})

    def confirm(self, **parameters: str) -> TestResponse:
        """Press the button of the question."""
        form = {"csrf_token": self.browser.cookie("csrftoken") or ""} | parameters
        return self.browser.post("/oauth/logout/done", data=form)

    def is_alive(self) -> bool:
        """Whether vodka still knows this browser."""
        return self.browser.get("/data?domain=site.epfl.ch").status_code == 200


def is_refused(login: Login, response: TestResponse, says: str) -> None:
    """A page of ours with the fixed sentence and what to mend; nobody is sent anywhere, and nothing has ended."""
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert NOT_SO in response.text
    assert says in response.text.replace("&#39;", "'")
    assert 'href="/logout"' in response.text
    assert login.is_alive()


def is_signed_out(login: Login) -> None:
    """vodka does not know the browser any more, and a silent request is told so (OIDC Core §3.1.2.6)."""
    assert not login.is_alive()
    assert login.browser.cookie("SESSION_ID") is None
    assert login.club.answer(login.club.ask(login.browser, prompt="none"))["error"] == "login_required"


def reaching(site: HttpsSite) -> dict[str, Any]:
    """Settings of a vodka that finds this server."""
    return {"fetch_allow": "127.0.0.0/8", "fetch_ca_file": site.ca_file, "fetch_port": site.port}


def listening(vodka: VodkaUnderTest, site: HttpsSite, path: str = "/bye", **more: Any) -> RelyingParty:
    """A client that wants to hear of the end of a login at a path of this server."""
    uri = f"https://localhost:{site.port}{path}"
    return RelyingParty.of(vodka, **{"backchannel_logout_uri": uri, "post_logout_redirect_uris": [BYE]} | more)


def chore(vodka: VodkaUnderTest) -> None:
    """What the worker does every two seconds."""
    with vodka.app.app_context():
        for _ in tell_due(vodka.means.oauth.provider):
            commit()


def told(site: HttpsSite) -> list[str]:
    """The logout tokens that came, oldest first: each alone in its form."""
    found = []
    for _path, media_type, body in site.posted:
        form = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True)
        assert media_type == "application/x-www-form-urlencoded"
        assert list(form) == ["logout_token"]
        found.extend(form["logout_token"])
    return found
