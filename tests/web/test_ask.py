"""POST /auth/ask (SPEC A): who gets a code, how often, and what the asker may learn."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.guessing import UNLIMITED_MAIL, address_number, set_cookies
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, Browser, VodkaUnderTest
from vodka import clock


def test_ask_01_a_valid_address_gets_a_code_and_the_browser_a_question_id(
    vodka: VodkaUnderTest, browser: Browser
) -> None:
    """201 `{}`, one letter with six digits to the canonical address, and a host-only cookie of 256 random bits."""
    response = browser.ask("Camille.Exemple@epfl.ch")
    assert (response.status_code, response.json) == (201, {})
    (letter,) = vodka.deliver()
    assert letter.to == [CAMILLE]
    assert re.search(r"^ +[0-9]{6}$", letter.body("plain"), re.MULTILINE)
    cookies = set_cookies(response.headers.getlist("Set-Cookie"))
    assert cookies.keys() == {"__Host-QUESTION_ID"}
    value, attributes = cookies["__Host-QUESTION_ID"]
    assert len(urlsafe_b64decode(value + "=")) == 32
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
    assert not any(attribute.startswith("Domain") for attribute in attributes)


@pytest.mark.parametrize("seconds", [1, 29], ids=["after one second", "after 29 seconds"])
def test_ask_02_a_second_ask_within_30_seconds_is_refused(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, browser: Browser, seconds: int
) -> None:
    """429 with the seconds that are left, no second letter, and the first code still works."""
    browser.ask()
    code = browser.code()
    freezer.tick(seconds)
    refused = browser.ask()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(30 - seconds))
    assert "Set-Cookie" not in refused.headers
    assert vodka.deliver() == []
    assert browser.answer(code).status_code == 200


def test_ask_02_the_interval_is_the_addresss_not_the_browsers(vodka: VodkaUnderTest, browser: Browser) -> None:
    """Dropping the cookies, or coming from elsewhere, does not shorten it; another address is not held up."""
    browser.ask()
    assert vodka.browser(ip="198.51.100.9").ask().status_code == 429
    assert browser.ask(ROBIN).status_code == 201


def test_ask_03_an_ask_after_30_seconds_retires_the_first_question(
    freezer: FrozenDateTimeFactory, browser: Browser
) -> None:
    """Another QUESTION_ID; the first code with the first cookie, and with the second, answers 401 for ever."""
    browser.ask()
    first_code, first_question = browser.code(), browser.cookie("QUESTION_ID")
    assert first_question is not None
    freezer.tick(30)
    assert browser.ask().status_code == 201
    second_code, second_question = browser.code(), browser.cookie("QUESTION_ID")
    assert second_question not in (None, first_question)
    browser.set_cookie("QUESTION_ID", first_question)
    assert [browser.answer(code).status_code for code in (first_code, second_code)] == [401, 401]
    freezer.tick(3600)
    assert browser.answer(first_code).status_code == 401


def test_ask_03_the_second_question_works(freezer: FrozenDateTimeFactory, browser: Browser) -> None:
    """The newest code in the newest letter is the one that counts."""
    browser.ask()
    freezer.tick(30)
    browser.ask()
    assert browser.answer(browser.code()).status_code == 200


def test_ask_05_the_seventh_mail_of_a_client_within_an_hour_is_refused(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, browser: Browser
) -> None:
    """Six letters for seven addresses; the refusal says when the first of the six leaves the hour."""
    statuses = []
    for number in range(7):
        statuses.append(browser.ask(address_number(number)).status_code)
        freezer.tick(60)
    assert statuses == [201] * 6 + [429]
    assert len(vodka.deliver()) == 6
    assert browser.ask(address_number(6)).headers["Retry-After"] == str(3600 - 7 * 60)


FORWARDED = {
    "X-Forwarded-For": ("X-Forwarded-For", "203.0.113.{}"),
    "X-Real-IP": ("X-Real-IP", "203.0.113.{}"),
    "Forwarded": ("Forwarded", "for=203.0.113.{}"),
    "a chain that ends at a loopback": ("X-Forwarded-For", "203.0.113.{}, 127.0.0.1"),
}


@pytest.mark.parametrize(("header", "value"), FORWARDED.values(), ids=FORWARDED)
def test_ask_07_a_forwarding_header_of_an_undeclared_peer_changes_nothing(
    browser: Browser, header: str, value: str
) -> None:
    """A client that names another address each time is still one client."""
    asks = [browser.ask(address_number(n), headers={header: value.format(n)}) for n in range(7)]
    assert [ask.status_code for ask in asks] == [201] * 6 + [429]


def test_ask_07_a_declared_proxy_is_believed_for_the_hop_it_wrote(start: Start) -> None:
    """Behind a declared proxy each client has its own six mails, and what the client itself put in front is no matter."""
    browser = start(trusted_proxies="192.0.2.10/32").browser(ip="192.0.2.10")
    forged = [
        browser.ask(address_number(n), headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.1"}) for n in range(7)
    ]
    assert [ask.status_code for ask in forged] == [201] * 6 + [429]
    assert browser.ask(address_number(7), headers={"X-Forwarded-For": "198.51.100.2"}).status_code == 201


def test_ask_09_one_ipv6_64_is_one_client(vodka: VodkaUnderTest) -> None:
    """Twenty addresses of one prefix get six mails together."""
    asks = [vodka.browser(ip=f"2001:db8:1:2::{n:x}").ask(address_number(n)).status_code for n in range(1, 21)]
    assert asks == [201] * 6 + [429] * 14
    assert len(vodka.deliver()) == 6


SAME_CLIENT = {
    "IPv4 in IPv6 clothing": ("::ffff:192.0.2.1", "192.0.2.1"),
    "upper case and zeros": ("2001:DB8::1", "2001:db8:0::1"),
}


@pytest.mark.parametrize(("first", "second"), SAME_CLIENT.values(), ids=SAME_CLIENT)
def test_ask_10_one_address_in_two_forms_is_one_client(vodka: VodkaUnderTest, first: str, second: str) -> None:
    """What was spent under one spelling is spent under the other."""
    asks = [vodka.browser(ip=first if n % 2 else second).ask(address_number(n)).status_code for n in range(7)]
    assert asks == [201] * 6 + [429]


def test_ask_11_one_address_gets_at_most_ten_mails_an_hour(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Fifty strangers who take turns for an hour bring a mailbox ten letters."""
    letters = 0
    for number in range(50):
        vodka.browser(ip=f"203.0.113.{number}").ask()
        letters += len(vodka.deliver())
        freezer.tick(72)
    assert letters == 10


def test_ask_11_the_owners_device_is_not_held_up_by_strangers(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """A browser that logged in before gets its code although strangers used up the mails of its address."""
    own = vodka.signed_in()
    for number in range(5):
        vodka.browser(ip=f"203.0.113.{number}").ask()
        freezer.tick(31)
    assert vodka.browser(ip="203.0.113.99").ask().status_code == 429
    assert own.ask().status_code == 201
    assert own.answer(own.code()).status_code == 200


def test_ask_19_two_spellings_of_an_address_share_one_question_and_one_limit(
    vodka: VodkaUnderTest, browser: Browser
) -> None:
    """`First.Last@EPFL.CH` asked a moment after `first.last@epfl.ch` is the same address, asked too soon."""
    assert browser.ask(CAMILLE).status_code == 201
    assert browser.ask("Camille.EXEMPLE@EPFL.CH").status_code == 429
    assert {row["email"] for row in vodka.rows("SELECT email FROM questions")} == {CAMILLE}


def test_ask_24_a_mail_server_that_hangs_does_not_hold_up_the_answer(
    freezer: FrozenDateTimeFactory, start: Start
) -> None:
    """201 within 500 ms; the letter comes once the server speaks again."""
    with SmtpServer(hang="banner", hangs=1) as slow:
        vodka = start(smtp_url=slow.url, limits={"mail_connect_timeout": 0.2, "mail_phase_timeout": 0.2})
        began = clock.stopwatch()
        assert vodka.browser().ask().status_code == 201
        assert clock.stopwatch() - began < 0.5
        vodka.deliver()
        assert slow.letters == []
        freezer.tick(5)
        vodka.deliver()
        assert [letter.to for letter in slow.letters] == [[CAMILLE]]


def test_ask_24_a_letter_that_could_not_be_sent_in_time_is_never_sent(
    freezer: FrozenDateTimeFactory, start: Start
) -> None:
    """Once its code is over a letter is dropped."""
    with SmtpServer(busy=1) as busy:
        vodka = start(smtp_url=busy.url)
        vodka.browser().ask()
        vodka.deliver()
        freezer.tick(600)
        vodka.deliver()
        assert busy.letters == []


def test_ask_28_the_question_id_that_a_browser_brings_is_never_used(browser: Browser) -> None:
    """The planted value is replaced by another one and can not be answered."""
    planted = "A" * 43
    browser.set_cookie("QUESTION_ID", planted)
    assert browser.ask().status_code == 201
    assert browser.cookie("QUESTION_ID") != planted
    code = browser.code()
    browser.set_cookie("QUESTION_ID", planted)
    assert browser.answer(code).status_code == 401


def test_ask_29_a_thousand_question_ids_have_nothing_in_common(start: Start) -> None:
    """All distinct, and no two that share their first eight characters."""
    browser = start(limits=UNLIMITED_MAIL).browser()
    seen = []
    for number in range(1000):
        assert browser.ask(address_number(number)).status_code == 201
        seen.append(browser.cookie("QUESTION_ID") or "")
    assert len(set(seen)) == len({value[:8] for value in seen}) == 1000


def test_ask_33_a_mailbox_that_refuses_looks_like_any_other(freezer: FrozenDateTimeFactory, start: Start) -> None:
    """The asker of a mailbox that does not exist sees the same answer and, after the bounce, the same page."""
    with SmtpServer(refused=(NOBODY,)) as server:
        vodka = start(smtp_url=server.url)
        seen = []
        for email in (CAMILLE, NOBODY):
            browser = vodka.browser()
            answer = browser.ask(email)
            vodka.deliver()
            page = browser.get("/login/code")
            named = [(key, value) for key, value in answer.headers if key != "Set-Cookie"]
            seen.append((answer.status_code, answer.text, named, page.status_code, page.text.replace(email, "ADDRESS")))
        assert [letter.to for letter in server.letters] == [[CAMILLE]]
        assert seen[0] == seen[1]


def test_ask_35_asking_again_leaves_the_old_session_alone(vodka: VodkaUnderTest) -> None:
    """Who is signed in, asks for another code and gives up is still signed in."""
    browser = vodka.signed_in()
    session = browser.cookie("SESSION_ID")
    assert browser.ask().status_code == 201
    assert browser.cookie("SESSION_ID") == session
    assert browser.get("/").status_code == 200
