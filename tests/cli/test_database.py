"""`vodka db …` and `vodka janitor`."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import MakeShell, Shell
from tests.races.served import ROOT
from tests.vodka_under_test import VodkaUnderTest


def test_an_upgrade_makes_the_schema_and_the_first_key_once(make_shell: MakeShell) -> None:
    """A second one changes nothing."""
    shell = make_shell()
    assert shell.lines("db", "upgrade") == ["The database is up to date."]
    keys = shell.lines("keys", "list")
    assert len(keys) == 3  # one for each algorithm
    assert shell.lines("db", "upgrade") == ["The database is up to date."]
    assert shell.lines("keys", "list") == keys


def test_a_downgrade_goes_back(shell: Shell, tmp_path: Path) -> None:
    """To nothing, if told so."""
    assert shell.lines("db", "downgrade", "base") == []
    with closing(sqlite3.connect(tmp_path / "vodka.db")) as database:
        assert database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [
            ("alembic_version",)
        ]


def test_no_revision_is_written_while_there_is_nothing_to_change(shell: Shell) -> None:
    """No empty file is left in migrations/."""
    before = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    assert shell.lines("db", "revision", "-m", "nothing") == ["The database already holds all that the models say."]
    assert sorted((ROOT / "migrations" / "versions").glob("*.py")) == before


def test_a_revision_holds_what_the_models_say_more_than_the_database(shell: Shell, tmp_path: Path) -> None:
    """In a copy of the repository, with one table missing."""
    copy = tmp_path / "copy"
    for folder in ("vodka", "migrations"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("templates", "static", "examples"):
        (copy / folder).symlink_to(ROOT / folder)
    before = set((copy / "migrations" / "versions").glob("*.py"))
    with closing(sqlite3.connect(tmp_path / "vodka.db")) as database:
        database.execute("DROP TABLE tallies")
    ended = shell.spawn("db", "revision", "-m", "count acts", cwd=copy)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("Read it before you trust it.\n")
    (written,) = set((copy / "migrations" / "versions").glob("*.py")) - before
    assert "create_table('tallies'" in written.read_text()


def test_the_janitor_says_what_it_forgot(shell: Shell, vodka: VodkaUnderTest) -> None:
    """A line for each kind; what was over is gone, and committed."""
    vodka.signed_in()
    vodka.write("UPDATE audit_events SET at = '2020-01-01 00:00:00'")
    said = dict(line.split(": ") for line in shell.lines("janitor"))
    assert said["events"] == "2"
    assert said["sessions"] == "0"
    assert vodka.rows("SELECT id FROM audit_events") == []


@pytest.mark.parametrize("command", [["db", "revision"], ["db", "downgrade"], ["db", "nonsense"]], ids=" ".join)
def test_a_command_that_lacks_something_says_how_to_use_it(shell: Shell, command: list[str]) -> None:
    """Exit code 2, as click does it."""
    ended = shell.spawn(*command)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Usage: ")
