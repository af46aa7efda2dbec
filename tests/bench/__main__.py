"""`make bench`: CPU and latency per request of vodka beside a bare Flask route, on one core, in interleaved rounds.

Only ratios within one run carry over to another machine.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import oauth, operations
from tests.bench.operations import APPLICATION, DOMAIN, OWNER, REDIRECT
from tests.bench.processes import ROOT, DidNotStart, Server
from tests.bench.rounds import Result, run_all
from tests.servers.components import free_port

MANY = "1000000000"
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
)
LIFTED = (
    "MAILS_PER_ADDRESS_QUARTER",
    "MAILS_PER_ADDRESS_HOUR",
    "MAILS_PER_ADDRESS_DAY",
    "DATA_REQUESTS_PER_MINUTE",
)


def bare_environment() -> dict[str, str]:
    """This process's environment without any setting of vodka."""
    return {name: value for name, value in os.environ.items() if not name.startswith("VODKA_")}


def vodka_environment(folder: Path, port: int) -> dict[str, str]:
    """A vodka of its own: development profile, SQLite, no directory, and limits that one client will not reach."""
    settings = {
        "PROFILE": "development",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "INSTANCE_DIR": str(folder / "instance"),
        "DIRECTORY": "none",
        "TRUSTED_PROXIES": "127.0.0.0/8",  # each request comes from a client of its own, so that no tally grows
        "LIMITS__RESEND_INTERVAL": "0",
        **{f"LIMITS__{name}": MANY for name in LIFTED},
    }
    return bare_environment() | {f"VODKA_{name}": value for name, value in settings.items()}


def command(environment: dict[str, str], *words: str) -> str:
    """Run one `vodka` command; what it said. Raises DidNotStart with the end of that."""
    run = [sys.executable, "-m", "vodka", *words]
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise DidNotStart(f"`vodka {' '.join(words[:2])}` failed: {said[-1] if said else done.returncode}")
    return done.stdout


def start_bare(folder: Path, core: int, stack: ExitStack) -> Server:
    """The bare route, running."""
    port = free_port()
    serve = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    serve += ["--blocking-threads", "1", "--no-ws", "tests.bench.bare:app"]
    server = Server(serve, core, folder / "bare.log", bare_environment(), port)
    stack.callback(server.stop)
    server.start("/")
    return server


def start_vodka(folder: Path, core: int, stack: ExitStack) -> Server:
    """vodka with a verified website, running; no worker, as its CPU is not counted and its mails would go nowhere."""
    port = free_port()
    environment = vodka_environment(folder, port)
    command(environment, "db", "upgrade")
    described = ("--owner", OWNER, "--name", "Bench", "--description", "Measures vodka", "--verified")
    command(environment, "site", "add", DOMAIN, *described)
    described = ("--name", "Bench", "--redirect-uri", REDIRECT, "--grant", "client_credentials")
    made = command(environment, "client", "add", DOMAIN, *described)
    said = command(environment, "application", "add", DOMAIN, APPLICATION)
    serve = ["vodka", "serve", "--port", str(port), "--workers", "1", "--threads", "1", "--no-worker"]
    server = Server(serve, core, folder / "vodka.log", environment, port)
    server.secret = said.split()[-1]
    stack.callback(server.stop)
    server.start("/.well-known/jwks.json")
    server.client = dict(re.findall(r"(client_id|client_secret)\s+(\S+)", made.replace("secret ", "client_secret ")))
    return server


def print_results(results: list[Result]) -> None:
    """The table: CPU per request, latency, ratio to bare, and whether the aim is met."""
    bare = next((result.cpu for result in results if result.operation.name == "bare" and result.cpu_ms), None)
    print(f"{'operation':<14}{'ms CPU':>9}{'p50 ms':>9}{'p99 ms':>9}{'× bare':>8}{'aim':>7}  requests")
    for result in results:
        operation = result.operation
        if result.trouble or not result.cpu_ms:
            print(f"{operation.name:<14}cannot run: {result.trouble}")
            continue
        ratio = result.cpu / bare if bare else None
        row = f"{operation.name:<14}{result.cpu:>9.3f}{result.latency(50):>9.2f}{result.latency(99):>9.2f}"
        row += f"{ratio:>8.1f}" if ratio else f"{'':>8}"
        row += f"{operation.aim:>7.1f}" if operation.aim else f"{'':>7}"
        missed = ratio is not None and operation.aim is not None and ratio > operation.aim
        print(f"{row}  {len(result.latencies)}{'  aim missed' if missed else ''}")


def main() -> None:
    """Start both servers, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.2, help="length of a round")
    parser.add_argument("only", nargs="*", help="names of operations; bare is always measured")
    chosen = parser.parse_args()
    wanted = [kind() for kind in OPERATIONS if not chosen.only or kind.name in {*chosen.only, "bare"}]

    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    servers: dict[str, Server] = {}
    with tempfile.TemporaryDirectory(prefix="vodka-bench-") as name, ExitStack() as stack:
        for kind, start in (("bare", start_bare), ("vodka", start_vodka)):
            try:
                servers[kind] = start(Path(name), cores[0], stack)
            except DidNotStart as reason:
                print(f"{kind} did not start: {reason}", file=sys.stderr)
        results = run_all(wanted, servers, chosen.rounds, chosen.seconds)
        print_results(results)
        for kind, server in servers.items():
            memory = f"worker's peak {server.peak_rss():.1f} MiB resident, its share {server.share():.1f} MiB"
            print(f"{kind}: first answer after {server.start_seconds:.2f} s; {memory}")


if __name__ == "__main__":
    main()
