"""The worker: sends what the outbox holds and does the chores, in a process of its own or in a thread of the server.

Any number may run; a lease lets one of them work, and another takes over soon after it died.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from vodka import clock
from vodka.db import commit
from vodka.limits import Limits
from vodka.outbox.delivery import Delivery
from vodka.outbox.lease import Lease

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chore:
    """Something to be done every `interval` seconds, and once at the start; the worker commits after it.

    `alone`: it has a thread of its own, so that no long chore makes it wait.
    """

    name: str
    interval: int
    run: Callable[[], object]
    alone: bool = False


def step_by_step(steps: Callable[[], Iterable[object]]) -> Callable[[], None]:
    """What a chore of many steps runs: each is committed by itself, before the next one begins."""

    def run() -> None:
        for _ in steps():
            commit()

    return run


class Worker:
    """Delivers mails and does chores, each in a thread of its own, so that slow look-ups delay no login code.

    `scope` (the application's `app_context`) is entered anew for every piece of work: each has its own database
    session, and one that failed is thrown away with it.
    """

    def __init__(
        self,
        scope: Callable[[], AbstractContextManager[object]],
        delivery: Delivery,
        chores: Sequence[Chore],
        limits: Limits,
    ) -> None:
        self._scope = scope
        self._delivery = delivery
        self._chores = chores
        self._lease = Lease("worker", limits.worker_lease)
        self._pause = limits.worker_pause
        self._retry = timedelta(seconds=limits.worker_lease)
        self._leading = threading.Event()
        self._due: dict[str, datetime] = {}
        self._failing: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, then leave within about a second, whatever hangs."""
        together = [chore for chore in self._chores if not chore.alone]
        for chores in (together, *([chore] for chore in self._chores if chore.alone)):
            threading.Thread(target=self._keep_house, args=(stop, chores), name="chores", daemon=True).start()
        while not stop.is_set():
            self._attempt("delivery", self.deliver)
            self._delivery.wait(self._pause)
        self._attempt("leaving", self.leave)

    def deliver(self) -> None:
        """One look at the outbox, if this worker has the lease."""
        if not self._lease.hold():
            self._leading.clear()
            self._delivery.settle()
            return
        self._leading.set()
        self._delivery.step()

    def leave(self) -> None:
        """Write down what is still to be written, and let the next worker in."""
        self._leading.clear()
        if self._delivery.settle():
            self._delivery.wait(self._pause)  # most sends are over in less; one that hangs is sent again by the next
            self._delivery.settle()
        self._lease.release()

    def do_chores(self, chores: Sequence[Chore] | None = None) -> None:
        """Do each of these chores that is due, or of all, if this worker has the lease; one that failed is due again soon."""
        for chore in self._chores if chores is None else chores:
            is_due = chore.name not in self._due or clock.is_over(self._due[chore.name])
            if is_due and self._leading.is_set():
                done = self._attempt(chore.name, chore.run)
                self._due[chore.name] = clock.now() + (timedelta(seconds=chore.interval) if done else self._retry)

    def _keep_house(self, stop: threading.Event, chores: Sequence[Chore]) -> None:
        while not stop.wait(self._pause):
            self.do_chores(chores)

    def _attempt(self, name: str, work: Callable[[], object]) -> bool:
        """Do one piece of work and commit it; whatever goes wrong is logged once, and the worker goes on."""
        try:
            with self._scope():
                work()
                commit()
        except Exception:
            if name not in self._failing:
                _log.exception("%s failed and will be tried again", name)
            self._failing.add(name)
            return False
        if name in self._failing:
            _log.warning("%s works again", name)
        self._failing.discard(name)
        return True


def run_until_signal(worker: Worker) -> None:
    """`vodka worker`: work until SIGTERM or SIGINT. To be called in the main thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # In another thread: handlers run in the main one, which must not be inside the Event that they set.
    working = threading.Thread(target=worker.run, args=(stop,), name="worker")
    working.start()
    working.join()
