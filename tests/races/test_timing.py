"""Whether a mailbox exists cannot be read from the answer to an ask, nor from the time that it takes (ASK-23)."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from itertools import accumulate
from math import exp, sqrt
from statistics import median

import pytest

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, NOBODY, VodkaUnderTest

ENDLESS = 1_000_000
LIFTED = {
    "resend_interval": 0,
    "mails_per_client_ip": ENDLESS,
    "mails_per_address_quarter": ENDLESS,
    "mails_per_address_hour": ENDLESS,
    "mails_per_address_day": ENDLESS,
}


@pytest.fixture
def vodka(start: Start) -> VodkaUnderTest:
    """Without limits; of the two mailboxes one belongs to an account that logged in before, the other bounces."""
    lifted = start(limits=LIFTED)
    lifted.smtp.script.refused = (NOBODY,)
    lifted.signed_in(CAMILLE)
    return lifted


def test_ask_23_the_answer_is_the_same_for_a_mailbox_that_is_none(vodka: VodkaUnderTest) -> None:
    """Status, body and header names, before and after the bounce."""
    for _ in range(2):
        known, unknown = vodka.browser().ask(CAMILLE), vodka.browser().ask(NOBODY)
        assert known.status_code == unknown.status_code == 201
        assert known.data == unknown.data
        assert list(known.headers.keys()) == list(unknown.headers.keys())
        vodka.deliver()
    assert (
        vodka.rows("SELECT drop_reason FROM outbox_mails WHERE to_address = :to", to=NOBODY)[0]["drop_reason"]
        is not None
    )


@pytest.mark.long
def test_ask_23_the_time_is_the_same_for_a_mailbox_that_is_none(vodka: VodkaUnderTest) -> None:
    """2 × 5,000 asks in turn: medians less than 1 ms apart, and no difference that a Kolmogorov–Smirnov test sees (p > 0.01).

    Where nothing differs, one comparison in a hundred fails all the same: so a second one may have its say.
    """
    verdicts = []
    while len(verdicts) < 2 and not any(verdicts):
        known, unknown = _times(vodka, 5_000)
        assert abs(median(known) - median(unknown)) < 0.001
        verdicts.append(likelihood(known, unknown) > 0.01)
    assert any(verdicts)


def test_the_likelihood_tells_samples_apart() -> None:
    """Two halves of one sequence look alike, shifted ones do not; the value at 1.36 is the textbook's 0.05."""
    alike = [number % 997 / 997 for number in range(5_000)]
    assert likelihood(alike[::2], alike[1::2]) > 0.5
    assert likelihood(alike, [value + 0.05 for value in alike]) < 0.01
    assert abs(_tail(1.358) - 0.05) < 0.001


def _times(vodka: VodkaUnderTest, number: int) -> tuple[list[float], list[float]]:
    """Seconds that each ask took; the two mailboxes take turns, and so does who is first."""
    browser = vodka.browser()
    times: dict[str, list[float]] = {CAMILLE: [], NOBODY: []}
    gc.disable()
    try:
        for turn in range(number):
            if turn % 100 == 0:
                vodka.write("DELETE FROM tallies")  # a thousand hits in an hour would be slow for both
            for email in (CAMILLE, NOBODY) if turn % 2 else (NOBODY, CAMILLE):
                begun = time.perf_counter()
                answer = browser.ask(email)
                times[email].append(time.perf_counter() - begun)
                assert answer.status_code == 201
    finally:
        gc.enable()
    return times[CAMILLE], times[NOBODY]


def likelihood(one: Sequence[float], other: Sequence[float]) -> float:
    """How likely two samples of one distribution differ as much as these: the two-sample Kolmogorov–Smirnov test."""
    steps = sorted([(value, 1 / len(one)) for value in one] + [(value, -1 / len(other)) for value in other])
    distance = max(abs(total) for total in accumulate(step for _, step in steps))
    return _tail(distance * sqrt(len(one) * len(other) / (len(one) + len(other))))


def _tail(x: float) -> float:
    """Kolmogorov's distribution: the probability of more than x, for large samples."""
    return (
        min(1.0, max(0.0, 2 * sum((-1) ** (k - 1) * exp(-2 * k * k * x * x) for k in range(1, 101))))
        if x > 0.2
        else 1.0
    )
