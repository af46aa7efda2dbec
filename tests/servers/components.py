"""Programs that some tests need: where they are absent, a test is skipped on a laptop and fails in CI."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

START_SECONDS = 30.0
_STOP_SECONDS = 20.0
# Debian keeps PostgreSQL's own programs off the PATH, one folder per version: the newest counts.
POSTGRES_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
SEARCH = os.pathsep.join([*(str(path) for path in reversed(POSTGRES_FOLDERS)), os.environ.get("PATH", ""), "/usr/sbin"])


def find(component: str) -> str | None:
    """The path of a program, or nothing."""
    return shutil.which(component, path=SEARCH)


def is_demanded(environment: Mapping[str, str]) -> bool:
    """Whether every component has to be there: in CI, or where `VODKA_TESTS_REQUIRE_ALL` says so."""
    return any(environment.get(name, "") not in ("", "0", "false") for name in ("CI", "VODKA_TESTS_REQUIRE_ALL"))


def require(component: str, environment: Mapping[str, str] = os.environ) -> str:
    """The path of a program that this test needs; without it the test is skipped, or fails where all are demanded."""
    path = find(component)
    if path is None:
        absent(f"{component} is not installed", environment)
    return path


def absent(reason: str, environment: Mapping[str, str] = os.environ) -> NoReturn:
    """End a test that lacks something: it is skipped, or fails where everything is demanded."""
    if is_demanded(environment):
        pytest.fail(f"{reason}, and CI or VODKA_TESTS_REQUIRE_ALL asks for it", pytrace=False)
    pytest.skip(reason)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def has_opened(port: int) -> bool:
    """Whether somebody listens on this TCP port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def running(command: list[str], folder: Path, port: int, *logs: str, **environment: str) -> Iterator[int]:
    """A server in the foreground until the end of the block; its port. `logs`: files of `folder` where it says more."""
    said = folder / "said"
    with said.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=os.environ | environment)

    def all_said() -> str:
        return "".join(path.read_text() for path in (said, *(folder / name for name in logs)) if path.exists())

    try:
        wait_until(lambda: has_opened(port), process, all_said)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=_STOP_SECONDS)


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], said: Callable[[], str] = str) -> None:
    """Return as soon as a server that was just started answers; fail with what it `said` when it ends or stays mute."""
    give_up = time.monotonic() + START_SECONDS
    while not answers():
        assert process.poll() is None, f"{process.args} ended at once: {said()}"
        assert time.monotonic() < give_up, f"{process.args} does not answer: {said()}"
        time.sleep(0.02)  # another program's start is the one thing that cannot be waited for otherwise
