"""The loop: it delivers, does its chores, survives errors, works alone and stops when told."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import text

from tests.outbox.house import LIMITS, codes, delivery, mailer, promise, the_mail
from tests.servers.smtp import SmtpServer
from vodka import clock
from vodka.adapters.mail import Mailer
from vodka.db import commit, execute, rollback
from vodka.outbox import store
from vodka.outbox.lease import Lease
from vodka.worker import Chore, Worker, run_until_signal

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


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


def test_a_worker_without_the_lease_does_nothing(app: Flask) -> None:
    """While another holds the lease: no mail, no chore. Once it is given back: both."""
    runs: list[str] = []
    with SmtpServer() as smtp, app.app_context():
        one = worker(app, mailer(smtp), [Chore("purge", 60, lambda: runs.append("purge"))])
        other = Lease("worker", 30)
        assert other.hold()
        promise()
        one.deliver()
        one.do_chores()
        assert the_mail().tries == 0
        assert runs == []
        other.release()
        one.deliver()
        one.do_chores()
        smtp.wait(1)
        assert runs == ["purge"]


def test_a_chore_alone_waits_for_no_other(app: Flask) -> None:
    """A chore that hangs holds up those beside it, and not the one that has a thread of its own."""
    hanging, done = threading.Event(), threading.Event()
    chores = [
        Chore("long", 60, lambda: hanging.wait(60)),
        Chore("prompt", 60, done.set, alone=True),
    ]
    with running(worker(app, None, chores)):
        try:
            assert done.wait(10)
            assert not hanging.is_set()
        finally:
            hanging.set()


def test_a_worker_that_stops_leaves_the_lease_to_the_next(app: Flask) -> None:
    """A restart sends on at once."""
    with SmtpServer() as smtp:
        for number in (1, 2):
            promise_in(app, f"00000{number}")
            with running(worker(app, mailer(smtp))):
                smtp.wait(number)


def test_a_worker_that_lost_its_lease_still_writes_down_what_it_sent(app: Flask) -> None:
    """The lease went while a mail was under way: it counts as sent, and the next worker does not send it again."""
    with SmtpServer() as smtp, app.app_context(), freeze_time(NOON) as time:
        sending = delivery(mailer(smtp))
        one = Worker(app.app_context, sending, [], LIMITS)
        promise()
        one.deliver()
        sending.wait(10)
        time.tick(60)
        assert Lease("worker", 30).hold()
        one.deliver()
    with app.app_context():
        assert the_mail().sent_at == NOON + timedelta(seconds=60)


def test_a_worker_that_leaves_finishes_what_is_under_way(app: Flask) -> None:
    """A send that ends in a moment is written down first, so that the next worker knows of it."""
    with app.app_context(), SmtpServer(hang="final dot") as smtp:
        one = Worker(app.app_context, delivery(mailer(smtp)), [], replace(LIMITS, worker_pause=10.0))
        promise()
        one.deliver()
        smtp.wait_hanging()
        cut = threading.Timer(0.05, smtp.refuse_connections)
        cut.start()
        one.leave()
        cut.join()
        smtp.listen()
        mail = the_mail()
    assert mail.next_try_at is not None
    assert (mail.next_try_at - mail.created_at).total_seconds() < 10, "a retry after 2 s, no longer the claim"


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
    """Due at once, due again one interval later and not a second before."""
    runs: list[datetime] = []
    one = worker(app, None, [Chore("purge", 3600, lambda: runs.append(clock.now()))])
    with app.app_context(), freeze_time(NOON) as time:
        for seconds in (0, 3599, 1):
            time.tick(seconds)
            one.deliver()
            one.do_chores()
    assert runs == [NOON, NOON + timedelta(seconds=3600)]


def test_a_chore_that_fails_is_tried_again_soon_and_stops_no_other(app: Flask, log: Heard) -> None:
    """A day is too long to wait after a failure; the lease's time is not."""
    runs: list[str] = []

    def fails() -> None:
        runs.append("recheck")
        raise ZeroDivisionError

    one = worker(app, None, [Chore("recheck", 86400, fails), Chore("purge", 86400, lambda: runs.append("purge"))])
    with app.app_context(), freeze_time(NOON) as time:
        for seconds in (0, 29, 1):
            time.tick(seconds)
            one.deliver()
            one.do_chores()
    assert runs == ["recheck", "purge", "recheck"]
    assert log.said == ["recheck failed and will be tried again"]


def test_what_a_chore_wrote_is_committed(app: Flask) -> None:
    """Chores need not know about transactions."""
    one = worker(app, None, [Chore("sweep", 60, lambda: execute(text("DELETE FROM outbox_mails")))])
    with app.app_context():
        promise()
        one.deliver()
        one.do_chores()
        rollback()
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
    chore = Chore("signal", 3600, lambda: os.kill(os.getpid(), number))
    try:
        run_until_signal(worker(app, None, [chore]))
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    with app.app_context():
        assert Lease("worker", 30).hold()
