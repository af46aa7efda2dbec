"""The loop: it delivers, does its chores, survives errors, works alone and stops when told."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import text

from tests.outbox.house import LIMITS, codes, delivery, mailer, promise
from tests.servers.smtp import SmtpServer
from vodka import clock
from vodka.adapters.mail import Mailer
from vodka.db import commit, execute
from vodka.outbox import store
from vodka.outbox.lease import Lease
from vodka.worker import Chore, Worker, run_until_signal


class Heard(logging.Handler):
    """Lets a test wait for what the worker says."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._changed = threading.Condition()

    def emit(self, record: logging.LogRecord) -> None:
        with self._changed:
            self.said.append(record.getMessage())
            self._changed.notify_all()

    def wait(self, message: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: message in self.said, 10), self.said


@pytest.fixture
def log() -> Iterator[Heard]:
    heard = Heard()
    logging.getLogger("vodka.worker").addHandler(heard)
    yield heard
    logging.getLogger("vodka.worker").removeHandler(heard)


def worker(app: Flask, mailer: Mailer | None, chores: Sequence[Chore] = ()) -> Worker:
    return Worker(app.app_context, delivery(mailer), chores, LIMITS)


@contextmanager
def running(worker: Worker) -> Iterator[threading.Event]:
    """The worker in a thread; it has to leave within a second of being told."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(1)
        assert not thread.is_alive()


def promise_in(app: Flask, code: str) -> None:
    with app.app_context():
        promise(code=code)


def test_the_worker_sends_what_is_promised_while_it_runs(app: Flask) -> None:
    """Mails from before its start and from after it; then it has nothing left to do."""
    with SmtpServer() as smtp:
        promise_in(app, "000001")
        with running(worker(app, mailer(smtp))):
            smtp.wait(1)
            promise_in(app, "000002")
            assert codes(smtp.wait(2)) == ["000001", "000002"]
    with app.app_context():
        assert store.oldest_waiting() is None


def test_a_worker_that_stops_leaves_the_lease_to_the_next(app: Flask) -> None:
    """While another holds the lease nothing is sent; once it is given back, the work begins."""
    with SmtpServer() as smtp, app.app_context():
        other = Lease("worker", 30)
        assert other.hold()
        promise(code="000001")
        chore_ran = threading.Event()
        with running(worker(app, mailer(smtp), [Chore("purge", 60, chore_ran.set)])):
            assert not chore_ran.wait(0.2)
            assert smtp.letters == []
            other.release()
            smtp.wait(1)
            assert chore_ran.wait(10)
        assert other.hold()


def test_a_worker_that_lost_its_lease_still_writes_down_what_it_sent(app: Flask) -> None:
    """The lease went while a mail was under way: it counts as sent, and the next worker does not send it again."""
    with SmtpServer() as smtp:
        one = worker(app, mailer(smtp))
        promise_in(app, "000001")
        with app.app_context(), freeze_time(datetime(2027, 1, 1, tzinfo=UTC)) as time:
            promise(code="000001")
            one._deliver()
            smtp.wait(1)
            one._delivery.wait(10)
            time.tick(60)
            assert Lease("worker", 30).hold()
            one._deliver()
            assert [mail.sent_at is None for mail in store.list_recent(1)] == [False]


def test_f_24_a_worker_that_is_told_to_stop_finishes_what_is_under_way(app: Flask) -> None:
    """A send that takes a moment is written down before the worker leaves, so that nobody sends it again."""
    with SmtpServer(hang="final dot") as smtp:
        promise_in(app, "000001")
        patient = Worker(app.app_context, delivery(mailer(smtp, phase=0.2)), [], replace(LIMITS, worker_pause=0.4))
        with running(patient) as stop:
            smtp.wait_hanging()
            stop.set()
    with app.app_context():
        (mail,) = store.list_recent(1)
        assert mail.next_try_at is not None
        assert (mail.next_try_at - mail.created_at).total_seconds() < 10


def test_a_worker_stops_within_a_second_although_a_server_hangs(app: Flask) -> None:
    """`running` asserts the second; the mail stays claimed for the next worker."""
    with SmtpServer(hang="DATA") as smtp:
        promise_in(app, "000001")
        with running(worker(app, mailer(smtp))):
            smtp.wait_hanging()


def test_f_06_a_database_error_is_survived(app: Flask, log: Heard) -> None:
    """It is logged once, the worker goes on, and the mail is sent when the database is well again."""
    with SmtpServer() as smtp, app.app_context():
        execute(text("ALTER TABLE outbox_mails RENAME TO elsewhere"))
        commit()
        with running(worker(app, mailer(smtp))):
            log.wait("delivery failed and will be tried again")
            execute(text("ALTER TABLE elsewhere RENAME TO outbox_mails"))
            commit()
            log.wait("delivery works again")
            promise()
            smtp.wait(1)
    assert log.said.count("delivery failed and will be tried again") == 1


def test_a_chore_runs_at_the_start_and_then_at_its_interval(app: Flask) -> None:
    """Due at once, over again one interval later and not a second before."""
    runs: list[datetime] = []
    one = worker(app, None)
    chore = Chore("purge", 3600, lambda: runs.append(clock.now()))
    with freeze_time(datetime(2026, 9, 14, 12, 0, tzinfo=UTC)) as time:
        for seconds in (0, 3599, 1):
            time.tick(seconds)
            one._do(chore)
    assert [(moment - runs[0]).total_seconds() for moment in runs] == [0, 3600]


def test_a_chore_that_fails_is_tried_again_soon_and_stops_no_other(app: Flask, log: Heard) -> None:
    """A day is too long to wait after a failure; the lease's time is not."""
    one = worker(app, None)
    runs: list[str] = []

    def fails() -> None:
        runs.append("fails")
        raise ZeroDivisionError

    with freeze_time(datetime(2026, 9, 14, 12, 0, tzinfo=UTC)) as time:
        for seconds in (0, 29, 1):
            time.tick(seconds)
            one._do(Chore("recheck", 86400, fails))
            one._do(Chore("purge", 86400, lambda: runs.append("purge")))
    assert runs == ["fails", "purge", "fails"]
    assert log.said == ["recheck failed and will be tried again"]


def test_what_a_chore_wrote_is_committed(app: Flask) -> None:
    """Chores need not know about transactions."""
    promise_in(app, "000001")
    worker(app, None)._do(Chore("sweep", 60, lambda: execute(text("DELETE FROM outbox_mails"))))
    with app.app_context():
        assert store.list_recent(1) == []


def test_a_slow_chore_holds_up_no_mail(app: Flask) -> None:
    """A name server that does not answer delays no login code."""
    slow, release = threading.Event(), threading.Event()

    def chore() -> None:
        slow.set()
        release.wait(10)

    with SmtpServer() as smtp, running(worker(app, mailer(smtp), [Chore("recheck", 60, chore)])):
        assert slow.wait(10)
        promise_in(app, "000001")
        smtp.wait(1)
        release.set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_worker(app: Flask, number: signal.Signals) -> None:
    """`vodka worker` leaves by itself, with the lease given back."""
    before: dict[signal.Signals, Callable[..., object] | int | None] = {
        each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)
    }
    running = Chore("signal", 3600, lambda: os.kill(os.getpid(), number))
    try:
        run_until_signal(worker(app, None, [running]))
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)  # type: ignore[arg-type]
    with app.app_context():
        assert Lease("worker", 30).hold()
