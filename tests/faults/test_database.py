"""The database is away or busy: nothing is acknowledged, nobody is let in on a signature alone, and it passes by itself."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.races.served import Answer, Served, served
from tests.servers.components import wait_until
from tests.servers.postgres import PostgresCluster
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import CAMILLE, ROBIN

INNER = ("Traceback", "psycopg", "sqlite", "sqlalchemy", "SELECT", "127.0.0.1", "tallies", CAMILLE)


@pytest.fixture
def on_postgres(tmp_path: Path, smtp: SmtpServer, postgres: PostgresCluster) -> Iterator[Served]:
    """A served vodka on PostgreSQL."""
    with served(tmp_path, smtp, database_url=postgres.create_database()) as house:
        yield house


@pytest.fixture
def on_sqlite(tmp_path: Path, smtp: SmtpServer) -> Iterator[Served]:
    """A served vodka on SQLite."""
    with served(tmp_path, smtp) as house:
        yield house


@contextmanager
def away(cluster: PostgresCluster) -> Iterator[None]:
    """Without a database for a while."""
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()


def assert_says_later(answer: Answer) -> None:
    """503, when to come back, in the shape of the surface, and nothing of what is inside."""
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert not [word for word in INNER if word in answer.text]
    assert "set-cookie" not in answer.headers


def test_f_06_ses_11_without_a_database_every_act_is_a_503(on_postgres: Served, postgres: PostgresCluster) -> None:
    """JSON and pages alike, a genuine session cookie alone opens nothing, and the refusal does not take long."""
    student, waits = on_postgres.signed_in(CAMILLE), on_postgres.visitor()
    assert waits.ask("waits.here@epfl.ch").status == 201
    with away(postgres):
        asked, data, home = on_postgres.visitor().ask(ROBIN), student.get("/data?domain=site.epfl.ch"), student.get("/")
        answers = [asked, data, home, student.get("/authorize?redirect=https://site.epfl.ch/"), waits.answer("123456")]
        answers += [student.get("/auth/logout"), student.get("/healthz/ready")]
        for answer in answers:
            assert_says_later(answer)
        assert asked.headers["content-type"] == data.headers["content-type"] == "application/json"
        assert home.headers["content-type"].startswith("text/html")
        assert min(answer.seconds for answer in answers) < 0.1
        assert student.get("/healthz/live").status == 200
        assert student.get("/static/css/vodka.css").status == 200


def test_f_06_f_08_when_the_database_is_back_so_is_vodka(on_postgres: Served, postgres: PostgresCluster) -> None:
    """Within two seconds and without a restart: the session holds, nothing was half done, and asking works."""
    student = on_postgres.signed_in(CAMILLE)
    with away(postgres):
        assert_says_later(on_postgres.visitor().ask(ROBIN))
    begun = time.monotonic()
    _wait_for(on_postgres)
    assert time.monotonic() - begun < 2
    assert student.get("/").status == 200
    assert on_postgres.visitor().ask(ROBIN).status == 201
    mails = "SELECT COUNT(*) AS number FROM outbox_mails WHERE to_address = :to"
    assert on_postgres.vodka.rows(mails, to=ROBIN) == [{"number": 1}]


def test_f_08_a_crash_of_the_database_loses_nothing_that_was_acknowledged(
    on_postgres: Served, postgres: PostgresCluster
) -> None:
    """The logout before the crash holds after it, and so does the session that was not ended (D1, D4)."""
    stays, leaves = on_postgres.signed_in(CAMILLE), on_postgres.signed_in(ROBIN)
    cookie = dict(leaves.cookies)
    assert leaves.get("/auth/logout").status == 200
    postgres.kill()
    postgres.start()
    _wait_for(on_postgres)
    leaves.cookies = cookie
    assert leaves.get("/").status == 303
    assert stays.get("/").status == 200


def test_f_11_while_another_process_writes_to_sqlite_reads_go_on_and_writes_wait(on_sqlite: Served) -> None:
    """A write waits three seconds and is a 503 then; when the lock is gone it works, without a restart."""
    student = on_sqlite.signed_in(CAMILLE)
    assert student.get("/").status == 200
    url = on_sqlite.vodka.means.settings.database_url
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = on_sqlite.visitor().ask(ROBIN)
        assert_says_later(refused)
        assert 2.5 < refused.seconds < 4.5
        assert student.get("/").status == 200
        assert student.get("/.well-known/jwks.json").status == 200
        other.execute("ROLLBACK")
    assert on_sqlite.visitor().ask(ROBIN).status == 201


def _wait_for(house: Served) -> None:
    assert isinstance(house.process, subprocess.Popen)
    wait_until(house.is_ready, house.process)
