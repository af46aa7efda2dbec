"""`vodka demo`: one command shows everything, and one Ctrl-C ends everything."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.races.served import ROOT, STOP_SECONDS, environment_of, is_left
from tests.servers.components import wait_until
from tests.vodka_under_test import hidden_value
from vodka.demo import STUDENT


@contextmanager
def demo(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, str]]:
    """The demo with this instance folder, once both sites answer: its process, vodka's URL and the website's."""
    port = _two_free_ports()
    urls = f"http://localhost:{port}", f"http://localhost:{port + 1}"
    with (folder / "log").open("ab") as log:
        command = [sys.executable, "-m", "vodka", "demo", "--port", str(port)]
        environment = environment_of({"instance_dir": folder})
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: all(map(_answers, urls)), process, (folder / "log").read_text)
        yield process, *urls
    finally:
        is_left(process.pid)
        process.wait(STOP_SECONDS)


def test_the_demo_shows_everything_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """From the example website over the mailbox to the greeting; then nothing is left, and it starts again."""
    with demo(tmp_path) as (process, vodka, site):
        greeting = _sign_in(vodka, site)
        assert "Camille" in greeting
        assert _interrupt(process) == 0
    with demo(tmp_path) as (process, _, site):
        assert requests.get(site, timeout=5).status_code == 200
        assert _interrupt(process) == 0
    assert f"Open {site}" in (tmp_path / "log").read_text()


@pytest.mark.long  # alone on the machine: other tests beside it would be measured as well
def test_the_second_start_of_the_demo_takes_less_than_five_seconds(tmp_path: Path) -> None:
    """From the command to both pages."""
    for _ in range(2):
        begun = time.monotonic()
        with demo(tmp_path) as (process, *_):
            seconds = time.monotonic() - begun
            assert _interrupt(process) == 0
    assert seconds < 5


def test_the_demo_says_so_when_its_port_is_taken(tmp_path: Path) -> None:
    """One sentence, an exit code, and nothing left running."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "vodka", "demo", "--port", port]
        environment = environment_of({"instance_dir": tmp_path})
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2, said
    assert f"Cannot listen on 127.0.0.1:{port}" in said.decode()
    assert "Traceback" not in said.decode()
    assert not is_left(process.pid)


def _sign_in(vodka: str, site: str) -> str:
    """Sign in at the example website as a browser does, with every field ticked; the page in the end."""
    browser = requests.Session()
    headers = {"Origin": vodka}
    address = browser.get(f"{site}/login", timeout=5).text
    form = {"email": STUDENT, "redirect": _unescaped(hidden_value(address, "redirect"))}
    code_page = browser.post(f"{vodka}/login", form, headers=headers, timeout=5)
    assert code_page.url.startswith(f"{vodka}/login/code")
    (mail,) = browser.get(f"{vodka}/dev/mailbox.json", timeout=5).json()
    assert mail["to"] == STUDENT
    consent = browser.post(f"{vodka}/login/code", {"attempt": mail["code"]}, headers=headers, timeout=5)
    assert consent.url.startswith(f"{vodka}/authorize?")
    optional = re.findall(r'name="field" value="([^"]+)"', consent.text)
    assert "firstName" in optional
    hidden = {name: hidden_value(consent.text, name) for name in ("ticket", "csrf_token")}
    decided = browser.post(
        f"{vodka}/authorize", hidden | {"decision": "accept", "field": optional}, headers=headers, timeout=5
    )
    assert decided.url == f"{site}/"
    assert "token=" in decided.history[0].headers["Location"]
    return decided.text


def _unescaped(value: str) -> str:
    return value.replace("&amp;", "&")


def _interrupt(process: subprocess.Popen[bytes]) -> int:
    """Ctrl-C: the terminal tells every process of the group; the exit code. Fails if one of them stays."""
    os.killpg(process.pid, signal.SIGINT)
    code = process.wait(STOP_SECONDS)
    assert not is_left(process.pid)
    return code


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/", timeout=1, allow_redirects=False).status_code < 400
    except requests.RequestException:
        return False


def _two_free_ports() -> int:
    """A free port whose next one is free as well."""
    for _ in range(50):
        with socket.socket() as one, socket.socket() as next_one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                next_one.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise OSError("no two neighbouring ports are free")
