"""One worker at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from vodka.outbox import store
from vodka.outbox.lease import Lease

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def time() -> Iterator[FrozenDateTimeFactory]:
    with freeze_time(datetime(2026, 9, 14, 12, 0, tzinfo=UTC)) as frozen:
        yield frozen  # type: ignore[misc]


@pytest.mark.parametrize(("seconds", "taken"), [(29, False), (30, True)], ids=["the second before", "at its end"])
def test_a_dead_holders_lease_is_taken_over_at_its_end(time: FrozenDateTimeFactory, seconds: int, taken: bool) -> None:
    """`worker_lease` seconds after the last renewal, and not before."""
    assert Lease("worker", 30).hold()
    time.tick(seconds)
    assert Lease("worker", 30).hold() is taken


def test_a_living_holder_keeps_the_lease(time: FrozenDateTimeFactory) -> None:
    """Renewed after a third of its time, again and again."""
    first, second = Lease("worker", 30), Lease("worker", 30)
    for _ in range(20):
        assert first.hold()
        assert not second.hold()
        time.tick(7)


def test_a_holder_that_overslept_learns_that_it_lost_the_lease(time: FrozenDateTimeFactory) -> None:
    """Whoever comes back late does not work beside the one who took over, and gives nothing of theirs away."""
    first, second = Lease("worker", 30), Lease("worker", 30)
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


def test_a_lease_that_is_young_asks_nothing_of_the_database(time: FrozenDateTimeFactory) -> None:
    """The loop may ask twice a second: only after a third of the time is it a write."""
    lease = Lease("worker", 30)
    assert lease.hold()
    store.end_lease("worker", lease._holder)
    time.tick(9)
    assert lease.hold()
    assert Lease("worker", 30).hold()
    time.tick(1)
    assert not lease.hold()
