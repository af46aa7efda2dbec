"""A vodka as an operator runs it: `vodka serve` in processes of its own, real HTTP, and clients that all ask at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from tests.servers.components import free_port, wait_until
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import ORIGIN, PEOPLE, SECRETS, VodkaUnderTest, hidden_value, running, write_people
from vodka.limits import Limits
from vodka.outbox import store as outbox
from vodka.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
HOST = ORIGIN.partition("://")[2]
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """What came back; `status` is 0 when the line was cut."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """The body."""
        return self.body.decode()


@dataclass(frozen=True)
class Call:
    """One request, ready to be sent at the same moment as others."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    ip: str = "127.0.0.1"


@dataclass
class Visitor:
    """A browser at a served vodka: one address of its own, its cookies, and the headers that browsers send."""

    port: int
    ip: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Call:
        """A request of this browser, not sent yet."""
        headers = {"Host": HOST, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers |= {"Origin": ORIGIN, "Content-Type": kind}
        return Call(method, path, body, {name: value for name, value in headers.items() if value}, self.ip)

    def ask_call(self, email: str) -> Call:
        """POST /auth/ask, not sent yet."""
        return self.call("POST", "/auth/ask", json.dumps({"email": email}).encode())

    def answer_call(self, attempt: str) -> Call:
        """POST /auth/answer, not sent yet."""
        return self.call("POST", "/auth/answer", json.dumps({"attempt": attempt}).encode())

    def send(self, call: Call) -> Answer:
        """Send a request and keep the cookies of its answer."""
        answer = together(self.port, [call])[0]
        self.cookies |= answer.cookies
        return answer

    def get(self, path: str) -> Answer:
        """GET."""
        return self.send(self.call("GET", path))

    def ask(self, email: str) -> Answer:
        """POST /auth/ask."""
        return self.send(self.ask_call(email))

    def answer(self, attempt: str) -> Answer:
        """POST /auth/answer."""
        return self.send(self.answer_call(attempt))


@dataclass
class Served:
    """A running `vodka serve` and, on the same database, the app through which a test looks and acts as an operator."""

    vodka: VodkaUnderTest
    smtp: SmtpServer
    environment: dict[str, str]
    arguments: tuple[str, ...]
    log: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _visitors: int = 0
    _workers: int = 0  # that were ever started

    def start(self) -> None:
        """Start and wait until it is ready."""
        command = [sys.executable, "-m", "vodka", "serve", "--port", str(self.port), *self.arguments]
        with self.log.open("ab") as log:
            # a process group of its own, so that nothing of it outlives the test
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self._workers += int(self.arguments[1]) if "--workers" in self.arguments else 1
        wait_until(self._is_complete, self.process, self.log.read_text)

    def _is_complete(self) -> bool:
        """Whether every worker has started: a race of four on the first one alone would prove little."""
        return self.log.read_text().count("Started worker-") >= self._workers and self.is_ready()

    def is_ready(self) -> bool:
        """Whether GET /healthz/ready answers 200."""
        return together(self.port, [Call("GET", "/healthz/ready")])[0].status == 200

    def stop(self) -> int:
        """End it as an operator does, with SIGTERM; its exit code."""
        return end(self.process)

    def visitor(self) -> Visitor:
        """A browser that has never been here, at an address that nobody else has (all of 127/8 is this machine)."""
        self._visitors += 1
        return Visitor(
            self.port, f"127.{1 + self._visitors // 62500}.{self._visitors // 250 % 250}.{1 + self._visitors % 250}"
        )

    def code(self, email: str) -> str:
        """The code in the newest mail to this address, read from the outbox as the worker does."""
        with self.vodka.app.app_context():
            mails = [mail for mail in outbox.list_recent(50) if mail.to_address == email]
            return str(outbox.open_context(self.vodka.means.vault, mails[0])["code"])

    def signed_in(self, email: str) -> Visitor:
        """A browser that has just logged in."""
        visitor = self.visitor()
        assert visitor.ask(email).status == 201
        answer = visitor.answer(self.code(email))
        assert answer.status == 200, answer.text
        del visitor.cookies["__Host-QUESTION_ID"]
        return visitor

    def decision_call(self, visitor: Visitor, redirect: str, decision: str = "accept") -> Call:
        """The form of a consent page that this browser was shown, not sent yet."""
        page = visitor.get(f"/authorize?redirect={redirect}")
        assert page.status == 200, page.text
        names = ("ticket", "csrf_token")
        form = "&".join(f"{name}={hidden_value(page.text, name)}" for name in names) + f"&decision={decision}"
        return visitor.call("POST", "/authorize", form.encode(), "application/x-www-form-urlencoded")


def end(process: subprocess.Popen[bytes] | None, number: signal.Signals = signal.SIGTERM) -> int:
    """Tell a process that leads a group to end; its exit code. Fails if anything of the group is left."""
    assert process is not None
    if process.poll() is None:
        process.send_signal(number)
    code = process.wait(timeout=STOP_SECONDS)
    assert not is_left(process.pid), "something outlived it"
    return code


def is_left(group: int) -> bool:
    """Whether a process of this group is alive; whatever is, is killed."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def together(port: int, calls: Sequence[Call]) -> list[Answer]:
    """Send all requests at one moment: every connection stands before the first byte is written."""
    barrier = threading.Barrier(len(calls))
    answers: list[Answer] = [Answer(0)] * len(calls)

    def send(number: int) -> None:
        answers[number] = _send(port, calls[number], barrier)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _send(port: int, call: Call, barrier: threading.Barrier) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=30, source_address=(call.ip, 0))
    try:
        try:
            connection.connect()
        finally:
            barrier.wait(30)
        begun = time.perf_counter()
        connection.request(call.method, call.path, call.body or None, dict(call.headers))
        response = connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - begun
    except (OSError, HTTPException):
        return Answer(0)
    finally:
        connection.close()
    set_cookies = SimpleCookie[str]()
    for line in response.headers.get_all("Set-Cookie", []):
        set_cookies.load(line)
    cookies = {name: morsel.value for name, morsel in set_cookies.items()}
    return Answer(
        response.status, {name.lower(): value for name, value in response.headers.items()}, cookies, body, seconds
    )


def environment_of(settings: Mapping[str, Any], **limits: Any) -> dict[str, str]:
    """The environment in which a process finds these settings, and nothing of vodka's beside them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VODKA_")}
    given = {f"VODKA_{name.upper()}": str(value) for name, value in settings.items()}
    return kept | given | {f"VODKA_LIMITS__{name.upper()}": str(value) for name, value in limits.items()}


def common_settings(folder: Path, smtp: SmtpServer) -> dict[str, Any]:
    """The settings of a production vodka at https://vodka.epfl.ch with its parts in this folder."""
    people = write_people(folder / "people.json", PEOPLE)
    return {
        "base_url": ORIGIN,
        "mail_from": "vodka@epfl.ch",
        "instance_dir": folder,
        "smtp_url": smtp.url,
        "directory": "file",
        "directory_url": str(people),
        **SECRETS,
    }


@contextmanager
def served(
    folder: Path, smtp: SmtpServer, *arguments: str, limits: Mapping[str, Any] | None = None, **settings: Any
) -> Iterator[Served]:
    """A served vodka with these settings; `arguments` are those of `vodka serve`."""
    given, numbers = common_settings(folder, smtp) | settings, dict(limits or {})
    folder_of_people = Path(given["directory_url"])
    with running(Settings(**given, limits=Limits(**numbers)), smtp, folder_of_people) as vodka:
        house = Served(vodka, smtp, environment_of(given, **numbers), arguments, folder / "log")
        house.start()
        try:
            yield house
        finally:
            house.stop()


def tally(answers: Sequence[Answer]) -> dict[int, int]:
    """How many answers of each status."""
    statuses = [answer.status for answer in answers]
    return {status: statuses.count(status) for status in sorted(set(statuses))}
