"""Interleaved rounds: every operation in turn, again and again, so that a slow minute of the machine touches all alike."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import count
from selectors import EVENT_READ, DefaultSelector
from statistics import median, quantiles
from typing import NoReturn

from tests.bench.client import TIMEOUT, Connection
from tests.bench.fronts import Front
from tests.bench.operations import CannotRun, Context, Operation
from tests.bench.processes import Server
from tests.bench.starting import Running


@dataclass
class Result:
    """What the rounds of one operation gave; `trouble` says why there is nothing, when there is nothing."""

    operation: Operation
    cpu_ms: list[float] = field(default_factory=list)
    front_ms: list[float] = field(default_factory=list)  # of the proxy before the server, where there is one
    latencies: list[float] = field(default_factory=list)
    trouble: str = ""

    @property
    def cpu(self) -> float:
        """Median over the rounds of the server's CPU per request, in ms."""
        return median(self.cpu_ms)

    @property
    def front(self) -> float | None:
        """The same of the proxy before it."""
        return median(self.front_ms) if self.front_ms else None

    def latency(self, percent: int) -> float:
        """A percentile of the latency, in ms."""
        return quantiles(self.latencies, n=100)[percent - 1] * 1000


def run_round(result: Result, server: Server, front: Front | None, context: Context, seconds: float) -> None:
    """Measure one round of one operation, after its preparation; raises CannotRun or OSError."""
    operation = result.operation
    operation.prepare(context)
    lanes = [Connection(front.port if front else server.site.port) for _ in range(operation.lanes)]
    before, before_it = server.cpu_seconds(), front.cpu_seconds() if front else 0.0
    latencies = keep_busy(operation, lanes, seconds)
    result.cpu_ms.append((server.cpu_seconds() - before) / len(latencies) * 1000)
    if front:
        result.front_ms.append((front.cpu_seconds() - before_it) / len(latencies) * 1000)
    for lane in lanes:
        lane.close()
    result.latencies += latencies


def keep_busy(operation: Operation, lanes: list[Connection], seconds: float) -> list[float]:
    """Send requests for so many seconds, one under way on each lane, and return how long each took to be answered."""
    latencies: list[float] = []
    sent: dict[Connection, float] = {}
    numbers = count()
    with DefaultSelector() as selector:
        end = time.perf_counter() + seconds

        def send(lane: Connection) -> None:
            now = time.perf_counter()
            if now < end and (request := operation.request(next(numbers))) is not None:
                sent[lane] = now
                lane.send(request)

        for lane in lanes:
            selector.register(lane, EVENT_READ)
            send(lane)
        while sent:
            for key, _ in selector.select(TIMEOUT) or silence():
                lane = key.fileobj
                assert isinstance(lane, Connection)
                latencies.append(answered(operation, lane) - sent.pop(lane))
                send(lane)
    return latencies


def answered(operation: Operation, lane: Connection) -> float:
    """When the answer that counts was read; raises CannotRun for any other."""
    answer = lane.receive()
    if answer.status != operation.status:
        raise CannotRun(f"answered {answer.status} instead of {operation.status}: {answer.body[:160]!r}")
    return time.perf_counter()


def silence() -> NoReturn:
    """Nobody answers any more."""
    raise CannotRun(f"no answer in {TIMEOUT:.0f} s")


def run_all(operations: list[Operation], running: Running, rounds: int, seconds: float) -> list[Result]:
    """All rounds of all operations; an operation that cannot run is left out from then on, with its reason."""
    results = [Result(operation, trouble=running.trouble(operation)) for operation in operations]
    contexts = {
        name: Context(server.site, Connection(server.site.port), client=server.client, secret=server.secret)
        for name, server in running.servers.items()
    }
    for number in range(rounds + 1):  # round 0 warms up and is forgotten
        for result in results:
            if result.trouble:
                continue
            name, front = result.operation.server, result.operation.front
            try:
                run_round(result, running.servers[name], running.fronts.get(front), contexts[name], seconds)
            except (CannotRun, OSError, ValueError, KeyError) as reason:
                result.trouble = f"{type(reason).__name__}: {reason}"
        if number == 0:
            for result in results:
                result.cpu_ms.clear()
                result.front_ms.clear()
                result.latencies.clear()
    return results
