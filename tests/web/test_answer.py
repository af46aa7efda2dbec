"""POST /auth/answer (SPEC B): the right code opens one session in the browser that asked; everything else is one refusal."""

from __future__ import annotations

from itertools import pairwise

import pytest
from freezegun.api import FrozenDateTimeFactory
from redis import Redis

from tests.conftest import Start
from tests.guessing import UNLIMITED_MAIL, address_number, asked, guess_wrong, set_cookies
from tests.servers.redis import RedisServer
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, Browser, VodkaUnderTest, wrong
from vodka.limits import Limits


def test_ans_01_the_right_code_opens_a_session(vodka_on_each: VodkaUnderTest) -> None:
    """200 with SPEC's `User`, SESSION_ID set with every attribute, QUESTION_ID cleared."""
    browser, code = asked(vodka_on_each)
    response = browser.answer(code)
    assert response.status_code == 200
    assert response.text == '{"user":{"email":"camille.exemple@epfl.ch","firstName":"Camille","lastName":"Exemple"}}\n'
    cookies = set_cookies(response.headers.getlist("Set-Cookie"))
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=604800"} <= cookies["__Host-SESSION_ID"][1]
    assert cookies["__Host-QUESTION_ID"][0] == ""
    assert "Max-Age=0" in cookies["__Host-QUESTION_ID"][1]
    assert browser.cookie("QUESTION_ID") in (None, "")
    assert browser.get("/").status_code == 200


def test_ans_01_names_are_null_where_the_directory_knows_nobody(vodka: VodkaUnderTest) -> None:
    """SPEC's names are optional: they are there, and null."""
    browser, code = asked(vodka, NOBODY)
    assert browser.answer(code).json == {"user": {"email": NOBODY, "firstName": None, "lastName": None}}


def test_ans_02_the_right_code_after_five_wrong_ones_is_refused(
    freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest
) -> None:
    """Five times 401, then 401 for the right one, and for ever."""
    browser, code = asked(vodka_on_each)
    guess_wrong(browser, code, 5)
    assert browser.answer(code).status_code == 401
    freezer.tick(599)
    assert browser.answer(code).status_code == 401
    assert vodka_on_each.rows("SELECT attempts FROM questions") == [{"attempts": 5}]


def test_ans_02_the_right_code_after_four_wrong_ones_works(vodka: VodkaUnderTest) -> None:
    """The fifth attempt is the last one, and it counts."""
    browser, code = asked(vodka)
    guess_wrong(browser, code, 4)
    assert browser.answer(code).status_code == 200


def test_ans_07_a_code_works_once(vodka: VodkaUnderTest) -> None:
    """The same code with the same QUESTION_ID after success: 401, and no second session."""
    browser, code = asked(vodka)
    question = browser.cookie("QUESTION_ID")
    assert question is not None
    assert browser.answer(code).status_code == 200
    browser.set_cookie("QUESTION_ID", question)
    assert browser.answer(code).status_code == 401
    assert len(vodka.rows("SELECT 1 FROM sessions")) == 1


def test_ans_08_a_code_without_the_browser_that_asked_is_worth_nothing(vodka: VodkaUnderTest) -> None:
    """A browser without QUESTION_ID gets 401, and spends nothing of the question."""
    _, code = asked(vodka)
    assert vodka.browser().answer(code).status_code == 401
    assert vodka.rows("SELECT attempts FROM questions") == [{"attempts": 0}]


def test_ans_09_a_code_of_another_question_is_wrong_and_counts_against_that_question_only(
    vodka: VodkaUnderTest,
) -> None:
    """The code of A shown with the QUESTION_ID of B."""
    _, code_of_a = asked(vodka, CAMILLE)
    browser_of_b, code_of_b = asked(vodka, ROBIN)
    assert code_of_a != code_of_b, "one in a million"
    assert browser_of_b.answer(code_of_a).status_code == 401
    attempts = vodka.rows("SELECT email, attempts FROM questions ORDER BY email")
    assert attempts == [{"email": CAMILLE, "attempts": 0}, {"email": ROBIN, "attempts": 1}]


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(599, 200), (600, 401), (601, 401)],
    ids=["a second before its end", "at its end", "a second after its end"],
)
def test_ans_10_a_code_lives_for_ten_minutes(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, seconds: int, status: int
) -> None:
    """NIST SP 800-63B §5.1.3.2: an out-of-band secret is valid for at most ten minutes."""
    assert Limits().code_lifetime <= 600
    browser, code = asked(vodka)
    freezer.tick(seconds)
    assert browser.answer(code).status_code == status


def test_ans_11_the_code_of_a_replaced_question_is_dead(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Another browser asks for the same address: the first one's cookie and code no longer go together."""
    first, first_code = asked(vodka)
    freezer.tick(31)
    second, second_code = asked(vodka, ip="198.51.100.7")
    assert first.answer(first_code).status_code == 401
    assert second.answer(second_code).status_code == 200


ATTEMPTS: dict[str, object] = {
    "a number": 123456,
    "five digits": "12345",
    "seven digits": "1234567",
    "a space inside": "123 456",
    "a space in front": " 123456",
    "a line break at the end": "123456\n",
    "Arabic-Indic digits": "٠١٢٣٤٥",
    "full-width digits": "\uff10\uff11\uff12\uff13\uff14\uff15",
    "an exponent": "1e5",
    "a sign": "+12345",
    "null": None,
    "a list": ["123456"],
    "true": True,
    "an object": {"$ne": ""},
    "NUL inside": "12345\x00",
    "a lone surrogate": "12345\ud800",
    "nothing": "",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_ans_12_what_is_not_six_digits_is_refused_and_costs_no_attempt(vodka: VodkaUnderTest, attempt: object) -> None:
    """400, and the right code still works."""
    browser, code = asked(vodka)
    assert browser.answer(attempt).status_code == 400
    assert vodka.rows("SELECT attempts FROM questions") == [{"attempts": 0}]
    assert browser.answer(code).status_code == 200


def test_ans_12_a_code_with_a_leading_zero_works_as_text_only(start: Start) -> None:
    """Codes are compared as strings: without its zeros the same number is malformed."""
    vodka = start(limits=UNLIMITED_MAIL)
    browser, code = next(
        (browser, code)
        for browser, code in (asked(vodka, address_number(number)) for number in range(300))
        if code.startswith("0")
    )
    assert browser.answer(str(int(code))).status_code == 400
    assert browser.answer(int(code)).status_code == 400
    assert browser.answer(code).status_code == 200


def test_ans_14_a_restart_and_a_flush_of_redis_change_no_count(start: Start, redis_server: RedisServer) -> None:
    """Three wrong tries, everything but the database is gone, two more: then the question is exhausted."""
    before = start(redis_url=redis_server.url(3))
    browser, code = asked(before)
    guess_wrong(browser, code, 3)
    with Redis.from_url(redis_server.url(3)) as client:
        client.flushall()
    restarted = start(redis_url=redis_server.url(3)).browser()
    restarted.set_cookie("QUESTION_ID", browser.cookie("QUESTION_ID") or "")
    guess_wrong(restarted, code, 2)
    assert restarted.answer(code).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["another origin", "no origin to speak of", "the browser says cross-site"],
)
def test_ans_19_an_answer_from_another_site_opens_nothing(vodka: VodkaUnderTest, headers: dict[str, str]) -> None:
    """403 although the cookies of the victim are there; no session, no attempt spent."""
    browser, code = asked(vodka)
    response = browser.answer(code, headers=headers)
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers
    assert vodka.rows("SELECT 1 FROM sessions") == []
    assert vodka.rows("SELECT attempts FROM questions") == [{"attempts": 0}]


def test_ans_20_a_planted_session_is_replaced_and_dead(vodka: VodkaUnderTest) -> None:
    """A browser that carries an attacker's SESSION_ID gets another one at login, and the planted one is over."""
    attacker = vodka.signed_in(ROBIN)
    planted = attacker.cookie("SESSION_ID")
    victim = vodka.browser()
    victim.set_cookie("SESSION_ID", planted or "")
    victim.log_in(CAMILLE)
    assert victim.cookie("SESSION_ID") != planted
    assert CAMILLE in victim.get("/").text
    assert attacker.get("/").status_code == 303


def test_ans_20_each_login_of_a_browser_has_a_session_of_its_own(vodka: VodkaUnderTest) -> None:
    """Two logins in a row: the first session ends with the second, and the csrftoken is another one."""
    browser = vodka.signed_in()
    first = {name: browser.cookie(name) for name in ("SESSION_ID", "csrftoken")}
    browser.log_in()
    assert all(browser.cookie(name) != value for name, value in first.items())
    assert len(vodka.rows("SELECT 1 FROM sessions WHERE revoked_at IS NULL")) == 1


def test_ans_23_every_dead_question_gets_the_same_answer(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """None, unknown, wrong, consumed, replaced, exhausted and expired: one status, one body, one set of headers."""
    refused = {"none": vodka.browser().answer("123456")}
    stranger = vodka.browser()
    stranger.set_cookie("QUESTION_ID", "B" * 43)
    refused["unknown"] = stranger.answer("123456")
    browser, code = asked(vodka, ROBIN)
    question = browser.cookie("QUESTION_ID") or ""
    refused["wrong"] = browser.answer(wrong(code))
    browser.answer(code)
    browser.set_cookie("QUESTION_ID", question)
    refused["consumed"] = browser.answer(code)
    replaced, replaced_code = asked(vodka, NOBODY)
    freezer.tick(31)
    asked(vodka, NOBODY)
    refused["replaced"] = replaced.answer(replaced_code)
    exhausted, code = asked(vodka)
    guess_wrong(exhausted, code, 5)
    refused["exhausted"] = exhausted.answer(code)
    expired, code = asked(vodka, address_number(1))
    freezer.tick(600)
    refused["expired"] = expired.answer(code)
    answers = [(answer.status_code, answer.text, answer.headers.to_wsgi_list()) for answer in refused.values()]
    assert answers[0][0] == 401
    assert all(one == other for one, other in pairwise(answers))


BODIES = {
    "no attempt": b"{}",
    "the attempt twice": b'{"attempt": "123456", "attempt": "654321"}',
    "a key nobody knows": b'{"attempt": "123456", "question": "x"}',
    "not JSON": b"attempt=123456",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_ans_12_a_body_of_another_shape_is_refused(browser: Browser, body: bytes) -> None:
    """400, and the question is untouched."""
    browser.ask()
    assert browser.post("/auth/answer", data=body, content_type="application/json").status_code == 400
    assert browser.answer(browser.code()).status_code == 200


def test_ans_12_a_form_is_not_an_answer(browser: Browser) -> None:
    """415: a form could be sent from another site."""
    browser.ask()
    assert browser.post("/auth/answer", data={"attempt": browser.code()}).status_code == 415
