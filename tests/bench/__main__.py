"""`make bench`: CPU and latency per request of vodka beside a bare Flask route, on one core, in interleaved rounds.

Each server has one worker. Forward-auth is asked directly and through nginx, beside another OpenID Provider too: there nginx
(one worker) and the server share the first core, the client and the application behind nginx the last; CPU is counted apart.
Only ratios within one run carry over to another machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import behind, oauth, operations
from tests.bench.operations import Operation
from tests.bench.rounds import run_all
from tests.bench.starting import start_all
from tests.bench.table import table

OPERATIONS = (
    operations.Bare,
    operations.Jwks,
    oauth.Discovery,
    operations.Ask,
    operations.AnswerRight,
    operations.ConsentPage,
    operations.Accept,
    operations.Data,
    operations.Home,
    operations.Logout,
    operations.Status,
    oauth.ClientCredentials,
    oauth.Authorize,
    oauth.CodeToTokens,
    oauth.Refresh,
    oauth.UserInfo,
    oauth.Introspection,
    behind.NginxBare,
    behind.NginxPeer,
    behind.NginxStatus,
    behind.NginxCached,
)


def chosen_ones(names: list[str]) -> list[Operation]:
    """The operations of these names and those that they are measured beside; all where there is no name."""
    kinds: list[type[Operation]] = [*OPERATIONS]
    wanted = {"bare", *names} if names else {kind.name for kind in kinds}
    beside = {other for kind in kinds if kind.name in wanted for other in (kind.beside, kind.peer)}
    return [kind() for kind in kinds if kind.name in wanted | beside]


def main() -> None:
    """Start the servers, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.2, help="length of a round")
    parser.add_argument("only", nargs="*", help="names of operations; what they are measured beside is measured too")
    asked = parser.parse_args()
    wanted = chosen_ones(asked.only)

    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    with tempfile.TemporaryDirectory(prefix="vodka-bench-") as name, ExitStack() as stack:
        running = start_all(wanted, Path(name), cores, stack)
        for line in table(run_all(wanted, running, asked.rounds, asked.seconds)):
            print(line)
        for kind, server in running.servers.items():
            memory = f"worker's peak {server.peak_rss():.1f} MiB resident, its share {server.share():.1f} MiB"
            print(f"{kind}: first answer after {server.start_seconds:.2f} s; {memory}")


if __name__ == "__main__":
    main()
