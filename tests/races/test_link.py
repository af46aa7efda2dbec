"""One link is followed many times at once: one session, whoever else comes at the same moment (MAG-05)."""

from __future__ import annotations

import re

import pytest

from tests.races.served import Call, Served, Visitor, tally, together
from vodka.outbox import store as outbox


@pytest.mark.parametrize("clicks", [2, 50])
def test_mag_05_parallel_clicks_open_one_session(house: Served, clicks: int) -> None:
    """One 303 with a session; every other click finds the link used, and says so on a page."""
    _click(house, clicks, trials=3)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("clicks", "trials"), [(2, 4000), (5, 900), (50, 100)])
def test_mag_05_ten_thousand_races_have_one_winner_each(house: Served, clicks: int, trials: int) -> None:
    """The same, 5,000 times on each database."""
    _click(house, clicks, trials)


def test_mag_03_mag_05_code_and_link_at_the_same_moment_open_one_session(house: Served) -> None:
    """They are two ways of one mail: one of them wins, and neither waits for the other for ever."""
    _both_ways(house, trials=5)


@pytest.mark.long
def test_mag_03_mag_05_code_and_link_many_times(house: Served) -> None:
    """The same, 300 times."""
    _both_ways(house, trials=300)


@pytest.mark.parametrize("presses", [2, 20])
def test_not_me_is_said_once_however_many_press(house: Served, presses: int) -> None:
    """One 200 and one event; the others hear that nothing is left to stop."""
    for _ in range(3):
        person, mail = _asked(house)
        press = person.call("POST", _path(mail["not_me"]), kind="application/x-www-form-urlencoded")
        assert tally(together(house.port, [press] * presses)) == {200: 1, 404: presses - 1}
        assert _events(house, "not_me", person) == 1


def test_not_me_against_the_code_at_the_same_moment_has_one_outcome(house: Served) -> None:
    """Either the login was first, or the code is dead; it is never half of both, and nothing waits for ever."""
    for _ in range(5):
        person, mail = _asked(house)
        press = person.call("POST", _path(mail["not_me"]), kind="application/x-www-form-urlencoded")
        answered, pressed = together(house.port, [person.answer_call(mail["code"]), press])
        assert pressed.status == 200
        assert answered.status in (200, 401)
        assert _sessions(house, person) == (1 if answered.status == 200 else 0)


def _click(house: Served, clicks: int, trials: int) -> None:
    for _ in range(trials):
        person, mail = _asked(house)
        answers = together(house.port, [_follow(person, mail)] * clicks)
        assert [answer.status for answer in answers if "__Host-SESSION_ID" in answer.cookies] == [303]
        assert {answer.status for answer in answers} <= {303, 401, 404}
        assert _sessions(house, person) == 1
        assert _events(house, "login", person) == 1


def _both_ways(house: Served, trials: int) -> None:
    for _ in range(trials):
        person, mail = _asked(house)
        answers = together(house.port, [_follow(person, mail), person.answer_call(mail["code"])] * 2)
        winners = [answer.status for answer in answers if "__Host-SESSION_ID" in answer.cookies]
        assert len(winners) == 1
        assert {answer.status for answer in answers} <= {200, 303, 401, 404}
        assert _sessions(house, person) == 1


def _asked(house: Served) -> tuple[Visitor, dict[str, str]]:
    """A browser that has just asked for a mailbox of its own, and what stands in the mail."""
    person = house.visitor()
    assert person.ask(_email(person)).status == 201
    with house.vodka.app.app_context():
        mails = [mail for mail in outbox.list_recent(50) if mail.to_address == _email(person)]
        return person, outbox.open_context(house.vodka.means.vault, mails[0])


def _follow(person: Visitor, mail: dict[str, str]) -> Call:
    return person.call("GET", _path(mail["link"]))


def _path(link: str) -> str:
    found = re.fullmatch(r"https://[^/]+(/\S+)", link)
    assert found is not None
    return found[1]


def _email(person: Visitor) -> str:
    return f"{person.ip.replace('.', '-')}@epfl.ch"


def _sessions(house: Served, person: Visitor) -> int:
    living = "SELECT s.digest FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = :email"
    return len(house.vodka.rows(living, email=_email(person)))


def _events(house: Served, kind: str, person: Visitor) -> int:
    counted = "SELECT COUNT(*) AS number FROM audit_events WHERE kind = :kind AND subject = :email"
    return int(house.vodka.rows(counted, kind=kind, email=_email(person))[0]["number"])
