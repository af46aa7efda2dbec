"""A real nginx, set up as docs/forward-auth.md says, between browsers, a served vodka and an application (SCO-08 to SCO-17)."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.proxying import APP, DOMAIN, IDENTITY, Protected
from tests.races.served import Answer, Served, Visitor, served
from tests.servers.application import Application
from tests.servers.nginx import cached, nginx, without_tls
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import CAMILLE, hidden_value
from vodka.db import commit
from vodka.handoff import applications, snippets
from vodka.handoff.passing import Rule
from vodka.handoff.scope import Scope
from vodka.websites import store

PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
LIFTED = (
    "mails_per_address_quarter",
    "mails_per_address_hour",
    "mails_per_address_day",
)  # one person signs in often here
FORM = "application/x-www-form-urlencoded"


@dataclass
class Front:
    """Everything together: where nginx listens, what reached the application, the vodka beside."""

    port: int
    application: Application
    house: Served
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, path: str = "/", method: str = "GET", **headers: str) -> Answer:
        """A request of a browser that opens a page; its cookies are kept."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        sent = {"Host": DOMAIN, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, headers={k: v for k, v in (sent | PAGE | given).items() if v})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        lines = response.headers.get_all("Set-Cookie", [])
        assert len(lines) <= 1
        fresh = {name: morsel.value for line in lines for name, morsel in SimpleCookie(line).items()}
        self.cookies |= fresh
        told = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, told, fresh, body)

    def raw(self, line: str, *headers: str) -> int:
        """The status of a request that no library would write."""
        cookies = "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [line, f"Host: {DOMAIN}", "Connection: close", cookies, *headers, "", ""]
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall("\r\n".join(lines).encode("latin-1"))
            return int(connection.makefile("rb").readline().split()[1])

    def sign_in(self, email: str = CAMILLE) -> Visitor:
        """From the protected page through the login and the consent back to it; the browser at vodka."""
        visitor = self.house.signed_in(email)
        self.come_back(visitor)
        return visitor

    def come_back(self, visitor: Visitor, path: str = "/") -> None:
        """With a browser that is signed in at vodka."""
        away = self.open(path)
        assert away.status == 303
        answer = visitor.get(away.headers["location"].removeprefix(self.house.vodka.origin))
        while answer.status == 303 and answer.headers["location"].startswith("/"):
            answer = visitor.get(answer.headers["location"])
        if answer.status == 200:
            form = {name: hidden_value(answer.text, name) for name in ("ticket", "csrf_token")}
            call = visitor.call("POST", "/enter", urlencode(form | {"decision": "accept"}).encode(), FORM)
            answer = visitor.send(call)
        back = urlsplit(answer.headers["location"])
        assert back.netloc == DOMAIN
        kept = self.open(f"{back.path}?{back.query}")
        assert (kept.status, kept.headers["location"]) == (303, f"https://{DOMAIN}{path}")
        assert list(kept.cookies) == ["scoped_session_code"]
        assert self.open(path).status == 200

    def told(self, answer: Answer) -> dict[str, Any]:
        """What the application says that it was sent."""
        assert answer.status == 200
        found: dict[str, Any] = json.loads(answer.body)
        return found


def configuration(house: Served, application: Application, app: Protected) -> str:
    """What vodka prints for nginx, without TLS, which this test leaves out."""
    at = snippets.place(f"http://127.0.0.1:{house.port}")
    upstream = snippets.place(f"http://127.0.0.1:{application.port}")
    text = snippets.snippet(
        "nginx", Scope(f"https://{DOMAIN}", ()), house.vodka.origin, vodka=at, upstream=upstream
    ).text
    return without_tls(text).replace(snippets.PLACEHOLDER, app.secret)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Application, Served]]:
    """One of everything for this file: two workers, so that what ends on one is felt on the other."""
    folder: Path = tmp_path_factory.mktemp("front")
    limits = {"resend_interval": 0} | dict.fromkeys(LIFTED, 1000)
    with (
        SmtpServer() as smtp,
        served(folder, smtp, "--workers", "2", limits=limits) as house,
        Application() as application,
    ):
        rule = Rule(public=(("open",),), methods=frozenset({"GET", "HEAD", "POST"}))
        app = Protected.of(house.vodka, APP, rule)
        with nginx(folder / "nginx", configuration(house, application, app)) as port:
            yield port, application, house


@pytest.fixture
def front(running: tuple[int, Application, Served]) -> Front:
    """A browser without cookies in front of it."""
    port, application, house = running
    application.asked.clear()
    return Front(port, application, house)


def test_sco_01_sco_14_from_the_protected_page_through_the_login_and_out_again(front: Front) -> None:
    """Sign in, pass, sign out at vodka: the very next request, on whichever worker, is sent to sign in again."""
    assert front.open("/").status == 303
    assert front.application.asked == []
    visitor = front.sign_in()
    assert "__Host-scoped_session" in front.cookies
    for number in range(20):
        answer = front.open(f"/page/{number}?a=b")
        assert "set-cookie" not in answer.headers
        told = front.told(answer)
        assert told["path"] == f"/page/{number}?a=b"
        assert told["headers"]["remote-email"] == [CAMILLE]
    assert visitor.get("/auth/logout").status == 200
    reached = len(front.application.asked)
    assert {front.open(f"/{number}").status for number in range(20)} == {303}
    assert len(front.application.asked) == reached


def test_two_tabs_that_sign_in_at_once_both_arrive(front: Front) -> None:
    """Each with a code of its own; the session of the later one takes the place of the earlier one's."""
    visitor = front.sign_in()
    other = Front(front.port, front.application, front.house)
    other.come_back(visitor, "/second/tab")
    assert front.open("/").status == 200
    assert other.open("/second/tab").status == 200


def test_programs_get_a_401_and_no_redirect(front: Front) -> None:
    """Told apart by what browsers say of a request."""
    assert front.open("/api", Accept="application/json", Sec_Fetch_Mode="cors").status == 401
    assert front.open("/api", Accept="*/*", Sec_Fetch_Mode="").status == 401
    old_browser = front.open("/deep/page?x=y", Sec_Fetch_Mode="")
    assert old_browser.status == 303
    assert old_browser.headers["location"].endswith("/login?scope=https%3A%2F%2Fhello.epfl.ch%2Fdeep%2Fpage%3Fx%3Dy")


def test_sco_10_nobody_names_themselves(front: Front) -> None:
    """Headers of an identity, of other dialects and of a proxy, in any spelling, are replaced or refused, never believed."""
    front.sign_in()
    lie = dict.fromkeys(IDENTITY, "somebody.else@epfl.ch")
    told = front.told(front.open("/", **{name.replace("-", "_"): value for name, value in lie.items()}))
    for name in IDENTITY:
        [value] = told["headers"][name.lower()]
        assert "somebody.else" not in value
    assert "somebody.else" not in str(told["headers"])
    stranger = Front(front.port, front.application, front.house)
    elsewhere = f"X-Original-Url: {APP}open/"
    for header in (elsewhere, elsewhere.replace("-", "_"), "X-Forwarded-Uri: /open/", "X-Vodka-Proxy: x"):
        assert stranger.raw("GET /secret HTTP/1.1", "Accept: application/json", header) == 401
    for name in ("Remote_User", "Remote-User", "X_Vodka_Identity"):
        assert stranger.raw("GET /secret HTTP/1.1", "Accept: application/json", f"{name}: camille") == 401
    public = front.told(Front(front.port, front.application, front.house).open("/open/", Remote_User="camille"))
    assert "camille" not in str(public["headers"])


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/open/../secret", id="dots"),
        pytest.param("/open/%2e%2e/secret", id="escaped dots"),
        pytest.param("/open/..%2fsecret", id="an escaped slash"),
        pytest.param("/open/%2e%2e%2fsecret", id="both"),
        pytest.param("/open/..;/secret", id="a path parameter"),
        pytest.param("/open//../secret", id="two slashes"),
        pytest.param("/open/..%5csecret", id="a backslash"),
        pytest.param("/open/%252e%252e/secret", id="escaped twice"),
        pytest.param("/./secret", id="one dot"),
        pytest.param("//secret", id="an empty segment"),
        pytest.param("/open/%0d%0aX:y", id="a line break"),
        pytest.param("/open/%00", id="NUL"),
    ],
)
def test_sco_11_no_way_around_through_a_public_path(front: Front, path: str) -> None:
    """Neither a stranger nor somebody who is known gets such a request through."""
    assert front.raw(f"GET {path} HTTP/1.1", "Accept: application/json") in (400, 401, 403)
    front.sign_in()
    assert front.raw(f"GET {path} HTTP/1.1", "Accept: application/json") in (400, 403)
    assert [asked for asked in front.application.asked if "secret" in asked] == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get"])
def test_methods_that_the_rule_leaves_out_do_not_pass(front: Front, method: str) -> None:
    """For anybody, public or not."""
    front.sign_in()
    front.application.asked.clear()
    assert front.raw(f"{method} /open/ HTTP/1.1") in (400, 403, 405)
    assert front.application.asked == []


def test_the_place_where_nginx_asks_is_closed_to_everybody_else(front: Front) -> None:
    """`internal`; and asked directly, vodka wants to see the secret (attacks SCO-08)."""
    front.sign_in()
    assert front.open("/vodka-status").status == 404
    cookies = "; ".join(f"{name}={value}" for name, value in front.cookies.items())
    connection = HTTPConnection("127.0.0.1", front.house.port, timeout=10)
    connection.request("GET", "/status", headers={"Host": DOMAIN, "X-Original-Url": APP, "Cookie": cookies})
    assert connection.getresponse().status == 403
    connection.close()


def test_sco_06_a_foreign_host_does_not_pass(front: Front) -> None:
    """nginx answers under any name where there is one server; what vodka is asked about is the configured one."""
    assert front.open("/", Host="evil.ch").status == 303
    front.sign_in()
    assert front.told(front.open("/"))["headers"]["remote-email"] == [CAMILLE]


def test_the_code_leaves_the_address_and_nothing_else_is_taken_for_one(front: Front) -> None:
    """The query stays; what is no code of ours is the application's own business."""
    visitor = front.sign_in()
    front.cookies.clear()
    front.come_back(visitor, "/search?q=a%20b&c=d")
    for query in ("code=short", "code=" + "a" * 43, "code=" + "a" * 44):
        assert front.told(front.open(f"/?{query}"))["path"] == f"/?{query}"
    stranger = Front(front.port, front.application, front.house)
    assert stranger.open("/?code=" + "a" * 43).headers["location"].startswith(front.house.vodka.origin)


def test_a_websocket_is_asked_about_as_everything_else(front: Front) -> None:
    """101 for who is known, 401 for a stranger."""
    upgrade = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    asks = ("GET /socket HTTP/1.1", *upgrade, "Sec-Fetch-Mode: websocket")
    assert front.raw(*asks) == 401
    front.sign_in()
    assert front.open("/").status == 200
    assert front.raw(*asks) == 101


def test_sco_22_a_cached_answer_is_nobody_elses_and_over_soon(
    running: tuple[int, Application, Served], tmp_path: Path
) -> None:
    """Asked once a second at the most for one browser and address; a logout is felt after that second."""
    _, application, house = running
    with house.vodka.app.app_context():
        website = store.get_claim(DOMAIN)
        secret = applications.make_secret(website, 1, website.owner_id, house.vodka.means.limits)
        commit()
    app = Protected(house.vodka, 1, secret)
    block = cached(configuration(house, application, app), tmp_path / "kept", DOMAIN)
    with nginx(tmp_path / "nginx", block) as port:
        front = Front(port, application, house)
        visitor = front.sign_in()
        assert {front.open("/page").status for _ in range(10)} == {200}
        assert Front(port, application, house).open("/page").status == 303
        assert list((tmp_path / "kept").iterdir()) != []
        assert visitor.get("/auth/logout").status == 200
        began = time.monotonic()
        while front.open("/page").status == 200:
            assert time.monotonic() - began < 30
            time.sleep(0.1)  # the recipe promises a second; a slow machine may take longer to ask
