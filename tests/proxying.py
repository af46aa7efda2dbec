"""An application behind a reverse proxy, as vodka sees it: the actor `Protected` with the verbs of browser and proxy."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from tests.vodka_under_test import ROBIN, Browser, VodkaUnderTest, hidden_value
from vodka.accounts.fields import Wanted
from vodka.db import commit
from vodka.handoff import applications
from vodka.handoff.dialects import BELOW
from vodka.handoff.passing import Rule
from vodka.web.front_lane import FrontLane
from vodka.websites import store

DOMAIN = "hello.epfl.ch"
APP = f"https://{DOMAIN}/"
PROXY_IP = "192.0.2.77"
EVERYTHING = ("email", "firstName", "lastName", "student", "section")
IDENTITY = ("Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "X-Vodka-Identity")


@dataclass
class Protected:
    """One application with its proxy; `cookies` are those that a browser keeps for it."""

    vodka: VodkaUnderTest
    number: int
    secret: str
    url: str = APP
    cookies: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        vodka: VodkaUnderTest,
        url: str = APP,
        rule: Rule | None = None,
        *,
        networks: tuple[str, ...] = (),
        wanted: tuple[str, ...] = EVERYTHING,
        **site: Any,
    ) -> Protected:
        """A website, vouched for by an operator, with one application at this address."""
        domain = urlsplit(url).hostname or ""
        with vodka.app.app_context():
            known = store.find_verified(domain) is not None
        if not known:
            vodka.site(domain, ROBIN, wanted=tuple(Wanted(key, True) for key in wanted), **site)
        return cls.beside(vodka, url, rule or Rule(), networks)

    @classmethod
    def beside(cls, vodka: VodkaUnderTest, url: str, rule: Rule, networks: tuple[str, ...]) -> Protected:
        """One more application of a website that stands."""
        tools = vodka.means
        with vodka.app.app_context():
            website = store.get_claim(urlsplit(url).hostname or "")
            about = {"development": tools.settings.development, "limits": tools.limits}
            number = applications.create(website, url, rule, networks, website.owner_id, **about)
            secret = applications.make_secret(website, number, website.owner_id, tools.limits)
            commit()
        return cls(vodka, number, secret, url)

    def enter(self, browser: Browser, url: str | None = None) -> str:
        """Come from the login with a signed-in browser, agreeing where vodka asks; the code."""
        response = self.login(browser, url)
        if response.status_code == 200:
            response = self.decide(browser, response)
        return self.code_in(response)

    def login(self, browser: Browser, url: str | None = None) -> TestResponse:
        """GET /login?scope=…, as the proxy sends a browser there; followed inside vodka."""
        response = browser.get("/login", query_string={"scope": url or self.url})
        while response.status_code == 303 and response.headers["Location"].startswith("/"):
            response = browser.get(response.headers["Location"])
        return response

    def decide(self, browser: Browser, shown: TestResponse, decision: str = "accept", **more: str) -> TestResponse:
        """Press a button on the consent page."""
        form = {name: hidden_value(shown.text, name) for name in ("ticket", "csrf_token")}
        return browser.post("/enter", data=form | {"decision": decision} | more)

    def code_in(self, response: TestResponse) -> str:
        """The code that a browser carries to the application."""
        assert response.status_code == 303, response.text
        location = urlsplit(response.headers["Location"])
        assert f"{location.scheme}://{location.netloc}{location.path}".startswith(self.url.rstrip("/"))
        [code] = parse_qs(location.query)["code"]
        return code

    def open(self, browser: Browser) -> TestResponse:
        """Sign in at the application: the first check, with the code in its cookie; its session cookie is kept."""
        self.cookies = {}
        response = self.check(cookies={"scoped_session_code": self.enter(browser)})
        self.keep(response)
        return response

    def keep(self, response: TestResponse) -> None:
        """Keep what a browser would."""
        assert len(response.headers.getlist("Set-Cookie")) <= 1
        for header in response.headers.getlist("Set-Cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}

    def check(self, url: str | None = None, *, through: str = "lane", **more: Any) -> TestResponse:
        """What the proxy asks about a request; `through` "flask" leaves the front lane out."""
        lane = self.vodka.app.wsgi_app
        assert isinstance(lane, FrontLane)
        path, below = "/status", more.pop("below", None)
        if below is not None:  # as Envoy asks; what the front lane makes of it where that is left out
            path, more = (
                (path + below, more) if through == "lane" else (path, more | {"environ_overrides": {BELOW: below}})
            )
        client = Client(lane if through == "lane" else lane.behind, Response, use_cookies=False)
        asked = {"X-Original-Url": url or self.url, "Referer": self.url, "X-Vodka-Proxy": self.secret}
        cookies = self.cookies | more.pop("cookies", {})
        asked["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        asked |= more.pop("headers", {})
        given = {"base_url": self.vodka.origin, "environ_base": {"REMOTE_ADDR": PROXY_IP}} | more
        response = client.open(path, headers={name: text for name, text in asked.items() if text}, **given)
        assert response.status_code in (200, 401, 403)  # attacks SCO-17
        assert response.headers["Cache-Control"] == "no-store"
        assert response.data == b"" or response.status_code != 200
        return response


def identity_of(response: TestResponse) -> dict[str, str]:
    """What the application is told; every header is there exactly once."""
    assert all(len(response.headers.getlist(name)) == 1 for name in IDENTITY)
    return {name: response.headers[name] for name in IDENTITY}
