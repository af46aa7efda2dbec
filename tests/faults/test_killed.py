"""A process is killed in the middle of an act: what is left is as if nothing had happened, or as if all had (F-18, ANS-26)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from sqlalchemy import select

from tests.races.served import ROOT, common_settings, environment_of
from tests.vodka_under_test import CAMILLE, Browser, VodkaUnderTest, wrong
from vodka import clock, janitor
from vodka.db import commit, execute
from vodka.sessions.store import SESSIONS

BEFORE_REPLY = 0
Dies = Callable[..., None]


@pytest.fixture
def dies(vodka_on_each: VodkaUnderTest, tmp_path: Path) -> Dies:
    """Send a request of this browser to a process on the same database that is killed at a point of it."""
    vodka = vodka_on_each
    settings = common_settings(tmp_path, vodka.smtp) | {"database_url": vodka.means.settings.database_url}

    def send(browser: Browser, point: int, method: str, path: str, **body: Any) -> None:
        names = ("QUESTION_ID", "SESSION_ID", "DEVICE")
        cookies = {f"__Host-{name}": value for name in names if (value := browser.cookie(name))}
        request = {"method": method, "path": path, "cookies": cookies} | ({"json": body} if body else {})
        command = [sys.executable, "-m", "tests.faults.dying", str(point)]
        environment = environment_of(settings)
        run = subprocess.run(
            command, input=json.dumps(request), env=environment, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert run.returncode == -signal.SIGKILL, run.stderr

    return send


def counts(vodka: VodkaUnderTest, *tables: str) -> list[int]:
    """How many rows."""
    return [int(vodka.rows(f"SELECT COUNT(*) AS number FROM {table}")[0]["number"]) for table in tables]


def test_f_18_w1_an_ask_killed_before_its_commit_never_was(vodka_on_each: VodkaUnderTest, dies: Dies) -> None:
    """No question, no mail, no count, no event; asking again at once works."""
    browser = vodka_on_each.browser()
    dies(browser, 1, "POST", "/auth/ask", email=CAMILLE)
    assert counts(vodka_on_each, "questions", "magic_links", "outbox_mails", "tallies", "audit_events") == [0] * 5
    assert browser.log_in().status_code == 200


def test_f_18_w1_an_ask_killed_before_its_reply_has_happened(vodka_on_each: VodkaUnderTest, dies: Dies) -> None:
    """Question, link, mail and event stand together; the mail comes, and the 30 seconds count."""
    browser = vodka_on_each.browser()
    dies(browser, BEFORE_REPLY, "POST", "/auth/ask", email=CAMILLE)
    assert counts(vodka_on_each, "questions", "magic_links", "outbox_mails", "audit_events") == [1] * 4
    assert [letter.to for letter in vodka_on_each.deliver()] == [[CAMILLE]]
    assert browser.ask().status_code == 429
    with freeze_time(clock.after(30), tick=True):
        assert browser.log_in().status_code == 200


def test_f_18_w3_an_answer_killed_before_its_count_was_not_tried(vodka_on_each: VodkaUnderTest, dies: Dies) -> None:
    """The attempt is not counted, and nothing was compared either."""
    browser = asked(vodka_on_each)
    dies(browser, 1, "POST", "/auth/answer", attempt=browser.code())
    assert vodka_on_each.rows("SELECT attempts, used_at FROM questions") == [{"attempts": 0, "used_at": None}]
    assert browser.answer(browser.code()).status_code == 200


def test_f_18_w3_a_counted_attempt_stays_counted(vodka_on_each: VodkaUnderTest, dies: Dies) -> None:
    """Wrong answers of processes that die after the count use the question up like all others (D3)."""
    browser = asked(vodka_on_each)
    code = browser.code()
    for attempts in range(1, 5):
        dies(browser, 2, "POST", "/auth/answer", attempt=wrong(code))
        assert vodka_on_each.rows("SELECT attempts FROM questions") == [{"attempts": attempts}]
    assert browser.answer(wrong(code)).status_code == 401
    assert browser.answer(code).status_code == 401


def test_f_18_w4_a_login_killed_before_its_commit_leaves_the_code_alive(
    vodka_on_each: VodkaUnderTest, dies: Dies
) -> None:
    """The attempt is counted, the code is not used up, nobody is logged in; the same code then works."""
    browser = asked(vodka_on_each)
    code = browser.code()
    dies(browser, 2, "POST", "/auth/answer", attempt=code)
    assert vodka_on_each.rows("SELECT attempts, used_at FROM questions") == [{"attempts": 1, "used_at": None}]
    assert counts(vodka_on_each, "users", "sessions", "devices") == [0] * 3
    assert vodka_on_each.events("login") == []
    assert browser.answer(code).status_code == 200


def test_ans_26_f_18_w4_a_login_killed_before_its_reply_is_held_by_nobody(
    vodka_on_each: VodkaUnderTest, dies: Dies
) -> None:
    """The code is dead, asking again works at once, and the session that nobody has the cookie of is swept away."""
    browser = asked(vodka_on_each)
    code = browser.code()
    dies(browser, BEFORE_REPLY, "POST", "/auth/answer", attempt=code)
    assert browser.answer(code).status_code == 401
    assert counts(vodka_on_each, "sessions", "audit_events WHERE kind = 'login'") == [1, 1]
    browser.log_in()
    assert browser.get("/").status_code == 200
    opened_at = opening_of(vodka_on_each)
    for seconds, sessions in ((599, 2), (601, 1)):
        with freeze_time(opened_at + timedelta(seconds=seconds)), vodka_on_each.app.app_context():
            janitor.clean(vodka_on_each.means.limits, vodka_on_each.means.vault)
            commit()
        assert counts(vodka_on_each, "sessions") == [sessions]
    assert browser.get("/").status_code == 200, "the session that its browser has used stays"


def test_f_18_w5_a_logout_killed_before_its_commit_can_be_repeated(vodka_on_each: VodkaUnderTest, dies: Dies) -> None:
    """Nothing was acknowledged: the session lives, and ends at the next try."""
    browser = vodka_on_each.signed_in()
    dies(browser, 1, "GET", "/auth/logout")
    assert browser.get("/").status_code == 200
    assert browser.get("/auth/logout").status_code == 200
    assert browser.get("/").status_code == 303


def test_f_18_w5_a_logout_killed_before_its_reply_holds(vodka_on_each: VodkaUnderTest, dies: Dies) -> None:
    """The cookie is still in the browser, and worth nothing."""
    browser = vodka_on_each.signed_in()
    dies(browser, BEFORE_REPLY, "GET", "/auth/logout")
    assert browser.cookie("SESSION_ID") is not None
    assert browser.get("/").status_code == 303
    assert len(vodka_on_each.events("logout")) == 1


def opening_of(vodka: VodkaUnderTest) -> datetime:
    """When the oldest session was opened: how long ago that is depends on the machine, the count of seconds must not."""
    with vodka.app.app_context():
        return min(row.opened_at for row in execute(select(SESSIONS.c.opened_at)))


def asked(vodka: VodkaUnderTest) -> Browser:
    """A browser that waits for a code."""
    browser = vodka.browser()
    assert browser.ask().status_code == 201
    return browser
