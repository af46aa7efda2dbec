"""A throwaway PostgreSQL cluster from Debian's programs, on 127.0.0.1 and a free port.

Each process of pytest-xdist that asks gets a cluster of its own: a second to make, nothing to share, nothing to lock.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.servers.components import START_SECONDS, free_port, require, wait_until


class PostgresCluster:
    """A running cluster; `url` and `create_database` hand out what `VODKA_DATABASE_URL` takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # postgres refuses to run as root: as root, the cluster runs as the user that Debian's package makes.
        self._user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def log(self) -> Path:
        """What the server says."""
        return self._folder / "log"

    def url(self, dbname: str) -> str:
        """The SQLAlchemy URL of one database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{dbname}"

    def create_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"vodka_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # the name is ours
        return self.url(name)

    def initialise(self) -> None:
        """Make the cluster's files: anybody on 127.0.0.1 is let in, as the cluster lives for one test run."""
        if self._user:
            shutil.chown(self._folder, **self._user)
        command = [require("initdb"), "-D", str(self._folder / "data"), "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **self._user)
        assert made.returncode == 0, made.stderr

    def start(self) -> None:
        """Start the server and wait until it answers; with fsync, so that what it acknowledged survives `kill`."""
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "on"}
        command = [require("postgres"), "-D", str(self._folder / "data")]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._user)
        wait_until(self._answers, self._process, self.log.read_text)

    def stop(self) -> None:
        """Shut the server down, ending its connections (PostgreSQL's fast mode)."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Crash: end the server without any chance to tidy up; `start` brings it back."""
        # Immediate mode: the postmaster makes every child quit at once, and nothing is flushed.
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """A cluster for this test process, started at the first test that asks."""
    require("postgres")
    # Not pytest's own temporary folder: that one is closed to the user postgres.
    with tempfile.TemporaryDirectory(prefix="vodka-postgres-", ignore_cleanup_errors=True) as folder:
        cluster = PostgresCluster(Path(folder))
        cluster.initialise()
        cluster.start()
        yield cluster
        cluster.stop()
