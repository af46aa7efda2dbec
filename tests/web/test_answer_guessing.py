"""Guessing, against one address and against all: it is counted, it stops the six digits, and the owner still gets in."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.guessing import UNLIMITED_ANSWERS, UNLIMITED_MAIL, address_number, asked, guess_wrong
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, VodkaUnderTest, wrong

UNLIMITED = UNLIMITED_MAIL | UNLIMITED_ANSWERS


def guess_in_a_row(vodka: VodkaUnderTest, times: int, email: str = CAMILLE) -> tuple[Browser, str]:
    """Be wrong so often, five times per question; the last question and its code."""
    browser, code = asked(vodka, email)
    for number in range(times):
        if number and number % 5 == 0:
            browser, code = asked(vodka, email)
        guess_wrong(browser, code, 1)
    return browser, code


def test_ans_15_after_a_hundred_wrong_answers_in_a_row_even_the_right_code_is_refused(start: Start) -> None:
    """A stranger's browser has the right code, and it is no proof any more; the link of the same letter is."""
    vodka = start(limits=UNLIMITED)
    guess_in_a_row(vodka, 96)
    browser, code = asked(vodka)
    link = browser.link()
    guess_wrong(browser, code, 4)
    assert browser.answer(code).status_code == 401
    assert browser.get(link).status_code == 303
    assert browser.get("/").status_code == 200


def test_ans_15_the_next_letter_holds_only_the_link_and_an_alarm_is_written(start: Start) -> None:
    """After a hundred failures over twenty questions: no code in the mail, no digits accepted, an alarm for the address."""
    vodka = start(limits=UNLIMITED)
    guess_in_a_row(vodka, 100)
    browser = vodka.browser()
    assert browser.ask().status_code == 201
    assert not any(line.strip().isdigit() for line in browser.letter().body("plain").splitlines())
    assert browser.answer("123456").status_code == 401
    assert browser.get(browser.link()).status_code == 303
    assert [event["subject"] for event in vodka.events("alarm.guessing")] == [CAMILLE]


def test_ans_15_a_device_that_logged_in_before_still_gets_a_code(start: Start) -> None:
    """Strangers who guess do not take the code from the owner's own browser, and its success ends the row."""
    vodka = start(limits=UNLIMITED)
    own = vodka.signed_in()
    guess_in_a_row(vodka, 100)
    own.log_in()
    assert vodka.rows("SELECT failures FROM address_guards") == [{"failures": 0}]
    vodka.browser().log_in()


def test_ans_15_another_address_is_not_affected(start: Start) -> None:
    """The row of failures is the address's own."""
    vodka = start(limits=UNLIMITED)
    guess_in_a_row(vodka, 100)
    vodka.browser().log_in(ROBIN)


def test_ans_16_a_success_ends_the_row_of_failures(start: Start) -> None:
    """99 failures, success, 99 failures, success: never locked."""
    vodka = start(limits=UNLIMITED)
    for _ in range(2):
        browser, code = guess_in_a_row(vodka, 99)
        assert browser.answer(code).status_code == 200
    assert vodka.events("alarm.guessing") == []


def test_ans_24_the_61st_answer_of_a_client_within_an_hour_is_refused(
    freezer: FrozenDateTimeFactory, start: Start
) -> None:
    """429 with Retry-After, even for the right code; an hour after the first one the next is free."""
    vodka = start(limits=UNLIMITED_MAIL)
    for number in range(12):
        browser, code = asked(vodka, address_number(number))
        guess_wrong(browser, code, 5)
    freezer.tick(1)
    browser, code = asked(vodka, ROBIN)
    refused = browser.answer(code)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3599")
    assert vodka.rows("SELECT attempts FROM questions WHERE email = :email", email=ROBIN) == [{"attempts": 0}]
    freezer.tick(3599)
    assert asked(vodka, ROBIN)[0].answer("000000").status_code == 401


def test_ans_24_answers_to_questions_that_do_not_exist_count_too(start: Start) -> None:
    """Whoever tries out QUESTION_IDs is limited as well."""
    browser = start(limits={"answers_per_client_ip": 3}).browser()
    browser.set_cookie("QUESTION_ID", "C" * 43)
    assert [browser.answer("123456").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_ans_25_ask_34_spraying_trips_the_breaker_before_its_end(start: Start) -> None:
    """200 questions with five wrong answers each, from 40 clients: from the 500th on no letter to a stranger holds a code."""
    vodka = start(limits=UNLIMITED_ANSWERS)
    for number in range(100):
        browser, code = asked(vodka, address_number(number), ip=f"203.0.113.{number % 40}")
        guess_wrong(browser, code, 5)
    assert vodka.events("alarm.guessing") == []
    for number in range(100, 120):
        browser = vodka.browser(ip=f"203.0.113.{number % 40}")
        assert browser.ask(address_number(number)).status_code == 201
        assert browser.answer("123456").status_code == 401
    assert vodka.rows("SELECT count(*) AS codes FROM questions WHERE code_mac IS NOT NULL") == [{"codes": 100}]
    assert {event["subject"] for event in vodka.events("alarm.guessing")} == {"everywhere"}


@pytest.fixture
def under_attack(start: Start) -> VodkaUnderTest:
    """A vodka whose breaker trips at three wrong answers."""
    return start(limits=UNLIMITED_ANSWERS | {"wrong_answers_overall": 3})


def test_ask_34_while_the_breaker_is_open_strangers_get_a_link_and_known_devices_a_code(
    under_attack: VodkaUnderTest,
) -> None:
    """Link-only letters for unknown devices; who logged in before notices nothing."""
    own = under_attack.signed_in(CAMILLE)
    browser, code = asked(under_attack, ROBIN)
    guess_wrong(browser, code, 3)
    own.log_in(CAMILLE)
    stranger = under_attack.browser(ip="198.51.100.1")
    stranger.ask(CAMILLE)
    assert not any(line.strip().isdigit() for line in stranger.letter().body("plain").splitlines())
    page = stranger.get("/login/code")
    assert page.status_code == 200
    assert 'name="attempt"' not in page.text
    assert stranger.get(stranger.link()).status_code == 303


def test_ask_34_the_breaker_closes_after_an_hour(freezer: FrozenDateTimeFactory, under_attack: VodkaUnderTest) -> None:
    """One wrong answer fewer within the hour, and letters hold codes again."""
    browser, code = asked(under_attack, ROBIN)
    guess_wrong(browser, code, 3)
    freezer.tick(3599)
    browser.ask(ROBIN)
    assert under_attack.rows("SELECT count(*) AS n FROM questions WHERE code_mac IS NULL") == [{"n": 1}]
    freezer.tick(31)
    browser.log_in(ROBIN)


@pytest.mark.parametrize("failures", [2, 3], ids=["one below", "at the limit"])
def test_ans_15_the_limit_holds_exactly(start: Start, failures: int) -> None:
    """With a limit of three failures the right code after two works, after three it does not."""
    vodka = start(limits={"failures_per_address": 3})
    browser, code = asked(vodka)
    guess_wrong(browser, code, failures)
    assert browser.answer(code).status_code == (200 if failures < 3 else 401)


def test_ans_15_refusals_are_written_down_by_kind(start: Start) -> None:
    """The audit tells wrong, stopped and dead answers apart, which the answer itself never does."""
    vodka = start(limits={"failures_per_address": 1})
    browser, code = asked(vodka)
    refused = {browser.answer(attempt).text for attempt in (wrong(code), code)}
    browser.set_cookie("QUESTION_ID", "D" * 43)
    refused.add(browser.answer(code).text)
    assert len(refused) == 1
    kinds = vodka.rows("SELECT kind, subject FROM audit_events WHERE kind LIKE 'answer.%' ORDER BY id")
    assert [(row["kind"], row["subject"]) for row in kinds] == [
        ("answer.wrong", CAMILLE),
        ("answer.stopped", CAMILLE),
        ("answer.dead", ""),
    ]
