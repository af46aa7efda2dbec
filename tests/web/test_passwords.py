"""A student's password: chosen, changed and removed on the account page, never by a browser that was left open."""

from __future__ import annotations

from html import unescape

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.vodka_under_test import CAMILLE, NOBODY, Browser, VodkaUnderTest, hidden_value

PAGE = "/account/password"
GOOD, BETTER = "vier Worte am Fluss", "fünf Worte auf dem Berg"


@pytest.fixture
def camille(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> Browser:
    """Camille, who has just signed in; the clock stands still."""
    return vodka.signed_in()


def choose(browser: Browser, password: str = GOOD, again: str | None = None, **more: str):
    """Fill the form in."""
    form = {"password": password, "again": password if again is None else again}
    token = hidden_value(browser.get(PAGE).text, "csrf_token")
    return browser.post(PAGE, data=form | {"csrf_token": token} | more)


def hashes(vodka: VodkaUnderTest) -> list[str]:
    """What is kept of passwords."""
    return [row["hash"] for row in vodka.rows("SELECT hash FROM passwords")]


def test_nobody_needs_a_password(camille: Browser) -> None:
    """The account page says so; there is none unless its holder sets one."""
    home = camille.get("/").text
    assert "You do not need one" in home
    assert "Choose a password" in home
    assert hashes(camille.vodka) == []


def test_a_password_is_set_and_told(camille: Browser) -> None:
    """Set, shown with its end, written down, and told by mail with the browser it was set in."""
    answer = choose(camille)
    assert answer.headers["Location"] == "/?done=password_set&at=password#done"
    home = camille.get(answer.headers["Location"]).text
    assert "Your password is set." in home
    assert "Set on 2 November 2026, good until 1 May 2027" in home
    assert len(hashes(camille.vodka)) == 1
    assert [event["subject"] for event in camille.vodka.events("password.set")] == [CAMILLE]
    assert "You set a password." in home
    letter = camille.letter()
    assert letter.message["Subject"] == "Your vodka password is new"
    assert "Firefox on Linux" in letter.body("plain")
    assert GOOD not in letter.body("plain") + home


def test_a_password_is_changed(camille: Browser) -> None:
    """The new one takes the place of the old one; the page says that there was one."""
    choose(camille)
    (before,) = hashes(camille.vodka)
    assert "Change your password" in camille.get(PAGE).text
    choose(camille, BETTER)
    (after,) = hashes(camille.vodka)
    assert before != after


def test_a_password_is_removed(camille: Browser, freezer: FrozenDateTimeFactory) -> None:
    """At any time, by one button: that only takes something away. Twice is no mistake."""
    choose(camille)
    freezer.tick(3600)
    for _ in range(2):
        token = hidden_value(camille.get("/").text, "csrf_token")
        answer = camille.post(f"{PAGE}/remove", data={"csrf_token": token})
        assert answer.headers["Location"] == "/?done=password_removed&at=password#done"
        assert "There is no password any more." in camille.get(answer.headers["Location"]).text
    assert hashes(camille.vodka) == []
    assert len(camille.vodka.events("password.removed")) == 1


@pytest.mark.parametrize("seconds", [599, 600], ids=["the last second", "then"])
def test_it_takes_a_fresh_login(camille: Browser, freezer: FrozenDateTimeFactory, seconds: int) -> None:
    """ASVS 7.5.1: a browser that was left open cannot give itself a way in."""
    token = hidden_value(camille.get("/").text, "csrf_token")
    freezer.tick(seconds)
    answer = camille.post(PAGE, data={"csrf_token": token, "password": GOOD, "again": GOOD})
    assert (answer.headers["Location"] == PAGE) is (seconds == 600)
    assert len(hashes(camille.vodka)) == (seconds == 599)


def test_who_signed_in_a_while_ago_signs_in_again(camille: Browser, freezer: FrozenDateTimeFactory) -> None:
    """By one button, and comes back to the page."""
    freezer.tick(600)
    page = camille.get(PAGE).text
    assert "sign in once more" in page
    answer = camille.post(f"{PAGE}/sign-in", data={"csrf_token": hidden_value(page, "csrf_token")})
    assert answer.headers["Location"] == "/login?redirect=%2Faccount%2Fpassword"
    camille.post("/login", data={"email": CAMILLE, "redirect": PAGE})
    back = camille.post("/login/code", data={"attempt": camille.code()})
    assert back.headers["Location"] == PAGE
    assert "At least 12 characters" in camille.get(PAGE).text


def test_a_password_does_not_set_the_next_one(camille: Browser) -> None:
    """The mailbox is what proves a person: a session that was opened by a password alone is sent to it first."""
    camille.vodka.write("UPDATE sessions SET methods = 'pwd'")
    assert "sign in once more" in camille.get(PAGE).text


@pytest.mark.parametrize(
    ("password", "said"),
    [
        pytest.param("elf letters", "too short", id="eleven characters"),
        pytest.param("x" * 129, "too long", id="129 characters"),
        pytest.param("Camille Exemple 2026", "easily guessed", id="the names that the directory knows"),
        pytest.param("camille.exemple@epfl.ch", "easily guessed", id="the address"),
        pytest.param("", "Please type", id="nothing"),
    ],
)
def test_a_bad_one_is_refused_with_a_reason(camille: Browser, password: str, said: str) -> None:
    """On the page, without writing down what was typed anywhere."""
    answer = choose(camille, password)
    assert answer.status_code == 400
    assert said in unescape(answer.text)
    assert hashes(camille.vodka) == []
    assert not password or f'value="{password}"' not in answer.text


@pytest.mark.parametrize("password", ["k7!pTqz4#Lmv", "k7!pTqz4#Lmv" * 10 + "k7!pTqz4"], ids=["twelve", "128"])
def test_the_shortest_and_the_longest_are_taken(camille: Browser, password: str) -> None:
    """12 and 128 characters."""
    assert choose(camille, password).status_code == 303
    assert len(hashes(camille.vodka)) == 1


def test_a_slip_is_noticed(camille: Browser) -> None:
    """Typed twice, not the same: nothing is set."""
    answer = choose(camille, GOOD, BETTER)
    assert (answer.status_code, hashes(camille.vodka)) == (400, [])
    assert "two different passwords" in answer.text


def test_ott_16_a_form_that_is_too_big_is_refused(camille: Browser) -> None:
    """1 MB, and a NUL: refused before anything looks at it."""
    assert choose(camille, "x" * 1_000_000).status_code == 413
    assert choose(camille, "twelve\0characters").status_code == 400


def test_somebody_without_names_can_choose_one(vodka: VodkaUnderTest) -> None:
    """The directory need not know a person."""
    assert choose(vodka.signed_in(NOBODY)).status_code == 303


def test_a_form_of_another_website_is_refused(camille: Browser) -> None:
    """Neither setting nor removing works without the session's token (attacks CSR-01), or without a session."""
    for path in PAGE, f"{PAGE}/remove", f"{PAGE}/sign-in":
        assert camille.post(path, data={}).status_code == 403
        assert camille.vodka.browser().post(path, data={}).status_code == 401
    assert camille.vodka.browser().get(PAGE).status_code == 401


def test_the_mail_is_in_the_readers_language(vodka: VodkaUnderTest) -> None:
    """As all mails are."""
    browser = vodka.signed_in(language="fr")
    choose(browser)
    assert "mot de passe" in browser.letter().message["Subject"]
