"""The mail server is down or hangs: asking for a code does not notice (ASK-24, F-01, F-02)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.races.served import Served, served
from tests.servers.smtp import SmtpServer

ASKS = 5


@pytest.fixture
def house(tmp_path: Path, smtp: SmtpServer) -> Iterator[Served]:
    """A served vodka whose mail server misbehaves as the test tells it, and behaves again in the end."""
    with served(tmp_path, smtp) as started:
        yield started
    smtp.reset()


def _ask(house: Served) -> None:
    """Five people ask; each hears 201, as fast as ever."""
    answers = [house.visitor().ask(f"asks.{number}@epfl.ch") for number in range(ASKS)]
    assert [answer.status for answer in answers] == [201] * ASKS
    assert median(answer.seconds for answer in answers) < 0.5


def test_ask_24_f_02_a_mail_server_that_hangs_holds_up_no_answer(house: Served) -> None:
    """One connection hangs at the dot: 201 within half a second, and the four other mails arrive meanwhile."""
    house.smtp.reset(hang="final dot", hangs=1)
    _ask(house)
    house.smtp.wait_hanging()
    arrived = {letter.to[0] for letter in house.smtp.wait(ASKS - 1)}
    assert len(arrived) == ASKS - 1


def test_f_01_a_mail_server_that_is_down_holds_up_no_answer(house: Served) -> None:
    """201 within half a second; the mails wait, and are sent once the server is back; health and sessions are unaffected."""
    student = house.signed_in("was.here@epfl.ch")
    house.smtp.wait(1)
    house.smtp.refuse_connections()
    _ask(house)
    assert student.get("/").status == 200
    assert student.get("/healthz/ready").status == 200
    house.smtp.listen()
    arrived = sorted(letter.to[0] for letter in house.smtp.wait(1 + ASKS, 30)[1:])
    assert arrived == [f"asks.{number}@epfl.ch" for number in range(ASKS)]
