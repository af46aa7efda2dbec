"""The table: CPU per request of the server and of nginx, latency, ratios, and which aims were missed."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.rounds import Result

HEADS = ("ms CPU", "nginx", "p50 ms", "p99 ms", "× bare", "aim", "× peer", "aim")


def table(results: list[Result]) -> Iterator[str]:
    """Line after line."""
    measured = {result.operation.name: result for result in results if not result.trouble and result.cpu_ms}
    yield f"{'operation':<14}{''.join(f'{head:>9}' for head in HEADS)}  requests"
    for result in results:
        name = result.operation.name
        yield row(result, measured) if name in measured else f"{name:<14}cannot run: {result.trouble}"


def row(result: Result, measured: dict[str, Result]) -> str:
    """One operation."""
    operation, slow = result.operation, result.latency(99)
    ratio, peer = ratio_of(result, measured.get(operation.beside)), ratio_of(result, measured.get(operation.peer or ""))
    aimed = ((ratio, operation.aim), (peer, operation.peer_aim), (slow, operation.slowest))
    missed = any(value is not None and aim is not None and value > aim for value, aim in aimed)
    cells = (
        *(cell(result.cpu, 3), cell(result.front, 3), cell(result.latency(50), 2), cell(slow, 2)),
        *(cell(ratio, 2), cell(operation.aim, 1), cell(peer, 2), cell(operation.peer_aim, 1)),
    )
    return f"{operation.name:<14}{''.join(cells)}  {len(result.latencies)}{'  aim missed' if missed else ''}"


def ratio_of(result: Result, other: Result | None) -> float | None:
    """How many times the CPU of another operation this one takes."""
    return result.cpu / other.cpu if other is not None and other.cpu else None


def cell(value: float | None, digits: int) -> str:
    """A number in its column, or nothing."""
    return f"{'':>9}" if value is None else f"{value:>9.{digits}f}"
