"""Interleaved rounds: every operation in turn, again and again, so that a slow minute of the machine touches all alike."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from statistics import median, quantiles

from tests.bench.client import Connection
from tests.bench.operations import CannotRun, Context, Operation
from tests.bench.processes import Server

LANES = 3  # enough that the one thread of the server never waits for the client


@dataclass
class Result:
    """What the rounds of one operation gave; `trouble` says why there is nothing, when there is nothing."""

    operation: Operation
    cpu_ms: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    trouble: str = ""

    @property
    def cpu(self) -> float:
        """Median over the rounds of the server's CPU per request, in ms."""
        return median(self.cpu_ms)

    def latency(self, percent: int) -> float:
        """A percentile of the latency, in ms."""
        return quantiles(self.latencies, n=100)[percent - 1] * 1000


def run_round(result: Result, server: Server, context: Context, seconds: float) -> None:
    """Measure one round of one operation, after its preparation; raises CannotRun or OSError."""
    operation = result.operation
    operation.prepare(context)
    lanes = [Connection(server.site.port) for _ in range(LANES)]
    before = server.cpu_seconds()
    latencies = keep_busy(operation, lanes, seconds)
    used = server.cpu_seconds() - before
    for lane in lanes:
        lane.close()
    result.cpu_ms.append(used / len(latencies) * 1000)
    result.latencies += latencies


def keep_busy(operation: Operation, lanes: list[Connection], seconds: float) -> list[float]:
    """Send requests for so many seconds, one under way on each lane, and return how long each took to be answered."""
    waiting: deque[tuple[Connection, float]] = deque()
    latencies: list[float] = []
    numbers = count()
    now = time.perf_counter()
    end = now + seconds
    free = deque(lanes)
    while True:
        while free and now < end and (request := operation.request(next(numbers))) is not None:
            free[0].send(request)
            waiting.append((free.popleft(), now))
        if not waiting:
            return latencies
        lane, sent = waiting.popleft()
        answer = lane.receive()
        now = time.perf_counter()
        if answer.status != operation.status:
            raise CannotRun(f"answered {answer.status} instead of {operation.status}: {answer.body[:160]!r}")
        latencies.append(now - sent)
        free.append(lane)


def run_all(operations: list[Operation], servers: dict[str, Server], rounds: int, seconds: float) -> list[Result]:
    """All rounds of all operations; an operation that cannot run is left out from then on, with its reason."""
    results = [Result(operation) for operation in operations]
    contexts = {
        name: Context(server.site, Connection(server.site.port), client=server.client, secret=server.secret)
        for name, server in servers.items()
    }
    for number in range(rounds + 1):  # round 0 warms up and is forgotten
        for result in results:
            name = result.operation.server
            if name not in servers:
                result.trouble = f"{name} did not start"
            if result.trouble:
                continue
            try:
                run_round(result, servers[name], contexts[name], seconds)
            except (CannotRun, OSError, ValueError, KeyError) as reason:
                result.trouble = f"{type(reason).__name__}: {reason}"
        if number == 0:
            for result in results:
                result.cpu_ms.clear()
                result.latencies.clear()
    return results
