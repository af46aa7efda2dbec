"""A throwaway Redis server on 127.0.0.1 and a free port, one for each process of pytest-xdist that asks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.servers.components import START_SECONDS, free_port, require, wait_until


class RedisServer:
    """A running server that keeps nothing on disk; `url` is what `VODKA_REDIS_URL` takes."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def url(self, number: int = 0) -> str:
        """The URL of one of its 16 databases."""
        return f"redis://127.0.0.1:{self.port}/{number}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [require("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/")
        wait_until(self._answers, self._process)

    def stop(self) -> None:
        """End the server; what it held is gone. `start` brings it back, empty."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url(), socket_timeout=1) as client:
                return bool(client.ping())
        except RedisError:
            return False


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A server for this test process, started at the first test that asks."""
    server = RedisServer()
    server.start()
    yield server
    server.stop()
