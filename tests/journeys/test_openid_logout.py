"""Signing out where a real browser has to do its part: hidden frames of clients, and the frame that their pages ask."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.conftest import Start
from tests.oauth.leaving import STATE, Login
from tests.oauth.relying_party import RelyingParty
from tests.servers.components import free_port
from tests.servers.https import HttpsSite
from tests.vodka_under_test import Browser, VodkaUnderTest
from vodka.oauth.logout import session_state

pytestmark = pytest.mark.browser
_ASK = """([client, state, origin]) => new Promise((resolve) => {
  const heard = (event) => {
    if (event.origin !== origin) return;
    removeEventListener("message", heard);
    resolve(event.data);
  };
  addEventListener("message", heard);
  document.querySelector("iframe").contentWindow.postMessage(`${client} ${state}`, origin);
})"""


@contextmanager
def serving(app: Any, port: int, tls: ssl.SSLContext | None = None) -> Iterator[None]:
    """A WSGI application on a port of this machine."""
    server = make_server("127.0.0.1", port, app, threaded=True, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def carry(browser: Browser, context: BrowserContext) -> None:
    """Put the login of one browser into another, a real one."""
    prefix = "__Host-" if browser.vodka.means.settings.https else ""
    names = ("SESSION_ID", "csrftoken", "browser_state")
    cookies = {prefix + name: browser.cookie(name) or "" for name in names}
    context.add_cookies(
        [{"name": name, "value": value, "url": browser.vodka.origin} for name, value in cookies.items()]
    )


def log_in(vodka: VodkaUnderTest) -> Browser:
    """Somebody who has just signed in, in whatever profile."""
    browser = vodka.browser()
    browser.ask()
    browser.answer(browser.code())
    return browser


@pytest.fixture
def site() -> Iterator[HttpsSite]:
    """The relying party's server."""
    with HttpsSite(
        "localhost", pages={f"/bye?state={STATE}": (200, {"Content-Type": "text/html"}, b"<h1>Bye</h1>")}
    ) as s:
        yield s


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_client_hears_in_a_frame_and_the_person_goes_on(
    start: Start, site: HttpsSite, chromium: Chromium, scripts: bool
) -> None:
    """Front-Channel Logout §2: no policy stops the frame, and the browser goes on by itself, or by the button."""
    port = free_port()
    vodka = start(profile="development", base_url=f"http://localhost:{port}")
    there = f"https://localhost:{site.port}"
    login = Login.at(
        RelyingParty.of(
            vodka,
            domain=None,
            redirect_uris=[f"{there}/cb"],
            frontchannel_logout_uri=f"{there}/front",
            post_logout_redirect_uris=[f"{there}/bye"],
        ),
        browser=log_in(vodka),
    )
    options = {"ignore_https_errors": True, "java_script_enabled": scripts}
    with serving(vodka.app, port), chromium.new_context(**options) as context:
        carry(login.browser, context)
        faults: list[str] = []
        context.on("console", lambda message: faults.append(message.text) if "Policy" in message.text else None)
        page = context.new_page()
        query = f"id_token_hint={login.hint}&post_logout_redirect_uri={there}/bye&state={STATE}"
        page.goto(f"{vodka.origin}/oauth/logout?{query}")
        if not scripts:
            page.locator("#onward").click()
        expect(page).to_have_url(f"{there}/bye?state={STATE}")
        expect(page.get_by_role("heading", name="Bye")).to_be_visible()
        loaded = [path for _, path in site.asked if path.startswith("/front")]
        assert len(loaded) == 1
        assert loaded[0].endswith(f"&sid={login.claims['sid']}")
        assert faults == []
        page.goto(f"{vodka.origin}/")
        expect(page).to_have_url(re.compile("/login$"))


@pytest.fixture(params=["http", "https"])
def pair(request: pytest.FixtureRequest, start: Start, tmp_path: Path) -> Iterator[tuple[VodkaUnderTest, str]]:
    """vodka and the site of a client whose page holds the frame: on this machine in plain http, and with TLS."""
    port, other = free_port(), free_port()
    scheme, tls = str(request.param), None
    if scheme == "https":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("localhost").configure_cert(tls)
    profile = {"profile": "development"} if scheme == "http" else {}
    vodka = start(base_url=f"{scheme}://localhost:{port}", **profile)
    page = Response(f'<!doctype html><iframe src="{vodka.origin}/oauth/session"></iframe>', mimetype="text/html")
    with ExitStack() as stack:
        stack.enter_context(serving(vodka.app, port, tls))
        stack.enter_context(serving(page, other, tls))
        yield vodka, f"{scheme}://localhost:{other}"


def asked(page: Page, vodka: VodkaUnderTest, client: str, state: str) -> str:
    """What the frame answers the page."""
    return str(page.evaluate(_ASK, [client, state, vodka.origin]))


def test_the_frame_says_whether_the_login_goes_on(pair: tuple[VodkaUnderTest, str], chromium: Chromium) -> None:
    """Session Management §3.1, §3.2: unchanged before the logout, changed after it; error for what cannot be read."""
    vodka, there = pair
    club = RelyingParty.of(vodka, domain=None, redirect_uris=[f"{there}/cb"])
    browser = log_in(vodka)
    state = club.answer(club.authorize(browser))["session_state"]
    with chromium.new_context(ignore_https_errors=True) as context:
        carry(browser, context)
        page = context.new_page()
        page.goto(there)
        assert asked(page, vodka, club.client_id, state) == "unchanged"
        assert asked(page, vodka, "another", state) == "changed"
        for garbage in ("", "x", "x y", f"{state} x", state.replace(".", ":")):
            assert asked(page, vodka, club.client_id, garbage) == "error", garbage
        beside = context.new_page()
        beside.goto(f"{vodka.origin}/logout")
        expect(beside.get_by_role("heading", level=1)).to_have_text("You are signed out")
        assert asked(page, vodka, club.client_id, state) == "changed"


def test_the_frame_computes_sha_256(pair: tuple[VodkaUnderTest, str], chromium: Chromium) -> None:
    """FIPS 180-4: of texts of every length around the bounds of its blocks, and of more than ASCII."""
    vodka, there = pair
    with chromium.new_context(ignore_https_errors=True) as context:
        page = context.new_page()
        page.goto(there)
        for name in (*("x" * size for size in range(1, 140)), "é", "学生" * 20):
            state = session_state.of(name, f"{there}/cb", "")
            assert asked(page, vodka, name, state) == "unchanged", name
