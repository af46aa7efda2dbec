"""Processes come, go and race: counters stay, one schema is made, and a client that leaves leaves nothing half done."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.races.served import HOST, ROOT, Call, Served, common_settings, environment_of, served
from tests.servers.components import wait_until
from tests.servers.postgres import PostgresCluster
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import CAMILLE, VodkaUnderTest, running, wrong
from vodka.settings import Settings


@pytest.fixture
def house(tmp_path: Path, smtp: SmtpServer) -> Iterator[Served]:
    """A served vodka."""
    with served(tmp_path, smtp, "--workers", "2", limits={"worker_lease": 3}) as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with nothing in it, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'vodka.db'}"
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return cluster.create_database()


def test_ans_14_a_restart_between_tries_forgets_no_try(house: Served) -> None:
    """Three wrong answers, a restart, two more: the right code comes too late."""
    person = house.visitor()
    assert person.ask(CAMILLE).status == 201
    code = house.code(CAMILLE)
    assert [person.answer(wrong(code)).status for _ in range(3)] == [401] * 3
    house.stop()
    house.start()
    assert house.vodka.rows("SELECT attempts FROM questions") == [{"attempts": 3}]
    assert [person.answer(wrong(code)).status for _ in range(2)] == [401] * 2
    assert person.answer(code).status == 401
    assert house.vodka.rows("SELECT attempts FROM questions") == [{"attempts": 5}]


def test_f_19_workers_that_are_killed_come_back_and_sessions_stay(house: Served) -> None:
    """kill -9 of every process below `vodka serve`: the web workers and the mail worker are replaced, and logging in works."""
    student = house.signed_in(CAMILLE)
    house.smtp.wait(1)
    assert house.process is not None
    for pid in _children(house.process.pid):
        os.kill(pid, signal.SIGKILL)
    wait_until(house.is_ready, house.process, house.log.read_text)
    assert student.get("/").status == 200
    assert house.visitor().ask("next.one@epfl.ch").status == 201
    assert house.smtp.wait(2, 60)[1].to == ["next.one@epfl.ch"]


def test_f_33_a_client_that_leaves_in_mid_answer_leaves_nothing_half_done(house: Served) -> None:
    """The line is cut after the request: a session exists exactly if the code was used up, and the next try is answered.

    Whether the server still takes up what a client left behind is its own affair; half of it is what may not happen.
    """
    person = house.visitor()
    assert person.ask(CAMILLE).status == 201
    code = house.code(CAMILLE)
    _send_and_leave(house.port, person.answer_call(code))
    again = person.answer(code).status
    [question] = house.vodka.rows("SELECT attempts, used_at FROM questions")
    assert again in (200, 401)
    assert question["used_at"] is not None
    assert question["attempts"] in (1, 2)  # the one that came second may have been counted before it was refused
    assert len(house.vodka.rows("SELECT digest FROM sessions")) == len(house.vodka.events("login")) == 1


def test_f_33_a_client_that_leaves_before_it_has_said_all_has_done_nothing(house: Served) -> None:
    """Half a body, then the end: not an attempt."""
    person = house.visitor()
    assert person.ask(CAMILLE).status == 201
    code = house.code(CAMILLE)
    _send_and_leave(house.port, person.answer_call(code), body_bytes=10)
    assert person.answer(code).status == 200
    assert house.vodka.rows("SELECT attempts FROM questions") == [{"attempts": 1}]


def test_f_23_two_upgrades_of_an_empty_database_at_once_make_one_schema_and_one_key(
    empty_url: str, tmp_path: Path, smtp: SmtpServer
) -> None:
    """Both end well, and agree."""
    settings = common_settings(tmp_path, smtp) | {"database_url": empty_url}
    command = [sys.executable, "-m", "vodka", "db", "upgrade"]
    pair = [subprocess.Popen(command, cwd=ROOT, env=environment_of(settings), stderr=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate(timeout=60)[1].decode() for process in pair]
    assert [process.returncode for process in pair] == [0, 0], said
    with running(Settings(**settings), smtp, tmp_path / "people.json") as vodka:
        assert keys_in(vodka) == 3  # one for each algorithm


def test_f_23_two_developments_that_start_at_once_agree_on_their_secrets(tmp_path: Path) -> None:
    """Each makes secrets, schema and key where there are none; what one wrote the other reads."""
    settings = {"profile": "development", "instance_dir": tmp_path}
    command = [sys.executable, "-m", "vodka", "db", "upgrade"]
    pair = [subprocess.Popen(command, cwd=ROOT, env=environment_of(settings), stderr=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate(timeout=60)[1].decode() for process in pair]
    assert [process.returncode for process in pair] == [0, 0], said
    check = subprocess.run(
        [*command[:3], "keys", "list"], cwd=ROOT, env=environment_of(settings), capture_output=True, check=True
    )
    assert len(check.stdout.splitlines()) == 3  # one for each algorithm
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("vodka.db")) == [
        "pepper",
        "secret_key",
    ]


def keys_in(vodka: VodkaUnderTest) -> int:
    """How many signing keys there are; each of them opens."""
    with vodka.app.app_context():
        vodka.means.keyring.signing()
    return len(vodka.rows("SELECT kid FROM signing_keys"))


def _children(parent: int) -> list[int]:
    """The processes that this one started and that still run."""
    running = subprocess.run(
        ["ps", "-o", "pid=,stat=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    )
    return [int(line.split()[0]) for line in running.stdout.splitlines() if not line.split()[1].startswith("Z")]


def _send_and_leave(port: int, call: Call, body_bytes: int | None = None) -> None:
    """Send a request, or only the first bytes of its body, and hang up without waiting for anything."""
    headers = {**call.headers, "Host": HOST, "Content-Length": str(len(call.body))}
    head = "\r\n".join(
        [f"{call.method} {call.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    )
    with socket.create_connection(("127.0.0.1", port), source_address=(call.ip, 0)) as line:
        line.sendall(head.encode() + b"\r\n\r\n" + call.body[:body_bytes])
