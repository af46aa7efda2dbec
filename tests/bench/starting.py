"""The servers under measurement, each started with all that its operations need; what cannot start says why."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.fronts import NOTHING, Front, asking, start_front
from tests.bench.operations import APPLICATION, DOMAIN, OWNER, REDIRECT, Operation
from tests.bench.processes import ROOT, DidNotStart, Server
from tests.servers.components import find, free_port
from tests.servers.nginx import cached
from vodka.handoff.status import PATH

MANY = "1000000000"
LIFTED = (
    "MAILS_PER_ADDRESS_QUARTER",
    "MAILS_PER_ADDRESS_HOUR",
    "MAILS_PER_ADDRESS_DAY",
    "DATA_REQUESTS_PER_MINUTE",
)
ASKED = {"bare": "/", "peer": "/check", "vodka": PATH, "cached": PATH}  # by each front
BEHIND = {"bare": "bare", "peer": "peer", "vodka": "vodka", "cached": "vodka"}


@dataclass
class Running:
    """What has started, by name, and why the rest has not."""

    servers: dict[str, Server] = field(default_factory=dict)
    fronts: dict[str | None, Front] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def trouble(self, operation: Operation) -> str:
        """Why this operation cannot be measured; empty where it can."""
        wanted = (
            [operation.server] if operation.front is None else [operation.server, f"nginx before {operation.front}"]
        )
        return next((f"{name} did not start: {self.reasons[name]}" for name in wanted if name in self.reasons), "")


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
    serve = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    serve += ["--workers", "1", "--blocking-threads", "1", "--no-ws", "tests.bench.bare:app"]
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
    serve = [sys.executable, "-m", "vodka", "serve", "--port", str(port), "--workers", "1", "--threads", "1"]
    server = Server([*serve, "--no-worker"], core, folder / "vodka.log", environment, port)
    server.secret = said.split()[-1]
    stack.callback(server.stop)
    server.start("/.well-known/jwks.json")
    server.client = dict(re.findall(r"(client_id|client_secret)\s+(\S+)", made.replace("secret ", "client_secret ")))
    return server


def start_peer(folder: Path, core: int, stack: ExitStack) -> Server:
    """oidc-provider, running; it asks for Node.js 22, and does with the last ones of 20."""
    node = find("node")
    if node is None:
        raise DidNotStart("node is not installed")
    if not (ROOT / "tests" / "node_modules" / "oidc-provider").is_dir():
        raise DidNotStart("oidc-provider is not installed: npm ci --prefix tests")
    port = free_port()
    serve = [node, str(Path(__file__).with_name("peer.mjs")), str(port)]
    server = Server(serve, core, folder / "peer.log", bare_environment(), port)
    stack.callback(server.stop)
    server.start("/.well-known/openid-configuration")
    return server


STARTS = {"bare": start_bare, "vodka": start_vodka, "peer": start_peer}


def start_all(operations: Collection[Operation], folder: Path, cores: list[int], stack: ExitStack) -> Running:
    """Everything that these operations need: the servers and nginx on the first core, the application on the last."""
    running = Running()
    for kind in sorted({operation.server for operation in operations}):
        try:
            running.servers[kind] = STARTS[kind](folder, cores[0], stack)
        except DidNotStart as reason:
            running.reasons[kind] = str(reason)
    wanted = sorted({operation.front for operation in operations if operation.front is not None})
    wanted = [front for front in wanted if BEHIND[front] in running.servers]
    for front in wanted:
        try:
            _start_front(running, front, folder, cores, stack)
        except DidNotStart as reason:
            running.reasons[f"nginx before {front}"] = str(reason)
    return running


def _start_front(running: Running, front: str, folder: Path, cores: list[int], stack: ExitStack) -> None:
    application = start_front(folder / f"application-{front}", NOTHING, cores[-1], stack)
    server = running.servers[BEHIND[front]]
    inside = asking(server.site.port, ASKED[front], application, server.secret)
    if front == "cached":
        inside = cached(inside, folder / "kept", str(urlsplit(APPLICATION).hostname))
    running.fronts[front] = start_front(folder / f"nginx-{front}", inside, cores[0], stack)
