"""vodka and the example website as two real servers on localhost, and the mailbox of every student."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.servers.components import free_port, wait_until
from tests.servers.smtp import Delivered, SmtpServer
from tests.vodka_under_test import ROBIN, code_in, write_people
from vodka.paths import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 20.0
STUDENTS = 200
# Everybody asks from 127.0.0.1; and a journey should not wait for the worker's next look at the outbox.
LIMITS = {"mails_per_client_ip": 100_000, "answers_per_client_ip": 100_000, "resend_interval": 3, "worker_pause": 0.05}
SITE = {"name": "Chess club", "description": "An example website: it greets you, and forgets you."}
FIELDS = ("--require", "student=Only students may join", "--offer", "firstName=To greet you")
MORE_FIELDS = ("--offer", "section=To find your classmates", "--offer", "email=For the newsletter")


@dataclass
class Served:
    """A running vodka at `origin`, a website at `site` that it knows, and the letters that came."""

    origin: str
    site: str
    smtp: SmtpServer
    settings: dict[str, str] = field(default_factory=dict)
    _used: int = field(default=0)

    def command(self, *words: str) -> str:
        """What `vodka …` says, run by this deployment's operator."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VODKA_")}
        command = [sys.executable, "-m", "vodka", *words]
        done = subprocess.run(command, cwd=ROOT, env=kept | self.settings, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def new_student(self) -> str:
        """The address of a student who has never been here: Camille Exemple, each time another one."""
        self._used += 1
        return _address(self._used)

    def letters(self, email: str, number: int = 1) -> list[Delivered]:
        """The letters to this address, once there are so many of them."""
        found = [letter for letter in self.smtp.letters if letter.to == [email]]
        while len(found) < number:
            self.smtp.wait(len(self.smtp.letters) + 1)
            found = [letter for letter in self.smtp.letters if letter.to == [email]]
        return found

    def code(self, email: str, number: int = 1) -> str:
        """The code in the letter of this number to this address."""
        return code_in(self.letters(email, number)[number - 1])

    def link(self, email: str) -> str:
        """The link in the first letter to this address."""
        body = self.letters(email)[0].body("plain")
        return next(line.strip() for line in body.splitlines() if line.strip().startswith(f"{self.origin}/link/"))


@contextmanager
def served(folder: Path, smtp: SmtpServer, outside: dict[str, str] | None = None, **limits: Any) -> Iterator[Served]:
    """`vodka serve` in the development profile and the example website, each in processes of its own.

    `outside`: further VODKA_ variables, such as those of the DNS that vodka asks.
    """
    port, site_port = free_port(), free_port()
    house = Served(f"http://localhost:{port}", f"http://localhost:{site_port}", smtp)
    people = write_people(folder / "people.json", [_robin(), *(_camille(number + 1) for number in range(STUDENTS))])
    settings = {
        "VODKA_PROFILE": "development",
        "VODKA_BASE_URL": house.origin,
        "VODKA_INSTANCE_DIR": str(folder),
        "VODKA_DIRECTORY_URL": str(people),
        "VODKA_SMTP_URL": smtp.url,
        "VODKA_MAIL_FROM": "vodka@epfl.ch",
        "VODKA_OPERATORS": ROBIN,
    } | {f"VODKA_LIMITS__{name.upper()}": str(number) for name, number in (LIMITS | limits).items()}
    settings |= outside or {}
    website = {"VODKA_URL": house.origin, "SITE_URL": house.site}
    with ExitStack() as stack:
        command = [sys.executable, "-m", "vodka", "serve", "--port", str(port)]
        stack.enter_context(started(command, port, "/healthz/ready", settings, folder / "vodka.log"))
        house.settings = settings
        _register(house)
        command = [sys.executable, str(EXAMPLES / "website" / "app.py")]
        stack.enter_context(started(command, site_port, "/", website, folder / "website.log"))
        yield house


@contextmanager
def started(command: list[str], port: int, path: str, environment: dict[str, str], log: Path) -> Iterator[None]:
    """Run a server until the block ends; it begins once `path` answers 200."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VODKA_")}
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=kept | environment, stdout=output, stderr=output)
    try:
        wait_until(lambda: answers(port, path), process, log.read_text)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=STOP_SECONDS)


def answers(port: int, path: str) -> bool:
    """Whether there is a server on this port that says 200 to GET `path`."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _register(house: Served) -> None:
    """Register the website as an operator does, with one callback and nothing else allowed."""
    texts = ["--name", SITE["name"], "--description", SITE["description"], "--callback", f"{house.site}/callback"]
    house.command("site", "add", "localhost", "--owner", ROBIN, "--verified", *texts, *FIELDS, *MORE_FIELDS)


def _address(number: int) -> str:
    return f"camille.exemple{number}@epfl.ch" if number > 1 else "camille.exemple@epfl.ch"


def _camille(number: int) -> dict[str, Any]:
    [camille] = [person for person in _listed() if person["firstName"] == "Camille"]
    return camille | {"email": _address(number), "sciper": str(int(camille["sciper"]) + 1000 + number)}


def _robin() -> dict[str, Any]:
    return next(person for person in _listed() if person["email"] == ROBIN)


def _listed() -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = json.loads((EXAMPLES / "people.json").read_text())["people"]
    return people
