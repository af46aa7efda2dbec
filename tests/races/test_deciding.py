"""Accept is clicked more than once: one consent page is good for one token (TOK-22)."""

from __future__ import annotations

import pytest

from tests.races.served import Served, together
from tests.vodka_under_test import CAMILLE, SITE


@pytest.mark.parametrize("clicks", [2, 20])
def test_tok_22_accept_clicked_in_parallel_mints_one_token(house: Served, clicks: int) -> None:
    """One 303 that carries a token; the other clicks find the page used up; one consent, one release, one event."""
    _click(house, clicks, trials=3)


@pytest.mark.long
@pytest.mark.parametrize(("clicks", "trials"), [(2, 200), (20, 50)])
def test_tok_22_many_times(house: Served, clicks: int, trials: int) -> None:
    """The same, often."""
    _click(house, clicks, trials)


def _click(house: Served, clicks: int, trials: int) -> None:
    house.vodka.site()
    student = house.signed_in(CAMILLE)
    before = _written(house)
    for trial in range(1, trials + 1):
        click = house.decision_call(student, f"https://{SITE}/cb")
        answers = together(house.port, [click] * clicks)
        carrying = [answer for answer in answers if "token=" in answer.headers.get("location", "")]
        assert [answer.status for answer in carrying] == [303]
        assert sorted(answer.status for answer in answers) == [303] + [410] * (clicks - 1)
        assert _written(house) == [number + trial for number in before]


def _written(house: Served) -> list[int]:
    """Consents, releases and minted tokens so far."""
    tables = ("consents", "releases", "audit_events WHERE kind = 'token.minted'")
    return [int(house.vodka.rows(f"SELECT COUNT(*) AS number FROM {table}")[0]["number"]) for table in tables]
