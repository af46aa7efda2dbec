"""An ask that waited for the counter's lock is counted at the moment when it got it, not when it began to wait (ASK-06)."""

from __future__ import annotations

import threading
from struct import pack

import psycopg
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.servers.postgres import PostgresCluster
from vodka import clock
from vodka.limits import Limits

ALLOWED = Limits().mails_per_client_ip
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def test_ask_06_after_a_wait_for_the_lock_retry_after_is_within_the_hour(
    freezer: FrozenDateTimeFactory, start: Start, postgres: PostgresCluster
) -> None:
    """Others used the limit up during the wait, two seconds later than it began: 3,600 seconds to go, not 3,602."""
    url = postgres.create_database()
    vodka = start(database_url=url)
    assert vodka.browser().ask("first@epfl.ch").status_code == 201
    answers: list[int] = []

    def ask() -> None:
        answer = vodka.browser().ask("second@epfl.ch")
        answers.extend([answer.status_code, int(answer.headers.get("Retry-After", 0))])

    with psycopg.connect(url) as others, psycopg.connect(url, autocommit=True) as watching:
        others.execute("UPDATE tallies SET touched_at = touched_at")
        asking = threading.Thread(target=ask)
        asking.start()
        while watching.execute(WAITING).fetchone() == (0,):
            assert asking.is_alive()
        freezer.tick(2)
        others.execute("UPDATE tallies SET hits = %s", [pack(f">{ALLOWED}I", *[clock.epoch()] * ALLOWED)])
        others.commit()
        asking.join()
    assert answers == [429, 3600]
