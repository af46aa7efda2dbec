"""A client's page may ask a frame of ours whether a login goes on (OpenID Connect Session Management 1.0)."""

from __future__ import annotations

import hashlib
import re

import pytest

from tests.conftest import Start
from tests.oauth.leaving import BYE, Login
from tests.oauth.relying_party import CALLBACK, RelyingParty
from tests.set_cookies import set_cookies
from tests.vodka_under_test import SITE, Browser, VodkaUnderTest
from vodka.oauth.logout import session_state


def computed(client_id: str, origin: str, browser: Browser, state: str) -> str:
    """What the frame's script makes of a cookie and a salt (§3.2)."""
    salt = state.partition(".")[2]
    said = f"{client_id} {origin} {browser.cookie('browser_state') or ''} {salt}"
    return f"{hashlib.sha256(said.encode()).hexdigest()}.{salt}"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """A client whose pages ask."""
    return RelyingParty.of(vodka, post_logout_redirect_uris=[BYE])


def test_oidcc_session_management_discovery_endpoint_verification(vodka: VodkaUnderTest) -> None:
    """§3.3: check_session_iframe, over https."""
    document = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert document["check_session_iframe"] == f"{vodka.origin}/oauth/session"


def test_oidcc_session_management_rp_initiated_logout(club: RelyingParty) -> None:
    """§2, §3.2: session_state is in the answer; it fits before the logout, and does not fit afterwards."""
    browser = club.vodka.signed_in()
    answer = club.answer(club.authorize(browser))
    state = answer["session_state"]
    assert " " not in state
    assert state == computed(club.client_id, f"https://{SITE}", browser, state)
    login = Login(club, browser, club.exchange(answer["code"]).get_json())
    login.leave()
    assert browser.cookie("browser_state") is None
    assert state != computed(club.client_id, f"https://{SITE}", browser, state)


def test_a_refusal_has_a_session_state_too(club: RelyingParty) -> None:
    """§2: SHOULD be in error responses as well: nobody is signed in, somebody is, the request itself is wrong."""
    stranger, browser = club.vodka.browser(), club.vodka.signed_in()
    for who, changed in ((stranger, {"prompt": "none"}), (browser, {"prompt": "none"}), (browser, {"prompt": "x"})):
        answer = club.answer(club.ask(who, **changed))
        assert "error" in answer
        assert answer["session_state"] == computed(club.client_id, f"https://{SITE}", who, answer["session_state"]), (
            changed
        )


def test_what_is_no_openid_request_has_none(club: RelyingParty) -> None:
    """§2: it belongs to an Authentication Response."""
    browser = club.vodka.signed_in()
    assert "session_state" not in club.answer(club.ask(browser, scope="email", prompt="none"))


def test_each_answer_has_its_own_salt(club: RelyingParty) -> None:
    """§3.2: so that two of them say nothing about each other, and other clients, browsers and logins have others."""
    browser = club.vodka.signed_in()
    states = {club.answer(club.authorize(browser))["session_state"] for _ in range(3)}
    assert len({state.partition(".")[2] for state in states}) == 3


def test_another_login_is_another_browser_state(club: RelyingParty) -> None:
    """It is made from the session, by a MAC: nothing of it can be told, or guessed, from outside."""
    first, second = club.vodka.signed_in(), club.vodka.signed_in(ip="192.0.2.20")
    seen = {first.cookie("browser_state"), second.cookie("browser_state")}
    assert len(seen) == 2
    assert all(re.fullmatch("[A-Za-z0-9_-]{24}", value or "") for value in seen)


def test_a_browser_that_lost_its_cookie_gets_it_again(club: RelyingParty) -> None:
    """With the next answer: otherwise the frame would say "changed" for ever. Who has it does not get it twice."""
    browser = club.vodka.signed_in()
    before = browser.cookie("browser_state")
    assert set_cookies(club.authorize(browser)) == {}
    browser.set_cookie("browser_state", "")
    club.authorize(browser)
    assert browser.cookie("browser_state") == before


def test_the_frame_may_stand_in_any_page_and_is_the_same_for_everybody(club: RelyingParty) -> None:
    """§3.2: an iframe in the pages of clients; no other page of ours may be framed (attacks HDR)."""
    plain, signed_in = (browser.get("/oauth/session") for browser in (club.vodka.browser(), club.vodka.signed_in()))
    assert plain.data == signed_in.data
    assert plain.status_code == 200
    assert "X-Frame-Options" not in plain.headers
    assert "frame-ancestors *;" in plain.headers["Content-Security-Policy"]
    assert plain.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert plain.headers["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in plain.headers["Vary"]
    assert set_cookies(plain) == {}
    assert 'data-cookie="__Host-browser_state"' in plain.text
    for path in ("/login", "/oauth/logout", "/oauth/logout/done"):
        assert club.vodka.browser().get(path).headers["X-Frame-Options"] == "DENY", path


def test_on_plain_http_the_cookie_has_its_bare_name(start: Start) -> None:
    """In the development profile."""
    vodka = start(profile="development", base_url="http://localhost:8000", smtp_url="")
    assert 'data-cookie="browser_state"' in vodka.browser().get("/oauth/session").text


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        (CALLBACK, f"https://{SITE}"),
        ("https://Site.EPFL.ch:443/cb", "https://site.epfl.ch"),
        ("https://site.epfl.ch:8443?x=/y", "https://site.epfl.ch:8443"),
        ("http://localhost:80/cb", "http://localhost"),
        ("http://[::1]:3000/cb", "http://[::1]:3000"),
        ("https://site.epfl.ch", "https://site.epfl.ch"),
    ],
    ids=["usual", "capitals and the usual port", "another port", "plain http", "IPv6", "nothing behind it"],
)
def test_an_origin_is_spelled_as_browsers_do(address: str, origin: str) -> None:
    """HTML §7.1.1: or the frame, which hears it from the browser, would find another hash."""
    assert session_state.origin(address) == origin
