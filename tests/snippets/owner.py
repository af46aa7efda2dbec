"""A running vodka, an owner who copies a program from its page, and a student who visits the website that it makes."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.journeys.served import Served
from tests.vodka_under_test import ROBIN, hidden_value

SECONDS = 20
FIELDS = {
    "personal": '[{"key": "firstName", "essential": false, "purpose": ""}]',
    "pseudonymous": "[]",
    "anonymous": "[]",
}


class Program(HTMLParser):
    """The longest text of a page that is there to be copied."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._open = False
        self._texts = [""]
        self.feed(html)
        self.text = max(self._texts, key=len)

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        if tag == "pre":
            self._open = True
            self._texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._open:
            self._texts[-1] += data


@dataclass
class House:
    """vodka as the owner and the student see it, each with a browser that stays signed in."""

    served: Served
    database: Path
    owner: requests.Session
    student: requests.Session

    @classmethod
    def of(cls, served: Served, folder: Path) -> House:
        """Sign in both."""
        return cls(served, folder / "vodka.db", _signed_in(served, ROBIN), _signed_in(served, served.new_student()))

    def configure(self, mode: str, *callbacks: str, grade: str = "personal") -> None:
        """Choose how the answer gets back and where to, as the owner does on another page."""
        with self._writing() as database:
            listed = "[" + ",".join(f'"{callback}"' for callback in callbacks) + "]"
            changed = (mode, listed, grade, FIELDS[grade])
            database.execute("UPDATE websites SET response_mode = ?, callbacks = ?, grade = ?, fields = ?", changed)

    def secret(self, digest: bytes) -> None:
        """Give the website this secret and no other."""
        with self._writing() as database:
            database.execute("DELETE FROM site_secrets")
            number = database.execute("SELECT id FROM websites").fetchone()[0]
            row = (number, digest, "test", "2026-11-02 09:00:00.000000")
            database.execute("INSERT INTO site_secrets (website_id, digest, hint, created_at) VALUES (?, ?, ?, ?)", row)

    def ports(self) -> list[str]:
        """Those of the callbacks."""
        with self._writing() as database:
            return re.findall(r"localhost:([0-9]+)", database.execute("SELECT callbacks FROM websites").fetchone()[0])

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self.database, timeout=SECONDS)
        try:
            yield database
            database.commit()
        finally:
            database.close()

    def page(self, kind: str) -> requests.Response:
        """The page with the program, as the owner's browser gets it."""
        with self._writing() as database:
            number = database.execute("SELECT id FROM websites").fetchone()[0]
        return self.owner.get(f"{self.served.origin}/websites/{number}/code", params={"for": kind}, timeout=SECONDS)

    def program(self, kind: str) -> str:
        """The program that the page shows, as it is copied."""
        page = self.page(kind)
        assert page.status_code == 200, page.text
        return Program(page.text).text

    def answer(self, address: str, decision: str = "accept") -> Answer:
        """Open an address of vodka, decide, and keep what comes back instead of going there."""
        page = self.student.get(address, timeout=SECONDS)
        assert page.status_code == 200, page.text
        form: dict[str, Any] = {name: hidden_value(page.text, name) for name in ("ticket", "csrf_token")}
        form |= {"decision": decision, "field": ["firstName"] if decision == "accept" else []}
        decided = self.student.post(
            f"{self.served.origin}/authorize",
            data=form,
            headers={"Origin": self.served.origin},
            allow_redirects=False,
            timeout=SECONDS,
        )
        if decided.status_code == 303:
            to = urlsplit(decided.headers["Location"])
            carried = "fragment" if to.fragment else "query"
            return Answer(
                carried, to._replace(query="", fragment="").geturl(), dict(parse_qsl(to.fragment or to.query))
            )
        assert decided.status_code == 200, decided.text
        [to_post] = re.findall(r'action="(http://localhost[^"]+)"', decided.text)
        found = re.findall(r'name="(token|state|code|error)" value="([^"]*)"', decided.text)
        return Answer("form", to_post, dict(found))


@dataclass
class Answer:
    """What vodka gives the browser for the website, and how it is carried."""

    carried: str
    callback: str
    sent: dict[str, str]

    def but(self, **changed: str) -> Answer:
        """The same with something else in it."""
        return Answer(self.carried, self.callback, self.sent | changed)

    def deliver(self, visitor: requests.Session) -> requests.Response:
        """Do what a browser does with it; the last page that it shows."""
        if self.carried == "query":
            return visitor.get(self.callback, params=self.sent, timeout=SECONDS)
        if self.carried == "fragment":  # the page that comes posts what stands after "#"
            landing = visitor.get(self.callback, timeout=SECONDS)
            assert 'form method="post"' in landing.text
            assert "location.hash" in landing.text
        return visitor.post(self.callback, data=self.sent, timeout=SECONDS)


def _signed_in(served: Served, email: str) -> requests.Session:
    session = requests.Session()
    number = len([letter for letter in served.smtp.letters if letter.to == [email]]) + 1
    asked = session.post(f"{served.origin}/auth/ask", json={"email": email}, timeout=SECONDS)
    assert asked.status_code == 201, asked.text
    code = served.code(email, number)
    answered = session.post(f"{served.origin}/auth/answer", json={"attempt": code}, timeout=SECONDS)
    assert answered.status_code == 200, answered.text
    return session
