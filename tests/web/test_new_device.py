"""The mail about a new browser: whoever has an account hears of each browser that opens it for the first time."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"
SUBJECTS = {"en": "A new browser signed in with vodka", "fr": "Un nouveau navigateur s’est connecté à vodka"}


def warnings(vodka: VodkaUnderTest, email: str = CAMILLE) -> int:
    """How many of these mails were promised to an address."""
    found = vodka.rows("SELECT 1 FROM outbox_mails WHERE kind = 'new_device' AND to_address = :email", email=email)
    return len(found)


def test_the_first_browser_of_an_account_is_no_news(vodka_on_each: VodkaUnderTest) -> None:
    """Nor is it when it comes again."""
    browser = vodka_on_each.signed_in()
    assert browser.log_in().status_code == 200
    assert warnings(vodka_on_each) == 0
    assert vodka_on_each.events("device.new") == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_second_browser_is_told_by_mail(
    freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest, language: str
) -> None:
    """Which browser, whence, when, and the way to the account: in text and HTML, in the language of the page."""
    vodka_on_each.signed_in()
    phone = vodka_on_each.browser(ip="128.178.1.1", agent=PHONE, language=language)
    phone.log_in()
    letter = phone.letter()
    assert letter.message["Subject"] == SUBJECTS[language]
    place = {"en": "EPFL network", "fr": "réseau EPFL"}[language]
    when = {"en": "2 November 2026, 10:00", "fr": "2 novembre 2026 à 10:00"}[language]
    for text in (letter.body("plain"), letter.body("html")):
        assert all(fact in text for fact in ("Safari on iPhone", place, when, "https://vodka.epfl.ch/"))
    assert [event["detail"] for event in vodka_on_each.events("device.new")] == ["Safari on iPhone"]


def test_a_browser_is_news_once(freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest) -> None:
    """Its later logins bring no mail; a third browser brings another one."""
    vodka_on_each.signed_in()
    freezer.tick(1)
    second = vodka_on_each.signed_in(ip="192.0.2.11")
    freezer.tick(60)
    second.log_in()
    assert warnings(vodka_on_each) == 1
    vodka_on_each.signed_in(ip="192.0.2.12")
    assert warnings(vodka_on_each) == 2


def test_it_is_the_account_that_knows_browsers(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """A browser of one person that opens another's account for the first time is news to the other."""
    mine = vodka.signed_in(CAMILLE)
    vodka.signed_in(ROBIN, ip="192.0.2.11")
    freezer.tick(60)
    mine.log_in(ROBIN)
    assert [warnings(vodka, CAMILLE), warnings(vodka, ROBIN)] == [0, 1]


def test_the_link_of_a_mail_is_a_login_like_any_other(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """A new browser that follows it is told of too."""
    vodka.signed_in()
    second = vodka.browser(ip="192.0.2.11")
    second.ask()
    assert second.get(second.link()).status_code == 303
    assert warnings(vodka) == 1


def test_nothing_that_the_requester_writes_reaches_the_mail(vodka: VodkaUnderTest) -> None:
    """The browser's family comes from a closed list."""
    vodka.signed_in()
    hostile = vodka.browser(ip="192.0.2.11", agent="Firefox/1 <a href=https://evil.example>win</a>")
    hostile.log_in()
    assert b"evil" not in hostile.letter().raw
    assert "Firefox" in hostile.letter().body("plain")


def test_aud_06_a_login_whose_mail_cannot_be_promised_is_no_login(vodka: VodkaUnderTest) -> None:
    """The mail is in the transaction of the session: without the outbox there is neither, and the code still works."""
    vodka.signed_in()
    second = vodka.browser(ip="192.0.2.11")
    second.ask()
    code = second.code()
    vodka.write("ALTER TABLE outbox_mails RENAME TO away")
    assert second.answer(code).status_code == 503
    vodka.write("ALTER TABLE away RENAME TO outbox_mails")
    assert len(vodka.rows("SELECT 1 FROM sessions")) == 1
    assert second.answer(code).status_code == 200
    assert warnings(vodka) == 1
