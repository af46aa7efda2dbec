"""The link in the same letter (FLOWS 4, 5): one click in the browser that asked, and nothing for anybody else."""

from __future__ import annotations

import logging
from base64 import urlsafe_b64decode
from itertools import pairwise

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.guessing import asked
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, VodkaUnderTest
from vodka.onetime import digest

ELSEWHERE = "Go back to the browser where you began"


def test_mag_01_a_known_and_an_unknown_address_look_the_same(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """POST /login as a form: the same redirect and the same page for both."""
    vodka.signed_in(CAMILLE)
    seen = []
    for email in (CAMILLE, NOBODY):
        browser = vodka.browser()
        sent = browser.post("/login", data={"email": email})
        headers = [(name, value) for name, value in sent.headers if name != "Set-Cookie"]
        page = browser.get("/login/code")
        seen.append((sent.status_code, headers, page.status_code, page.text.replace(email, "ADDRESS")))
    assert seen[0] == seen[1]
    assert (seen[0][0], seen[0][2]) == (303, 200)


def test_mag_02_the_link_is_256_bits_under_the_configured_origin_and_kept_as_a_digest(vodka: VodkaUnderTest) -> None:
    """What the letter holds is not in the database; what the database holds does not open anything."""
    browser, _ = asked(vodka)
    magic = browser.link().removeprefix("/link/")
    assert len(urlsafe_b64decode(magic + "=")) == 32
    assert f"\nhttps://vodka.epfl.ch/link/{magic}\n" in browser.letter().body("plain")
    (kept,) = vodka.rows("SELECT * FROM magic_links")
    assert bytes(kept["digest"]) == digest(magic)
    assert browser.get(f"/link/{bytes(kept['digest']).hex()}").status_code == 404


def test_mag_03_a_click_in_the_browser_that_asked_signs_in_once(vodka_on_each: VodkaUnderTest) -> None:
    """303 and a session; the second visit is a 404, and the code of the same letter is dead too."""
    browser, code = asked(vodka_on_each)
    question, link = browser.cookie("QUESTION_ID") or "", browser.link()
    followed = browser.get(link)
    assert (followed.status_code, followed.headers["Location"]) == (303, "/")
    assert browser.get("/").status_code == 200
    browser.set_cookie("QUESTION_ID", question)
    assert browser.get(link).status_code == 404
    assert browser.answer(code).status_code == 401
    assert len(vodka_on_each.rows("SELECT 1 FROM sessions")) == 1


def test_mag_03_the_link_is_dead_once_the_code_was_used(vodka: VodkaUnderTest) -> None:
    """One letter opens one session, by whichever of its two ways comes first."""
    browser, code = asked(vodka)
    question, link = browser.cookie("QUESTION_ID") or "", browser.link()
    browser.answer(code)
    browser.set_cookie("QUESTION_ID", question)
    assert browser.get(link).status_code == 404


def test_mag_03_the_link_works_after_the_code_was_guessed_away(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Five wrong tries or ten minutes end the code; the link lives on in the browser that asked."""
    browser, _ = asked(vodka)
    for _ in range(5):
        browser.answer("000000")
    freezer.tick(3600)
    assert browser.get(browser.link()).status_code == 303


NOT_A_CLICK: dict[str, tuple[str, dict[str, str]]] = {
    "HEAD": ("HEAD", {}),
    "a prefetch": ("GET", {"Sec-Purpose": "prefetch"}),
    "a prefetch that renders": ("GET", {"Sec-Purpose": "prefetch;prerender"}),
    "a prefetch of old": ("GET", {"Purpose": "prefetch"}),
    "a picture": ("GET", {"Sec-Fetch-Dest": "image"}),
    "a frame": ("GET", {"Sec-Fetch-Dest": "iframe"}),
    "a fetch": ("GET", {"Sec-Fetch-Dest": "empty"}),
}


@pytest.mark.parametrize(("method", "headers"), NOT_A_CLICK.values(), ids=NOT_A_CLICK)
def test_mag_04_what_is_not_a_click_spends_nothing(vodka: VodkaUnderTest, method: str, headers: dict[str, str]) -> None:
    """The browser's own prefetches and scanners with its cookie open no session, and the link still works after."""
    browser, _ = asked(vodka)
    link = browser.link()
    response = browser.request(method, link, headers=headers)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert vodka.rows("SELECT 1 FROM sessions") == []
    assert browser.get(link, headers={"Sec-Fetch-Dest": "document"}).status_code == 303


def test_mag_04_mag_07_in_another_browser_the_link_signs_nobody_in(vodka: VodkaUnderTest) -> None:
    """A scanner, another phone, a victim who is sent an attacker's link: a page that says where to go, and no session."""
    attacker, _ = asked(vodka)
    link = attacker.link()
    victim, _ = asked(vodka, ROBIN)
    for browser in (vodka.browser(), victim):
        before = browser.cookie("QUESTION_ID")
        response = browser.get(link)
        assert (response.status_code, ELSEWHERE in response.text) == (200, True)
        assert "Set-Cookie" not in response.headers
        assert browser.cookie("QUESTION_ID") == before
    assert vodka.rows("SELECT 1 FROM sessions") == []
    assert attacker.get(link).status_code == 303


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(4 * 3600 - 1, 303), (4 * 3600, 404), (4 * 3600 + 1, 404)],
    ids=["a second before its end", "at its end", "a second after its end"],
)
def test_mag_06_a_link_lives_for_four_hours(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, seconds: int, status: int
) -> None:
    """FLOWS 5."""
    browser, _ = asked(vodka)
    link, question = browser.link(), browser.cookie("QUESTION_ID") or ""
    freezer.tick(seconds)
    browser.set_cookie("QUESTION_ID", question)
    assert browser.get(link).status_code == status


def test_mag_08_the_pages_of_a_link_tell_nobody_of_it(vodka: VodkaUnderTest) -> None:
    """No referrer, nothing stored, nothing loaded from elsewhere: elsewhere, dead and followed."""
    browser, _ = asked(vodka)
    link = browser.link()
    for response in (vodka.browser().get(link), vodka.browser().get("/link/unknown"), browser.get(link)):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert 'src="http' not in response.text


def test_mag_09_vodka_logs_no_link(vodka: VodkaUnderTest, caplog: pytest.LogCaptureFixture) -> None:
    """Living, foreign or dead: the secret stands in no log line."""
    caplog.set_level(logging.DEBUG)
    browser, _ = asked(vodka)
    link = browser.link()
    statuses = [vodka.browser().get(link).status_code, browser.get(link).status_code, browser.get(link).status_code]
    assert statuses == [200, 303, 404]
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # that is the mail server's
    assert any("no living link" in line for line in ours)
    assert not any(link.removeprefix("/link/") in line for line in ours)


def test_mag_10_the_link_is_made_from_the_configured_origin(vodka: VodkaUnderTest) -> None:
    """Whatever host the request names beside the real one."""
    browser = vodka.browser()
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"}
    assert browser.post("/login", data={"email": CAMILLE}, headers=forged).status_code == 303
    raw = browser.letter().raw
    assert b"evil" not in raw
    assert b"https://vodka.epfl.ch/link/" in raw
    assert browser.post("/login", data={"email": ROBIN}, base_url="https://evil.example").status_code == 400


def test_mag_11_whatever_is_no_living_link_is_the_same_page(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Short, long, strange, used, replaced, over, another kind of secret: one 404 page."""
    browser, _ = asked(vodka)
    first, question = browser.link(), browser.cookie("QUESTION_ID") or ""
    freezer.tick(31)
    browser.ask()
    second = browser.link()
    assert browser.get(second).status_code == 303
    paths = [first, second, "/link/a", "/link/" + "a" * 2000, "/link/%00", "/link/é", "/link/%ff"]
    paths += ["/link/..%2flogin", f"/link/{question}", f"/link/{browser.cookie('DEVICE')}", "/link/%ed%a0%80"]
    pages = [vodka.browser().get(path) for path in paths]
    assert {page.status_code for page in pages} == {404}
    assert all(one == other for one, other in pairwise(_without_reference(page.text) for page in pages))


def _without_reference(html: str) -> str:
    kept = [line for line in html.splitlines() if 'class="reference"' not in line and "?lang=" not in line]
    return "\n".join(kept)


def test_mag_14_only_the_newest_of_three_links_lives(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """The first and the second are dead as soon as the next one is asked for."""
    browser = vodka.browser()
    links = []
    for _ in range(3):
        browser.ask()
        links.append(browser.link())
        freezer.tick(31)
    assert [browser.get(link).status_code for link in links] == [404, 404, 303]


@pytest.mark.parametrize("way", ["link", "code"])
def test_mag_15_a_disabled_account_opens_no_session(vodka: VodkaUnderTest, way: str) -> None:
    """Disabled after the letter was sent: 401 by either way, no cookie, and a line in the audit."""
    vodka.signed_in()
    browser, code = asked(vodka, ip="198.51.100.1") if way == "code" else (vodka.browser(), "")
    if way == "link":
        browser.ask()
        browser.letter()
    vodka.write("UPDATE users SET disabled_at = '2026-01-01 00:00:00'")
    response = browser.answer(code) if way == "code" else browser.get(browser.link())
    assert response.status_code == 401
    assert browser.cookie("SESSION_ID") is None
    assert len(vodka.rows("SELECT 1 FROM sessions")) == 1
    assert [event["subject"] for event in vodka.events("login.disabled")] == [CAMILLE]


def test_mag_03_the_page_asked_for_is_where_the_link_leads(start: Start) -> None:
    """`return_to` comes from the question, never from the request that follows the link."""
    vodka = start()
    vodka.site()
    browser = vodka.browser()
    browser.post("/login", data={"email": CAMILLE, "redirect": "https://site.epfl.ch/cb"})
    followed = browser.get(browser.link() + "?redirect=https://evil.example/")
    assert followed.headers["Location"] == "/authorize?redirect=https%3A%2F%2Fsite.epfl.ch%2Fcb"
