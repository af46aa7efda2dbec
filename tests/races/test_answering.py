"""Many answer at once: five comparisons for each question, one session for each code (ANS-03, ANS-05, ANS-06)."""

from __future__ import annotations

import pytest

from tests.races.served import Served, Visitor, tally, together
from tests.vodka_under_test import wrong
from vodka.limits import Limits

TRIES = Limits().attempts_per_question


@pytest.mark.parametrize("answers", [6, 20])
def test_ans_03_parallel_wrong_answers_are_compared_five_times(house: Served, answers: int) -> None:
    """All are refused alike, five were looked at, and the right code is worth nothing afterwards."""
    _guess(house, answers, trials=3)


@pytest.mark.long
@pytest.mark.parametrize("answers", [6, 20])
def test_ans_03_a_thousand_times(house: Served, answers: int) -> None:
    """The same, 500 times with six and 500 times with twenty."""
    _guess(house, answers, trials=500)


@pytest.mark.parametrize("answers", [pytest.param(2, id="ans_05 two"), pytest.param(50, id="ans_06 fifty")])
def test_ans_05_ans_06_parallel_right_answers_open_one_session(house: Served, answers: int) -> None:
    """One 200, one session, one login in the audit; the others are refused as if the code had never been."""
    _answer_rightly(house, answers, trials=3)


@pytest.mark.long
@pytest.mark.parametrize(
    ("answers", "trials"),
    [pytest.param(2, 500, id="ans_05 two, 500 times"), pytest.param(50, 50, id="ans_06 fifty, 50 times")],
)
def test_ans_05_ans_06_many_times(house: Served, answers: int, trials: int) -> None:
    """The same, often."""
    _answer_rightly(house, answers, trials)


def _guess(house: Served, answers: int, trials: int) -> None:
    for _ in range(trials):
        guesser, email = _asked(house)
        code = house.code(email)
        refused = together(house.port, [guesser.answer_call(wrong(code))] * answers)
        assert tally(refused) == {401: answers}
        assert len({answer.body for answer in refused}) == 1
        assert _events(house, "answer.wrong", email) == TRIES
        assert guesser.answer(code).status == 401


def _answer_rightly(house: Served, answers: int, trials: int) -> None:
    for _ in range(trials):
        person, email = _asked(house)
        results = together(house.port, [person.answer_call(house.code(email))] * answers)
        assert tally(results) == {200: 1, 401: answers - 1}
        assert [answer.status for answer in results if "__Host-SESSION_ID" in answer.cookies] == [200]
        sessions = "SELECT s.digest FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = :email"
        assert len(house.vodka.rows(sessions, email=email)) == 1
        assert _events(house, "login", email) == 1


def _asked(house: Served) -> tuple[Visitor, str]:
    """A browser that waits for the code of a mailbox of its own."""
    visitor = house.visitor()
    email = f"{visitor.ip.replace('.', '-')}@epfl.ch"
    assert visitor.ask(email).status == 201
    return visitor, email


def _events(house: Served, kind: str, email: str) -> int:
    counted = "SELECT COUNT(*) AS number FROM audit_events WHERE kind = :kind AND subject = :email"
    return int(house.vodka.rows(counted, kind=kind, email=email)[0]["number"])
