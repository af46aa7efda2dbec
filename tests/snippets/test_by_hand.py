"""The commands of the page "curl", run by bash as somebody follows them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.servers.components import free_port, require
from tests.snippets.owner import SECONDS, Answer, House
from vodka.onetime import digest
from vodka.websites.answering import MODES

SECRET = "vodka-secret-of-these-tests"


class Terminal:
    """A shell that runs the commands, and somebody who reads and pastes."""

    def __init__(self, house: House, folder: Path) -> None:
        for program in ("openssl", "curl"):
            require(program)
        (folder / "sign-in.sh").write_text(house.program("curl"))
        environment = {"PATH": os.environ["PATH"], "VODKA_SECRET": SECRET, "TMPDIR": str(folder)}
        self._process = subprocess.Popen(
            [require("bash"), "sign-in.sh"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().startswith("1. Open this address")
        self.address = self._process.stdout.readline().strip()

    def paste(self, answer: Answer) -> tuple[int, str]:
        """Paste what is in the address bar; how it ended, and what was said."""
        mark = {"query": "?", "fragment": "#", "form": ""}[answer.carried]
        beginning = answer.callback if mark else ""
        said, _ = self._process.communicate(f"{beginning}{mark}{urlencode(answer.sent)}\n", timeout=SECONDS)
        return self._process.returncode, said

    def close(self) -> None:
        """Leave."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, house: House) -> str:
    """Each way of the answer, chosen by the owner."""
    port, other = free_port(), free_port()
    house.configure(request.param, f"http://localhost:{port}/callback", f"http://localhost:{other}/callback")
    house.secret(digest(SECRET))
    return str(request.param)


@pytest.fixture
def terminal(mode: str, house: House, tmp_path: Path) -> Iterator[Terminal]:
    """The shell, waiting for what will be pasted."""
    opened = Terminal(house, tmp_path)
    yield opened
    opened.close()


def test_the_whole_way_by_hand(terminal: Terminal, house: House) -> None:
    """Open, accept, paste: the keys and the claims are shown, and all of it is checked."""
    status, said = terminal.paste(house.answer(terminal.address))
    assert status == 0, said
    assert '"keys"' in said
    assert "BEGIN PUBLIC KEY" in said
    assert '"firstName":"Camille"' in said
    assert "It counts." in said


def test_another_state_stops_it(terminal: Terminal, house: House) -> None:
    """Before anything is fetched or redeemed."""
    status, said = terminal.paste(house.answer(terminal.address).but(state="another"))
    assert (status, "another state" in said) == (1, True)


def test_what_was_touched_does_not_count(terminal: Terminal, house: House) -> None:
    """A letter in the middle of the token or of the code."""
    answer = house.answer(terminal.address)
    [name] = set(answer.sent) - {"state"}
    text = answer.sent[name]
    middle = len(text) // 2
    touched = text[:middle] + ("B" if text[middle] == "A" else "A") + text[middle + 1 :]
    status, said = terminal.paste(answer.but(**{name: touched}))
    assert status == 1
    assert "It counts." not in said


def test_a_token_of_another_website_does_not_count(terminal: Terminal, house: House) -> None:
    """The audience is the second callback's."""
    [row] = [line for line in house.program("curl").splitlines() if line.startswith("VODKA=")]
    site = row.partition("SITE=")[2]
    [other] = {f"http://localhost:{port}" for port in house.ports()} - {site}
    swapped = terminal.address.replace(_quoted(site), _quoted(other))
    status, said = terminal.paste(house.answer(swapped))
    assert (status, "a token for another website" in said) == (1, True), said


def _quoted(site: str) -> str:
    return site.replace(":", "%3A").replace("/", "%2F")
