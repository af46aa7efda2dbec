"""Many ask at once: the limit on mails holds on four worker processes as on one (ASK-06, CVE-2023-47111)."""

from __future__ import annotations

import pytest

from tests.races.served import Served, tally, together
from vodka.limits import Limits

ALLOWED = Limits().mails_per_client_ip


@pytest.mark.parametrize("asks", [7, 20])
def test_ask_06_parallel_asks_of_one_client_bring_exactly_six_mails(house: Served, asks: int) -> None:
    """From one address, for as many mailboxes as there are asks: six 201, six mails, the others are told when to come back."""
    _race(house, asks, trials=3)


@pytest.mark.long
@pytest.mark.parametrize("asks", [7, 20])
def test_ask_06_a_hundred_times(house: Served, asks: int) -> None:
    """The same, 100 times."""
    _race(house, asks, trials=100)


def _race(house: Served, asks: int, trials: int) -> None:
    promised = "SELECT COUNT(*) AS mails FROM outbox_mails"
    before, letters = house.vodka.rows(promised)[0]["mails"], len(house.smtp.letters)
    for trial in range(1, trials + 1):
        asker = house.visitor()
        mailboxes = [f"{asker.ip.replace('.', '-')}.{number}@epfl.ch" for number in range(asks)]
        answers = together(house.port, [asker.ask_call(mailbox) for mailbox in mailboxes])
        assert tally(answers) == {201: ALLOWED, 429: asks - ALLOWED}
        waits = sorted(int(answer.headers["retry-after"]) for answer in answers if answer.status == 429)
        assert 0 < waits[0] <= waits[-1] <= 3600, waits
        assert len({answer.cookies.get("__Host-QUESTION_ID") for answer in answers if answer.status == 201}) == ALLOWED
        assert house.vodka.rows(promised)[0]["mails"] - before == ALLOWED * trial
    house.smtp.wait(letters + ALLOWED * trials, 60)
    assert len(house.smtp.letters) == letters + ALLOWED * trials
