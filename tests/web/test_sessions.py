"""Being logged in: how long a session lives, what ends it, and what is no session at all (SPEC B.2, C)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.set_cookies import set_cookies
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, VodkaUnderTest

ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}
PICTURE = ELSEWHERE | {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
CLICK = ELSEWHERE | {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


def holder_of(browser: Browser) -> Browser:
    """Another browser with a copy of this one's SESSION_ID."""
    thief = browser.vodka.browser(ip="203.0.113.9")
    thief.set_cookie("SESSION_ID", browser.cookie("SESSION_ID") or "")
    return thief


def test_ses_01_logout_ends_the_session_for_every_holder_of_the_cookie(vodka: VodkaUnderTest) -> None:
    """After 200 the cookie is gone and a copy of it is worthless at once."""
    browser = vodka.signed_in()
    copy = holder_of(browser)
    assert copy.is_signed_in()
    response = browser.get("/auth/logout")
    assert (response.status_code, response.json) == (200, {})
    assert browser.cookie("SESSION_ID") is None
    assert not copy.is_signed_in()
    assert [event["subject"] for event in vodka.events("logout")] == [CAMILLE]


def test_ses_01_every_worker_knows_of_a_logout(start: Start) -> None:
    """A second app on the same database refuses the cookie with the next request."""
    one, other = start(), start()
    browser = one.signed_in()
    copy = other.browser()
    copy.set_cookie("SESSION_ID", browser.cookie("SESSION_ID") or "")
    assert copy.is_signed_in()
    browser.get("/auth/logout")
    assert not copy.is_signed_in()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(PICTURE, id="a picture"),
        pytest.param(ELSEWHERE | {"Sec-Fetch-Mode": "cors"}, id="a fetch"),
        pytest.param({"Origin": "https://evil.ch", "Sec-Fetch-Mode": "cors"}, id="a fetch that shows its origin"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, id="a picture on a sibling host"),
    ],
)
def test_ses_02_another_site_cannot_log_me_out_behind_my_back(vodka: VodkaUnderTest, headers: dict[str, str]) -> None:
    """A cross-site sub-request to /auth/logout is refused and the session lives."""
    browser = vodka.signed_in()
    response = browser.get("/auth/logout", headers=headers)
    assert response.status_code == 403
    assert set_cookies(response) == {}
    assert browser.is_signed_in()


@pytest.mark.parametrize("path", ["/auth/logout", "/logout"])
def test_ses_03_a_click_on_another_site_only_asks(vodka: VodkaUnderTest, path: str) -> None:
    """A cross-site navigation gets a page with a button; the button ends the session."""
    browser = vodka.signed_in()
    response = browser.get(path, headers=CLICK)
    assert response.status_code == 200
    assert "Sign out of vodka?" in response.text
    assert set_cookies(response) == {}
    assert browser.is_signed_in()
    pressed = browser.post("/logout", data={"csrf_token": browser.cookie("csrftoken")})
    assert pressed.status_code == 200
    assert not browser.is_signed_in()


@pytest.mark.parametrize("path", ["/auth/logout", "/logout"])
def test_ses_03_a_head_request_signs_nobody_out(vodka: VodkaUnderTest, path: str) -> None:
    """HEAD looks and does nothing, neither in the database nor in the browser (RFC 9110 §9.2.1)."""
    browser = vodka.signed_in()
    response = browser.request("HEAD", path)
    assert response.status_code == 200
    assert set_cookies(response) == {}
    assert "Clear-Site-Data" not in response.headers
    assert browser.is_signed_in()


@pytest.mark.parametrize(
    "cookie",
    [None, "garbage", "a.b.c", "x" * 3000],
    ids=["without a cookie", "with garbage", "with a false JWT", "with three thousand characters"],
)
@pytest.mark.parametrize(
    "path", ["/auth/logout", "/auth/logout?redirect=https://evil.ch", "/logout?redirect=//evil.ch"]
)
def test_ses_05_logout_is_idempotent_and_never_redirects(browser: Browser, path: str, cookie: str | None) -> None:
    """200 for whoever asks, however often, and no redirect whatever the query says."""
    if cookie is not None:
        browser.set_cookie("SESSION_ID", cookie)
    for _ in range(2):
        response = browser.get(path)
        assert response.status_code == 200
        assert "Location" not in response.headers
        assert 'href="https://evil' not in response.text


def test_ses_06_nothing_is_left_to_go_back_to(vodka: VodkaUnderTest) -> None:
    """Personal answers are never kept, and after logout /data is 401."""
    vodka.site()
    browser = vodka.signed_in()
    for path in ("/", "/data?domain=site.epfl.ch", "/authorize?redirect=https://site.epfl.ch/cb", "/logout"):
        response = browser.get(path)
        assert response.status_code == 200, path
        assert response.headers["Cache-Control"] == "no-store", path
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.get("/data?domain=site.epfl.ch").status_code == 401


def test_ses_07_a_copy_is_dead_everywhere_after_logout(vodka: VodkaUnderTest) -> None:
    """The JWT of an ended session opens no door: JSON answers 401, pages lead to the login, decisions are refused."""
    vodka.site()
    browser = vodka.signed_in()
    page = browser.consent_page()
    copy = holder_of(browser)
    browser.get("/auth/logout")
    assert copy.get("/data?domain=site.epfl.ch").status_code == 401
    assert copy.get("/").headers["Location"] == "/login"
    assert copy.get("/authorize?redirect=https://site.epfl.ch/cb").headers["Location"].startswith("/login?redirect=")
    assert copy.post("/authorize", data={"ticket": page.ticket, "decision": "accept"}).status_code == 401
    assert copy.post("/account/sessions/end-all", data={"csrf_token": ""}).status_code == 401
    assert vodka.rows("SELECT * FROM releases") == []


def test_ses_07_signing_out_everywhere_ends_every_session(
    vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory
) -> None:
    """All sessions of this person end with the answer, nobody else's; signing in again works at once."""
    laptop = vodka.signed_in()
    freezer.tick(31)
    phone = vodka.signed_in(ip="192.0.2.77")
    robin = vodka.signed_in(ROBIN, ip="192.0.2.78")
    response = laptop.post("/account/sessions/end-all", data={"csrf_token": laptop.cookie("csrftoken")})
    assert response.status_code == 200
    assert laptop.cookie("SESSION_ID") is None
    assert not phone.is_signed_in()
    assert robin.is_signed_in()
    freezer.tick(31)
    assert vodka.signed_in().is_signed_in()
    assert [event["subject"] for event in vodka.events("logout.everywhere")] == [CAMILLE]


@pytest.mark.parametrize(
    ("age", "status"),
    [
        pytest.param(WEEK - SECOND, 200, id="a second before seven days"),
        pytest.param(WEEK, 401, id="seven days"),
        pytest.param(WEEK + SECOND, 401, id="a second after seven days"),
    ],
)
def test_ses_09_a_session_lives_for_seven_days(
    vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory, age: timedelta, status: int
) -> None:
    """SPEC: exp is the creation time plus 7 days, and use does not prolong it."""
    browser = vodka.signed_in()
    freezer.tick(timedelta(days=3))
    assert browser.is_signed_in()
    freezer.tick(age - timedelta(days=3))
    assert browser.get("/data?domain=site.epfl.ch").status_code == status


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        pytest.param("DELETE FROM sessions", {}, id="SES-10 the row was removed"),
        pytest.param("UPDATE sessions SET epoch = epoch - 1", {}, id="the epoch was raised"),
        pytest.param("UPDATE sessions SET digest = :other", {"other": b"\x01" * 32}, id="the row is another session's"),
        pytest.param("UPDATE users SET disabled_at = '2026-11-02 09:00:00'", {}, id="SES-13 the user was disabled"),
        pytest.param("UPDATE users SET email = NULL", {}, id="the user has no address any more"),
        pytest.param("DELETE FROM users", {}, id="SES-13 the user was deleted"),
    ],
)
def test_ses_10_ses_13_a_signature_alone_is_no_session(vodka: VodkaUnderTest, sql: str, values: dict[str, Any]) -> None:
    """What happens to the row or its user acts with the next request, however good the JWT is."""
    browser = vodka.signed_in()
    vodka.write(sql, **values)
    assert browser.get("/data?domain=site.epfl.ch").status_code == 401
    assert browser.get("/").status_code == 303


def test_ses_13_a_disabled_user_cannot_come_back(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """The right code opens no session for a disabled account, and the audit says so."""
    vodka.signed_in()
    vodka.write("UPDATE users SET disabled_at = '2026-11-02 09:00:00'")
    freezer.tick(31)
    browser = vodka.browser()
    browser.ask()
    assert browser.answer(browser.code()).status_code == 401
    assert browser.cookie("SESSION_ID") is None
    assert [event["subject"] for event in vodka.events("login.disabled")] == [CAMILLE]


def test_ses_19_the_eleventh_session_ends_the_oldest(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """Ten sessions of one person live at a time; the one that was opened first makes room."""
    browsers = []
    for number in range(11):
        browsers.append(vodka.signed_in(ip=f"198.51.100.{number}"))
        freezer.tick(1000)
    assert [browser.is_signed_in() for browser in browsers] == [False] + [True] * 10


def test_the_last_use_is_noted_every_ten_minutes(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """After its first use a session costs a write once in ten minutes, not with each request."""
    browser = vodka.signed_in()
    freezer.tick(1)
    browser.is_signed_in()
    first = vodka.rows("SELECT last_used_at FROM sessions")
    freezer.tick(599)
    browser.is_signed_in()
    assert vodka.rows("SELECT last_used_at FROM sessions") == first
    freezer.tick(1)
    browser.is_signed_in()
    assert vodka.rows("SELECT last_used_at FROM sessions") != first


def test_ses_21_every_page_shows_who_i_am_and_the_way_out(vodka: VodkaUnderTest) -> None:
    """Signed in, each page names me and links to the logout: errors and the consent page too."""
    vodka.site()
    browser = vodka.signed_in()
    pages = {
        "/": 200,
        "/authorize?redirect=https://site.epfl.ch/cb": 200,
        "/authorize?redirect=https://evil.ch/": 400,
        "/nothing-here": 404,
        "/account/sessions/end-all": 405,
    }
    for path, status in pages.items():
        response = browser.get(path)
        assert response.status_code == status, path
        assert f'<span class="address">{CAMILLE}</span>' in response.text, path
        assert 'href="/logout"' in response.text, path
