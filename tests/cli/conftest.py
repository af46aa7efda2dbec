"""The command line of a production vodka: its environment, and `vodka …` in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import Start
from tests.races.served import ROOT, common_settings, environment_of
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import VodkaUnderTest
from vodka.cli import tree


@dataclass
class Shell:
    """An operator's shell: `run` in this process, `spawn` as a process of its own."""

    environment: dict[str, str]

    def run(self, *arguments: str, fails: type[BaseException] | None = None) -> Result:
        """`vodka …`; the exception is one that `vodka.cli.main` turns into sentences."""
        result = CliRunner().invoke(tree, list(arguments), env=self.environment)
        if fails is None:
            assert result.exit_code == 0, result.output + repr(result.exception)
        else:
            assert isinstance(result.exception, fails), result.output + repr(result.exception)
        return result

    def lines(self, *arguments: str) -> list[str]:
        """What `vodka …` says."""
        return self.run(*arguments).output.splitlines()

    def spawn(
        self, *arguments: str, program: tuple[str, ...] = (sys.executable, "-m", "vodka"), cwd: Path = ROOT
    ) -> Spawned:
        """The command as a process of its own, at its end."""
        return subprocess.run(
            [*program, *arguments],
            env=self.environment,
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


Spawned = subprocess.CompletedProcess[str]
MakeShell = Callable[..., Shell]


@pytest.fixture
def make_shell(tmp_path: Path, smtp: SmtpServer) -> MakeShell:
    """A shell with these settings changed; None takes one away."""

    def make(**changed: object) -> Shell:
        settings = common_settings(tmp_path, smtp) | {"limits__proof_timeout": "0.4"} | changed
        return Shell(environment_of({name: value for name, value in settings.items() if value is not None}))

    return make


@pytest.fixture
def shell(make_shell: MakeShell, tmp_path: Path, migrated: Path) -> Shell:
    """A shell on a database that is up to date."""
    shutil.copy(migrated, tmp_path / "vodka.db")
    return make_shell()


@pytest.fixture
def vodka(shell: Shell, start: Start) -> VodkaUnderTest:
    """A vodka on the same database, to look through."""
    assert shell.environment["VODKA_INSTANCE_DIR"]
    return start()
