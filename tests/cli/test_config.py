"""`vodka config check`, `vodka version`, and what every command says when the settings are not sound."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.conftest import MakeShell, Shell
from tests.vodka_under_test import SECRETS
from vodka.errors import Misconfigured

FLASK = (sys.executable, "-m", "flask", "--app")


def test_the_version_is_that_of_the_package(shell: Shell) -> None:
    """As `vodka`, and as `flask vodka`: one tree."""
    assert shell.lines("version") == [version("vodka")]
    assert shell.spawn("version").stdout == f"{version('vodka')}\n"
    assert shell.spawn("wsgi", "vodka", "version", program=FLASK).stdout == f"{version('vodka')}\n"


def test_every_command_says_what_it_does() -> None:
    """`vodka --help` and `flask vodka --help` list the same commands, each with a sentence."""
    tree, under_flask = (
        Shell({}).lines("--help"),
        Shell({}).spawn("wsgi", "vodka", "--help", program=FLASK).stdout.splitlines(),
    )
    commands = tree[tree.index("Commands:") + 1 :]
    assert {line.split()[0] for line in commands} >= {
        "serve",
        "worker",
        "demo",
        "db",
        "site",
        "keys",
        "config",
        "janitor",
    }
    assert all(line.rstrip().endswith(".") for line in commands)
    assert [line.split()[0] for line in under_flask[under_flask.index("Commands:") + 1 :]] == [
        line.split()[0] for line in commands
    ]


@pytest.mark.parametrize("app", ["wsgi:app", "vodka.app:from_environment"])
def test_wsgi_servers_find_the_app_of_this_environment(shell: Shell, app: str) -> None:
    """Ready made for any of them, and as a factory for `vodka serve`."""
    routes = shell.spawn(app, "routes", program=FLASK)
    assert routes.returncode == 0, routes.stderr
    assert "/auth/ask" in routes.stdout


def test_sound_settings_are_called_sound(shell: Shell) -> None:
    """In one sentence."""
    assert shell.lines("config", "check") == ["The settings are sound."]


def test_secrets_may_stand_in_files(make_shell: MakeShell, tmp_path: Path) -> None:
    """`…_FILE` names the file of any setting; its last line break is not part of the value."""
    for name, value in SECRETS.items():
        (tmp_path / name).write_text(f"{value}\n")
    files = {f"{name}_file": tmp_path / name for name in SECRETS}
    shell = make_shell(secret_key=None, pepper=None, **files)
    assert shell.lines("config", "check") == ["The settings are sound."]


def test_key_05_everything_that_is_wrong_is_said_at_once(make_shell: MakeShell) -> None:
    """One sentence each, and the commands that need settings refuse alike."""
    shell = make_shell(secret_key=None, pepper="short", base_url="http://vodka.epfl.ch", smtp_url=None)
    refusal = shell.run("config", "check", fails=Misconfigured).exception
    assert isinstance(refusal, Misconfigured)
    settings = [sentence.split()[0] for sentence in refusal.problems]
    assert settings == ["VODKA_SECRET_KEY", "VODKA_PEPPER", "VODKA_BASE_URL", "VODKA_SMTP_URL"]
    ended = shell.spawn("config", "check")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == refusal.problems


@pytest.mark.parametrize(
    ("changed", "setting"),
    [
        pytest.param({"profile": "sesame-in-the-value"}, "VODKA_PROFILE", id="a word that is none"),
        pytest.param({"fetch_port": "sesame-in-the-value"}, "VODKA_FETCH_PORT", id="a number that is none"),
        pytest.param(
            {"limits__resend_interval": "sesame-in-the-value"},
            "VODKA_LIMITS__RESEND_INTERVAL",
            id="a limit that is none",
        ),
        pytest.param({"trusted_proxies": "sesame-in-the-value"}, "VODKA_TRUSTED_PROXIES", id="a network that is none"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_and_not_repeated(
    make_shell: MakeShell, changed: dict[str, str], setting: str
) -> None:
    """It may be a secret that went into the wrong variable."""
    ended = make_shell(**changed).spawn("config", "check")
    assert ended.returncode == 2
    assert ended.stderr.startswith(setting)
    assert "sesame" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_file_of_a_secret_that_is_not_there_is_named(make_shell: MakeShell, tmp_path: Path) -> None:
    """F-22: refused at the start, never replaced by something made up."""
    ended = make_shell(pepper=None, pepper_file=tmp_path / "nothing").spawn("config", "check")
    assert ended.returncode == 2
    assert ended.stderr.startswith("VODKA_PEPPER_FILE")
    assert "Traceback" not in ended.stderr
