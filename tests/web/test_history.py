"""What happened, as the student sees it: plain words in both languages, only their own, newest first."""

from __future__ import annotations

import re
from html import unescape

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.house.tree import ROOT
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest
from vodka.audit import store as audit
from vodka.db import commit
from vodka.language import words
from vodka.web.plumbing.cards.history import SENTENCES

# What no student needs to read: it happened to nobody, or to nobody whose account is still there.
UNTOLD = {"answer.dead", "answer.limited", "passkey.limited", "passkey.refused", "key.rotated", "key.withdrawn"} | {
    "client.legacy_used",  # beside client.granted, for whoever keeps the website
    "account.deleted",
}


def sentences(browser: Browser, path: str = "/account/history") -> list[str]:
    """What the page tells."""
    shown = browser.get(path)
    assert shown.status_code == 200
    part = shown.text.split('id="history"')[-1]
    found = re.findall(r'<p class="about">\s*<span class="value">([^<]*)</span>', part)
    return [unescape(sentence).strip() for sentence in found]


def write(vodka: VodkaUnderTest, kind: str, times: int = 1) -> None:
    """Write an event of Camille's."""
    (user,) = vodka.rows("SELECT id FROM users WHERE email = :email", email=CAMILLE)
    with vodka.app.app_context():
        for number in range(times):
            audit.add(kind, user_id=user["id"], subject="https://site.epfl.ch", detail=f"number {number}")
        commit()


def test_aud_01_everything_that_is_written_down_has_words() -> None:
    """Whoever records a new kind of event says it in plain words, or says here why not."""
    sources = "\n".join(path.read_text() for path in (ROOT / "vodka").rglob("*.py"))
    kinds = set(re.findall(r'audit\.add\("([a-z_.]+)"', sources)) | set(re.findall(r'\.noted\("([a-z_.]+)"', sources))
    assert kinds | {"answer.wrong"} == SENTENCES.keys() | UNTOLD


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
def test_the_words_are_there_in_french(sentence: str) -> None:
    """With the same facts in them."""
    french = words("fr").gettext(sentence)
    assert french != sentence
    assert re.findall(r"%\(\w+\)s", french) == re.findall(r"%\(\w+\)s", sentence)


@pytest.mark.parametrize("path", ["/", "/account/history"])
def test_a_student_sees_what_happened_newest_first(
    freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest, path: str
) -> None:
    """What they did, and what strangers did to their address since they have an account."""
    vodka_on_each.site()
    browser = vodka_on_each.signed_in()
    freezer.tick(1)
    browser.authorize()
    freezer.tick(1)
    vodka_on_each.browser(ip="128.178.1.1").ask(CAMILLE)
    told = ["A code was asked for.", f"You shared what you had accepted with {SITE}.", "You signed in."]
    assert sentences(browser, path) == told
    assert "EPFL network" in browser.get(path).text


def test_nobody_sees_what_is_somebody_elses(vodka: VodkaUnderTest) -> None:
    """Not the events of another account, nor those of a former holder of the address."""
    vodka.signed_in(ROBIN)
    vodka.write("UPDATE users SET email = NULL WHERE email = :email", email=ROBIN)
    camille = vodka.signed_in(CAMILLE, ip="192.0.2.11")
    assert sentences(camille) == ["You signed in."]


def test_the_card_shows_ten_and_the_page_fifty(vodka: VodkaUnderTest) -> None:
    """With ways to older and newer pages; a page that holds nothing says so."""
    browser = vodka.signed_in()
    write(vodka, "site.verified", 60)
    assert len(sentences(browser, "/")) == 10
    first, second = browser.get("/account/history").text, browser.get("/account/history?page=2").text
    assert ('href="/account/history?page=2"' in first, 'href="/account/history?page=0"' in first) == (True, False)
    assert 'href="/account/history?page=1"' in second
    assert 'href="/account/history?page=3"' not in second
    assert [len(sentences(browser, f"/account/history?page={page}")) for page in (1, 2, 3)] == [50, 11, 0]
    assert "Nothing more." in browser.get("/account/history?page=3").text


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e3", "100000", "١"])
def test_a_page_that_cannot_be_is_not_found(vodka: VodkaUnderTest, page: str) -> None:
    """404, and nothing is looked up."""
    assert vodka.signed_in().get("/account/history", query_string={"page": page}).status_code == 404


def test_who_is_not_signed_in_sees_no_history(vodka: VodkaUnderTest) -> None:
    """401 and the way in."""
    assert vodka.browser().get("/account/history").status_code == 401


def test_a_place_that_was_forgotten_is_left_out(vodka: VodkaUnderTest) -> None:
    """The event is told without it."""
    browser = vodka.signed_in()
    assert "192.0.2.0/24" in browser.get("/account/history").text
    vodka.write("UPDATE audit_events SET network = ''")
    assert "192.0.2.0/24" not in browser.get("/account/history").text
    assert sentences(browser) == ["You signed in."]
