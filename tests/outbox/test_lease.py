"""One worker at a time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from freezegun import freeze_time
from sqlalchemy import text

from vodka.db import commit, execute
from vodka.outbox.lease import Lease

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("context")


@pytest.mark.parametrize(("seconds", "taken"), [(29, False), (30, True)], ids=["the second before", "at its end"])
def test_a_dead_holders_lease_is_taken_over_at_its_end(seconds: int, taken: bool) -> None:
    """`worker_lease` seconds after the last renewal, and not before."""
    with freeze_time(NOON) as time:
        assert Lease("worker", 30).hold()
        time.tick(seconds)
        assert Lease("worker", 30).hold() is taken


def test_a_living_holder_keeps_the_lease() -> None:
    """Renewed after a third of its time, again and again."""
    first, second = Lease("worker", 30), Lease("worker", 30)
    with freeze_time(NOON) as time:
        for _ in range(20):
            assert first.hold()
            assert not second.hold()
            time.tick(7)


def test_a_holder_that_overslept_learns_that_it_lost_the_lease() -> None:
    """Whoever comes back late does not work beside the one who took over, and gives nothing of theirs away."""
    first, second = Lease("worker", 30), Lease("worker", 30)
    with freeze_time(NOON) as time:
        assert first.hold()
        time.tick(45)
        assert second.hold()
        assert not first.hold()
        first.release()
        assert not Lease("worker", 30).hold()


def test_a_released_lease_is_free_at_once() -> None:
    """A restart does not wait for the end of the lease."""
    first = Lease("worker", 30)
    assert first.hold()
    first.release()
    assert Lease("worker", 30).hold()


def test_leases_of_different_names_do_not_meet() -> None:
    """Each name has its own holder."""
    assert Lease("worker", 30).hold()
    assert Lease("another", 30).hold()


def test_a_young_lease_asks_nothing_of_the_database() -> None:
    """The loop may ask twice a second: only after a third of the time does it cost a write."""
    lease = Lease("worker", 30)
    with freeze_time(NOON) as time:
        assert lease.hold()
        execute(text("UPDATE worker_leases SET holder = 'another'"))
        commit()
        time.tick(9)
        assert lease.hold()
        time.tick(1)
        assert not lease.hold()
