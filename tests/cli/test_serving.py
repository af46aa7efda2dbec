"""`vodka serve`, `worker` and `healthcheck`, as processes of their own."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from pytest_httpserver import HTTPServer

from tests.cli.conftest import MakeShell, Shell
from tests.races.served import ROOT, end, served
from tests.servers.components import free_port, wait_until
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import CAMILLE, VodkaUnderTest
from vodka.serve import Beside


def test_key_05_serve_refuses_to_start_without_secrets(make_shell: MakeShell) -> None:
    """Each reason in a sentence, exit code 2, nothing listens."""
    ended = make_shell(secret_key=None, pepper=None).spawn("serve", "--port", str(free_port()))
    assert ended.returncode == 2
    assert [line.split()[0] for line in ended.stderr.splitlines()] == ["VODKA_SECRET_KEY", "VODKA_PEPPER"]


def test_serve_refuses_to_start_on_a_schema_that_is_out_of_date(make_shell: MakeShell, tmp_path: Path) -> None:
    """In production an upgrade is an operator's own act; what to do is said, and nothing is changed."""
    ended = make_shell().spawn("serve", "--port", str(free_port()))
    assert ended.returncode == 1
    assert ended.stderr == "Error: The database is not up to date: run `vodka db upgrade`.\n"
    assert make_shell().spawn("keys", "list").returncode != 0


def test_serve_says_so_when_its_port_is_taken(shell: Shell) -> None:
    """A sentence, exit code 2, and the mail worker ends as well."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = shell.spawn("serve", "--port", address.partition(":")[2])
    assert ended.returncode == 2
    assert f"Cannot listen on {address}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_serve_listens_on_a_unix_socket_without_a_worker(shell: Shell, tmp_path: Path) -> None:
    """As behind nginx on one machine, with the mails left to a `vodka worker` elsewhere."""
    path = tmp_path / "vodka.sock"
    command = [sys.executable, "-m", "vodka", "serve", "--uds", str(path), "--no-worker"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=shell.environment, stdout=log, stderr=log, start_new_session=True
        )
    wait_until(lambda: _status_at(path) == 200, process, (tmp_path / "log").read_text)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children]
    assert not [command for command in commands if b"worker" in command]
    assert end(process) == 0


def test_healthcheck_is_zero_only_while_vodka_is_ready(shell: Shell, tmp_path: Path, smtp: SmtpServer) -> None:
    """Up: nothing said. Down: a word on standard error, exit code 1."""
    with served(tmp_path, smtp) as house:
        assert shell.run("healthcheck", "--port", str(house.port)).output == ""
    refused = shell.run("healthcheck", "--port", str(house.port), fails=SystemExit)
    assert (refused.exit_code, refused.stderr) == (1, "no answer: ConnectionRefusedError\n")


def test_healthcheck_is_not_content_with_any_answer(shell: Shell, httpserver: HTTPServer) -> None:
    """A 503 is not ready."""
    httpserver.expect_request("/healthz/ready").respond_with_data("", 503)
    refused = shell.run("healthcheck", "--port", str(httpserver.port), fails=SystemExit)
    assert (refused.exit_code, refused.stderr) == (1, "not ready: 503\n")


def test_serve_ends_when_told_to_while_it_starts(make_shell: MakeShell, shell: Shell, tmp_path: Path) -> None:
    """A worker that is told to end before it can hear it holds nothing up: all is over within a container's ten seconds."""
    log, port = tmp_path / "log", free_port()
    command = [sys.executable, "-m", "vodka", "serve", "--port", str(port), "--workers", "4"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=shell.environment, stdout=file, stderr=file, start_new_session=True
        )
    wait_until(lambda: "Started worker-" in log.read_text(), process, log.read_text)
    assert end(process) == 0


def test_the_worker_sends_what_waits_and_ends_when_told(shell: Shell, vodka: VodkaUnderTest, smtp: SmtpServer) -> None:
    """A process of its own, on the same database; SIGTERM ends it with exit code 0."""
    assert vodka.browser().ask(CAMILLE).status_code == 201
    command = [sys.executable, "-m", "vodka", "worker"]
    process = subprocess.Popen(command, cwd=ROOT, env=shell.environment, start_new_session=True)
    assert smtp.wait(1, 30)[0].to == [CAMILLE]
    assert end(process) == 0


def test_what_serve_logs_names_no_query(shell: Shell, tmp_path: Path, smtp: SmtpServer) -> None:
    """Redirects, states and magic links stay out of the log."""
    with served(tmp_path, smtp) as house:
        assert house.visitor().get("/login?redirect=https://very.secret.epfl.ch/").status == 200
        assert house.visitor().get("/link/very-secret-link").status == 404
    assert not re.search("very.secret", house.log.read_text())


def test_a_program_beside_the_server_that_does_not_end_is_ended(tmp_path: Path) -> None:
    """What hears no SIGTERM gets its time, and no more."""
    ready = tmp_path / "ready"
    deaf = f"import signal, pathlib; signal.signal(15, signal.SIG_IGN); pathlib.Path({str(ready)!r}).touch(); signal.pause()"
    beside = Beside([sys.executable, "-c", deaf])
    wait_until(ready.exists, beside.process)
    beside.stop(0.1)
    assert beside.process.returncode == -signal.SIGKILL


def _status_at(path: Path) -> int:
    """The status of /healthz/live at a unix socket."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(path))
            line.sendall(b"GET /healthz/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return int(line.recv(4096).split()[1])
    except OSError:
        return 0
