"""The breaker: a directory that is down is left alone, and tried again."""

from __future__ import annotations

import time
from datetime import timedelta
from ipaddress import ip_network
from threading import Event, Thread

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from tests.servers.directory import DirectoryServer
from vodka import clock
from vodka.adapters.breaker import Breaker
from vodka.adapters.directory import Finding, Outcome
from vodka.adapters.directory_choice import build_directory
from vodka.adapters.fetch import Fetcher
from vodka.limits import Limits

WHO = "camille.exemple@epfl.ch"


class Scripted:
    """A Directory that answers what it is told, and counts."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.asked = 0

    def find(self, email: str) -> Finding:  # noqa: ARG002 - the script says it all
        self.asked += 1
        return Finding(self.outcomes.pop(0), clock.now())


DOWN, NOBODY = Outcome.UNAVAILABLE, Outcome.UNKNOWN


def outcomes(breaker: Breaker, times: int) -> list[Outcome]:
    return [breaker.find(WHO).outcome for _ in range(times)]


@pytest.fixture
def frozen() -> FrozenDateTimeFactory:
    """Time that moves only when the test says so."""
    with freeze_time("2026-09-14 08:00:00") as moving:
        yield moving


def test_dir_07_after_failures_in_a_row_nobody_is_asked(frozen: FrozenDateTimeFactory) -> None:
    """The third failure of three closes it; the directory has its peace."""
    directory = Scripted(DOWN, DOWN, DOWN)
    assert outcomes(Breaker(directory, 3, 30), 5) == [DOWN] * 5
    assert directory.asked == 3


def test_an_answer_in_between_starts_the_count_anew(frozen: FrozenDateTimeFactory) -> None:
    """Only failures in a row count."""
    directory = Scripted(DOWN, DOWN, NOBODY, DOWN, DOWN, NOBODY)
    assert outcomes(Breaker(directory, 3, 30), 6) == [DOWN, DOWN, NOBODY, DOWN, DOWN, NOBODY]


def test_after_the_pause_one_trial_is_let_through(frozen: FrozenDateTimeFactory) -> None:
    """A second before the end nobody is; if the trial succeeds everybody is again."""
    directory = Scripted(DOWN, DOWN, NOBODY, DOWN, NOBODY)
    breaker = Breaker(directory, 2, 30)
    assert outcomes(breaker, 3) == [DOWN, DOWN, DOWN]
    frozen.tick(timedelta(seconds=29))
    assert outcomes(breaker, 1) == [DOWN]
    assert directory.asked == 2
    frozen.tick(timedelta(seconds=1))
    assert outcomes(breaker, 3) == [NOBODY, DOWN, NOBODY]


def test_a_failed_trial_begins_the_pause_anew(frozen: FrozenDateTimeFactory) -> None:
    """One look-up per pause, as long as the outage lasts."""
    directory = Scripted(DOWN, DOWN, DOWN, NOBODY)
    breaker = Breaker(directory, 2, 30)
    outcomes(breaker, 2)
    frozen.tick(timedelta(seconds=30))
    assert outcomes(breaker, 3) == [DOWN, DOWN, DOWN]
    assert directory.asked == 3
    frozen.tick(timedelta(seconds=30))
    assert outcomes(breaker, 1) == [NOBODY]


def test_while_the_trial_runs_nobody_else_is_let_through(frozen: FrozenDateTimeFactory) -> None:
    """Many people at once do not pile up behind a directory that hangs."""
    begun, goes_on = Event(), Event()

    class Hanging(Scripted):
        def find(self, email: str) -> Finding:
            if self.asked == 1:
                begun.set()
                goes_on.wait(30)
            return super().find(email)

    directory = Hanging(DOWN, NOBODY)
    breaker = Breaker(directory, 1, 30)
    outcomes(breaker, 1)
    frozen.tick(timedelta(seconds=30))
    trial = Thread(target=breaker.find, args=(WHO,))
    trial.start()
    assert begun.wait(30)
    assert outcomes(breaker, 2) == [DOWN, DOWN]
    goes_on.set()
    trial.join()
    assert directory.asked == 2


def test_dir_07_f_14_a_hanging_directory_costs_its_time_five_times_at_most() -> None:
    """Each of the first look-ups ends in time; those after them end at once."""
    limits = Limits(directory_timeout=0.1)
    with DirectoryServer() as server:
        server.behave = "hang"
        directory = build_directory("search-api", server.url, Fetcher((ip_network("127.0.0.0/8"),)), limits)
        for _ in range(limits.breaker_failures):
            assert directory.find(WHO).outcome is DOWN
        took = []
        for _ in range(3):  # the best of three: a busy machine may stop any of them
            started = time.monotonic()
            assert directory.find(WHO).outcome is DOWN
            took.append(time.monotonic() - started)
        assert min(took) < 0.05
        assert len(server.asked) == 5
