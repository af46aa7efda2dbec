"""What the database holds of a login, for whoever steals it; and what a login leaves when the database fails half-way."""

from __future__ import annotations

import hashlib
import hmac
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.conftest import Start
from tests.guessing import asked
from tests.vodka_under_test import CAMILLE, Browser, VodkaUnderTest, wrong
from vodka import clock
from vodka.accounts.model import User
from vodka.db import commit, db, rollback
from vodka.onetime import digest
from vodka.sealing import Vault


@dataclass(frozen=True)
class Dump:
    """Every value of every row of every table, as bytes."""

    values: list[bytes]

    def holds(self, secret: str) -> bool:
        """Whether the secret stands in some value, as a whole or within it, plainly or in hex."""
        forms = (secret.encode(), secret.encode().hex().encode())
        return any(form in value for value in self.values for form in forms)

    def equals(self, candidates: Iterator[bytes]) -> bool:
        """Whether one of the candidates is the value of some column, raw or in hex."""
        kept = set(self.values)
        return any(candidate in kept or candidate.hex().encode() in kept for candidate in candidates)


def dump(vodka: VodkaUnderTest) -> Dump:
    with vodka.app.app_context():
        names = inspect(db.engine).get_table_names()
    rows = [row for name in names for row in vodka.rows(f'SELECT * FROM "{name}"')]
    assert {"questions", "magic_links", "outbox"} & set(names)
    return Dump([_as_bytes(value) for row in rows for value in row.values() if value is not None])


def _as_bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def test_ans_18_a_stolen_database_gives_away_no_code(vodka_on_each: VodkaUnderTest) -> None:
    """All 10⁶ codes, hashed in plain ways and with all that the row and even the browser know: no stored value is hit."""
    browser, code = asked(vodka_on_each)
    question_id = browser.cookie("QUESTION_ID") or ""
    stolen = dump(vodka_on_each)
    for salt in (b"", question_id.encode(), digest(question_id)):
        assert not stolen.equals(_hashes(hashlib.sha256(salt)))
    assert not stolen.equals(hash_of(code, question_id) for hash_of in CONSTRUCTIONS)


def _hashes(begun: hashlib._Hash) -> Iterator[bytes]:
    for number in range(1_000_000):
        one = begun.copy()
        one.update(b"%06d" % number)
        yield one.digest()


# What a thief might guess the stored value to be; the pepper alone is missing.
CONSTRUCTIONS: tuple[Callable[[str, str], bytes], ...] = (
    lambda code, question: hashlib.sha256((code + question).encode()).digest(),
    lambda code, _question: hashlib.sha256((CAMILLE + code).encode()).digest(),
    lambda code, question: hmac.digest(question.encode(), code.encode(), "sha256"),
    lambda code, question: hmac.digest(digest(question), code.encode(), "sha256"),
    lambda code, question: hmac.digest(b"", (question + CAMILLE + code).encode(), "sha256"),
    lambda code, question: Vault((b"",), (b"",)).pepper_mac("login code", question, CAMILLE, code),
    lambda code, question: Vault((b"",), (b"another pepper",)).pepper_mac("login code", question, CAMILLE, code),
)


def test_ans_18_the_code_is_found_by_whoever_has_the_pepper(vodka: VodkaUnderTest) -> None:
    """The search above can find something: with the deployment's own vault the stored value is hit."""
    browser, code = asked(vodka)
    mac = vodka.means.vault.pepper_mac("login code", browser.cookie("QUESTION_ID") or "", CAMILLE, code)
    assert dump(vodka).equals(iter([mac]))


def test_ans_18_no_secret_of_a_login_stands_in_the_database(vodka_on_each: VodkaUnderTest) -> None:
    """QUESTION_ID, code and link before and after the letter is sent; SESSION_ID, csrftoken and DEVICE after the login."""
    browser = vodka_on_each.browser()
    browser.ask()
    promised = dump(vodka_on_each)
    code, magic = browser.code(), browser.link().removeprefix("/link/")
    question_id = browser.cookie("QUESTION_ID") or ""
    sent = dump(vodka_on_each)
    browser.answer(code)
    after = dump(vodka_on_each)
    for stolen in (promised, sent, after):
        assert [stolen.holds(secret) for secret in (question_id, magic, f" {code} ", f'"{code}"')] == [False] * 4
        assert code.encode() not in stolen.values
    cookie = browser.cookie("SESSION_ID") or ""
    sid = vodka_on_each.means.session_claims.read(cookie) or ""
    for secret in (cookie, sid, browser.cookie("csrftoken") or "", browser.cookie("DEVICE") or ""):
        assert len(secret) > 20
        assert not after.holds(secret)


@pytest.fixture
def failing_commit(vodka: VodkaUnderTest) -> VodkaUnderTest:
    """A vodka whose database takes every statement of a login, and refuses the commit."""
    vodka.write("CREATE TABLE trap (parent INTEGER REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)")
    vodka.write("CREATE TRIGGER trapped AFTER INSERT ON sessions BEGIN INSERT INTO trap VALUES (-1); END")
    return vodka


def log_in_by_code(browser: Browser) -> int:
    return browser.answer(browser.code()).status_code


def log_in_by_link(browser: Browser) -> int:
    return browser.get(browser.link()).status_code


@pytest.mark.parametrize(("log_in", "success"), [(log_in_by_code, 200), (log_in_by_link, 303)], ids=["code", "link"])
def test_ans_26_a_commit_that_fails_leaves_no_half_session(
    failing_commit: VodkaUnderTest, log_in: Callable[[Browser], int], success: int
) -> None:
    """5xx, no cookie, no session, no account, no event; the same secret works once the database is well again."""
    browser = failing_commit.browser()
    browser.ask()
    assert log_in(browser) >= 500
    assert browser.cookie("SESSION_ID") is None
    for name in ("sessions", "users", "devices"):
        assert failing_commit.rows(f"SELECT 1 FROM {name}") == []
    assert failing_commit.events("login") == []
    failing_commit.write("DROP TRIGGER trapped")
    assert log_in(browser) == success
    assert len(failing_commit.rows("SELECT 1 FROM sessions")) == 1


def test_ans_26_an_attempt_counts_although_the_login_failed_after_it(failing_commit: VodkaUnderTest) -> None:
    """The count is durable before anything is compared, and the commit that fails later does not take it back."""
    browser, code = asked(failing_commit)
    browser.answer(wrong(code))
    browser.answer(code)
    assert failing_commit.rows("SELECT attempts, used_at FROM questions") == [{"attempts": 2, "used_at": None}]


def test_ans_26_a_commit_that_fails_while_asking_promises_nothing(vodka: VodkaUnderTest) -> None:
    """No question, no letter, nothing counted: the next ask works at once."""
    vodka.write("CREATE TABLE trap (parent INTEGER REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)")
    vodka.write("CREATE TRIGGER trapped AFTER INSERT ON questions BEGIN INSERT INTO trap VALUES (-1); END")
    browser = vodka.browser()
    response = browser.ask()
    assert response.status_code >= 500
    assert "Set-Cookie" not in response.headers
    assert vodka.deliver() == []
    vodka.write("DROP TRIGGER trapped")
    assert vodka.rows("SELECT 1 FROM tallies") == []
    browser.log_in()


def test_ans_26_what_a_failed_commit_left_is_not_committed_by_the_next_request(failing_commit: VodkaUnderTest) -> None:
    """SQLite keeps a transaction open whose commit it refused: that connection is never used again."""
    with failing_commit.app.app_context():
        db.session.add(User(subject="person:half", email=CAMILLE, created_at=clock.now()))
        db.session.execute(text("INSERT INTO trap VALUES (-1)"))
        with pytest.raises(IntegrityError):
            commit()
    with failing_commit.app.app_context():
        db.session.execute(text("DELETE FROM trap"))
        commit()
    assert failing_commit.rows("SELECT 1 FROM users") == []


def test_ans_26_a_commit_that_finds_no_database_says_so(start: Start, tmp_path: Path) -> None:
    """Nothing to give back, nothing to roll back: the database's own error comes through."""
    folder = tmp_path / "gone"
    vodka = start(database_url=f"sqlite:///{folder / 'vodka.db'}")
    with vodka.app.app_context():
        db.engine.dispose()
        shutil.rmtree(folder)
        db.session.add(User(subject="person:nowhere", created_at=clock.now()))
        with pytest.raises(OperationalError):
            commit()
        rollback()
