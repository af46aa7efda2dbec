"""A vodka over HTTPS for each test, and Node.js programs to talk with."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Start
from tests.journeys.served import ROOT
from tests.oauth.interop.https_vodka import HttpsVodka, Person, https_vodka
from tests.servers.components import is_demanded, require

MODULES = ROOT / "tests" / "node_modules"
HERE = Path(__file__).parent
Talk = Callable[..., "Program"]


class Program:
    """A Node.js program that speaks JSON, a line at a time."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    def hear(self) -> dict[str, Any]:
        """What it says next."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._log.read_text()
        heard: dict[str, Any] = json.loads(line)
        return heard

    def tell(self, said: dict[str, Any]) -> dict[str, Any]:
        """Say something, and hear what it answers."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(said) + "\n")
        self._process.stdin.flush()
        return self.hear()


@pytest.fixture
def house(start: Start, tmp_path: Path) -> Iterator[HttpsVodka]:
    """A vodka over HTTPS."""
    with https_vodka(start, tmp_path) as running:
        yield running


@pytest.fixture
def camille(house: HttpsVodka) -> Person:
    """A student with a fresh browser."""
    return Person(house)


@pytest.fixture
def program(house: HttpsVodka, tmp_path: Path) -> Iterator[Talk]:
    """Start a program of this folder: its name, and what it should know."""
    with ExitStack() as stack:

        def begin(name: str, **knows: Any) -> Program:
            node = require("node")
            if not (MODULES / "openid-client").is_dir():
                reason = "tests/node_modules is not installed: npm ci --prefix tests"
                (pytest.fail if is_demanded(os.environ) else pytest.skip)(reason)
            log = tmp_path / f"{name}.log"
            kept = {key: value for key, value in os.environ.items() if not key.startswith(("VODKA_", "COV"))}
            # Debian 12 has Node.js 18, where what every newer one has must be asked for.
            more = {"NODE_EXTRA_CA_CERTS": house.ca_file, "NODE_OPTIONS": "--experimental-global-webcrypto"}
            environment = kept | more | {"KNOWS": json.dumps({"issuer": house.origin} | knows)}
            with log.open("w") as said:
                process = stack.enter_context(
                    subprocess.Popen(
                        [node, str(HERE / name)],
                        env=environment,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=said,
                        text=True,
                    )
                )
            stack.callback(process.kill)
            return Program(process, log)

        yield begin
