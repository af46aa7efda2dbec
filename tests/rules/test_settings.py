"""What a deployment may not be started with, and why (attacks KEY-05); where secrets come from."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.house.tree import ROOT
from vodka.errors import Misconfigured
from vodka.settings import Settings

KEY, PEPPER = "a secret key for tests, 0123456789", "a pepper for tests only, 9876543210"
SOUND: dict[str, Any] = {
    "base_url": "https://vodka.epfl.ch",
    "secret_key": KEY,
    "pepper": PEPPER,
    "smtp_url": "smtp://127.0.0.1:25",
    "mail_from": "vodka@epfl.ch",
}


def problems(**changed: Any) -> list[str]:
    """Why these settings are refused; nothing if they are not."""
    try:
        Settings(**(SOUND | changed)).require_sound()
    except Misconfigured as error:
        return error.problems
    return []


def test_sound_settings_are_accepted() -> None:
    """Each refusal below is a refusal of the one thing that was changed."""
    assert problems() == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"secret_key": ""}, "VODKA_SECRET_KEY is missing", id="no secret"),
        pytest.param({"pepper": ""}, "VODKA_PEPPER is missing", id="no pepper"),
        pytest.param({"secret_key": "short"}, "VODKA_SECRET_KEY is too weak", id="a short secret"),
        pytest.param({"pepper": PEPPER[:31]}, "VODKA_PEPPER is too weak", id="a pepper of 31 characters"),
        pytest.param({"secret_key": "x" * 64}, "VODKA_SECRET_KEY is too weak", id="one character, often"),
        pytest.param({"secret_key": "please-CHANGEME-" + KEY}, "VODKA_SECRET_KEY is too weak", id="changeme"),
        pytest.param({"pepper": KEY}, "are the same", id="the same secret twice"),
        pytest.param({"base_url": ""}, "VODKA_BASE_URL is missing", id="no address"),
        pytest.param({"base_url": "http://vodka.epfl.ch"}, "must be an https origin", id="plain http"),
        pytest.param({"base_url": "http://localhost:8000"}, "must be an https origin", id="localhost in production"),
        pytest.param({"base_url": "https://vodka.epfl.ch/path"}, "without a path", id="an address with a path"),
        pytest.param({"base_url": "https://u:p@vodka.epfl.ch"}, "must be an https origin", id="an address with a user"),
        pytest.param({"base_url": "https://a:1:2"}, "must be an https origin", id="an address with two ports"),
        pytest.param({"base_url": "https://"}, "must be an https origin", id="an address without a host"),
        pytest.param({"smtp_url": ""}, "VODKA_SMTP_URL is missing", id="no mail server"),
        pytest.param({"mail_from": ""}, "VODKA_MAIL_FROM is missing", id="no sender"),
        pytest.param({"email_domains": ""}, "VODKA_EMAIL_DOMAINS is empty", id="no domains"),
        pytest.param({"directory": "file"}, "VODKA_DIRECTORY is file", id="a file without a path"),
        pytest.param({"redis_url": "memory://"}, "VODKA_REDIS_URL must be", id="limits in memory"),
        pytest.param({"redis_url": "memory://", "workers": 2}, "VODKA_REDIS_URL must be", id="the same, two workers"),
    ],
)
def test_key_05_unsafe_settings_are_refused_with_one_sentence(changed: dict[str, Any], words: str) -> None:
    """vodka does not start, and says what to change; the value, which may be a secret, is not repeated."""
    (problem,) = problems(**changed)
    assert words in problem
    assert not any(value in problem for value in changed.values() if isinstance(value, str) and "secret" in value)


def test_key_05_every_reason_is_told_at_once() -> None:
    """Nobody fixes one thing to hear of the next."""
    assert len(problems(secret_key="", pepper="", base_url="", smtp_url="")) == 4


@pytest.mark.parametrize(
    "changed", [{"workers": 0}, {"profile": "debug"}, {"trusted_proxies": "nonsense"}, {"typo": 1}]
)
def test_key_05_values_of_no_kind_are_refused(changed: dict[str, Any]) -> None:
    """What is not of its type, or of no name, is refused before anything starts."""
    with pytest.raises(ValidationError):
        Settings(**(SOUND | changed))


def config_check(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`vodka config check` in an environment of its own."""
    sound = {f"VODKA_{name.upper()}": value for name, value in SOUND.items()} | {"VODKA_INSTANCE_DIR": str(folder)}
    path = {
        name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE") if name in os.environ
    }
    command = [sys.executable, "-m", "vodka", "config", "check"]
    everything = path | sound | environment
    return subprocess.run(command, env=everything, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        pytest.param({}, "", id="nothing wrong"),
        pytest.param({"FLASK_DEBUG": "0"}, "", id="debug off"),
        pytest.param({"FLASK_DEBUG": "1"}, "FLASK_DEBUG is on in production", id="debug on"),
        pytest.param({"AUTHLIB_INSECURE_TRANSPORT": "1"}, "AUTHLIB_INSECURE_TRANSPORT is set", id="https checks off"),
        pytest.param({"VODKA_SECRET_KEY": "changeme"}, "VODKA_SECRET_KEY is too weak", id="changeme"),
        pytest.param({"VODKA_REDIS_URL": "memory://", "VODKA_WORKERS": "2"}, "VODKA_REDIS_URL must", id="memory"),
    ],
)
def test_key_05_the_environment_is_checked_at_start(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    """The command says why and fails; with nothing wrong it succeeds."""
    done = config_check(tmp_path, **environment)
    assert (done.returncode == 0) == (not words)
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_secrets_come_from_files(tmp_path: Path) -> None:
    """VODKA_<NAME>_FILE holds the value, as container platforms hand secrets over."""
    (tmp_path / "key").write_text("changeme\n")
    done = config_check(tmp_path, VODKA_SECRET_KEY="", VODKA_SECRET_KEY_FILE=str(tmp_path / "key"))
    assert "VODKA_SECRET_KEY is missing" in done.stdout + done.stderr  # the environment's own value comes first
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VODKA_")}
    code = "from vodka.settings import Settings; print(Settings().secret_key.get_secret_value())"
    named = environment | {"VODKA_SECRET_KEY_FILE": str(tmp_path / "key")}
    shown = subprocess.run(
        [sys.executable, "-c", code], env=named, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stdout == "changeme\n"


def test_secrets_do_not_show() -> None:
    """Neither repr nor str of the settings holds a secret."""
    shown = repr(Settings(**SOUND)) + str(Settings(**SOUND))
    assert KEY not in shown
    assert PEPPER not in shown
    assert "smtp://" not in shown


def test_key_04_development_makes_and_keeps_its_own_secrets(tmp_path: Path) -> None:
    """Made once, readable by their owner alone, different from one another, the same at the next start."""
    folder = tmp_path / "instance"
    first, second = (Settings(profile="development", instance_dir=folder) for _ in range(2))
    assert first.secret_key == second.secret_key != first.pepper
    first.require_sound()
    for name in ("secret_key", "pepper"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["pepper", "secret_key"]


def test_development_may_be_plain_http_on_this_machine_only(tmp_path: Path) -> None:
    """http is for localhost; any other host needs https in every profile."""
    made = {"profile": "development", "instance_dir": tmp_path}
    assert problems(**made, base_url="http://127.0.0.1:8000") == []
    assert len(problems(**made, base_url="http://vodka.epfl.ch")) == 1
