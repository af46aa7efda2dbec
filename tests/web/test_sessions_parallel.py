"""Many at once, an outage below, and what the logs hold afterwards."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Start
from tests.forging import opened
from tests.vodka_under_test import SITE, VodkaUnderTest, wrong
from vodka.db import db
from vodka.outbox import store as outbox

PEOPLE = 200
THREADS = 8
# The test's own mail server writes down what it hears; it is no part of vodka.
NOT_OURS = ("mail.", "asyncio")


def codes(vodka: VodkaUnderTest) -> dict[str, str]:
    """The code that waits in the outbox for each address."""
    with vodka.app.app_context():
        vault = vodka.means.vault
        return {mail.to_address: outbox.open_context(vault, mail)["code"] for mail in outbox.list_recent(PEOPLE)}


def test_ses_23_nobody_ever_sees_another_address(vodka: VodkaUnderTest) -> None:
    """200 people log in and read /data at the same time on eight threads: each sees only themselves."""
    people = {f"person{number}@epfl.ch": vodka.browser(ip=f"192.0.2.{number}") for number in range(PEOPLE)}
    for email, browser in people.items():
        assert browser.ask(email).status_code == 201
    waiting = codes(vodka)

    def seen_by(email: str) -> list[Any]:
        browser = people[email]
        answers = [browser.answer(waiting[email]), *[browser.get(f"/data?domain={SITE}") for _ in range(3)]]
        # On a busy machine somebody may have to wait too long for SQLite's one writer: that is a refusal, and no leak.
        assert {response.status_code for response in answers} <= {200, 401, 503}
        return [response.json["user"]["email"] for response in answers if response.status_code == 200 and response.json]

    with ThreadPoolExecutor(THREADS) as pool:
        seen = dict(zip(people, pool.map(seen_by, people), strict=True))
    assert {email: set(addresses) - {email} for email, addresses in seen.items()} == {email: set() for email in people}
    assert sum(len(addresses) for addresses in seen.values()) > PEOPLE


def put_away(vodka: VodkaUnderTest) -> None:
    """Take the database's file away and put a folder in its place: nothing can be opened there."""
    with vodka.app.app_context():
        db.session.remove()
        db.engine.dispose()
    file = vodka.means.settings.instance_dir / "vodka.db"
    for left in file.parent.glob("vodka.db-*"):
        left.unlink()
    file.rename(file.with_name("away.db"))
    file.mkdir()


def bring_back(vodka: VodkaUnderTest) -> None:
    """The database stands where it stood."""
    file = vodka.means.settings.instance_dir / "vodka.db"
    file.rmdir()
    file.with_name("away.db").rename(file)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/data?domain=site.epfl.ch"),
        ("GET", "/"),
        ("GET", "/auth/logout"),
        ("GET", "/logout"),
        ("GET", "/authorize?redirect=https://site.epfl.ch/cb"),
        ("GET", "/nothing-here"),
        ("GET", "/auth/ask"),
        ("POST", "/authorize"),
        ("POST", "/account/sessions/end-all"),
        ("GET", "/healthz/ready"),
    ],
)
def test_ses_11_without_the_store_there_is_no_session_and_no_doubt(
    vodka: VodkaUnderTest, method: str, path: str
) -> None:
    """An unreachable session store is 503 with Retry-After, never 200 and never 500; afterwards the session lives on."""
    browser = vodka.signed_in()
    put_away(vodka)
    headers = {"Origin": vodka.origin}
    response = browser.request(method, path, headers=headers, data={"csrf_token": "x"} if method == "POST" else None)
    # A wrong method on a route for programs needs no session to be told so.
    assert response.status_code == (405 if path == "/auth/ask" else 503)
    assert response.status_code == 405 or int(response.headers["Retry-After"]) >= 1
    assert browser.cookie("SESSION_ID") is not None
    bring_back(vodka)
    assert browser.get("/").status_code == 200


def secrets_of_a_whole_visit(vodka: VodkaUnderTest) -> list[str]:
    """Log in by code and by link, fail in between, hand a token over, log out: everything secret that was used."""
    vodka.site()
    browser = vodka.browser()
    browser.ask()
    code, link, question = browser.code(), browser.link(), browser.cookie("QUESTION_ID")
    browser.answer(wrong(code))
    browser.post("/auth/answer", data="{" + code, content_type="application/json")
    browser.get(f"{link}x")
    assert browser.answer(code).status_code == 200
    kept = [browser.cookie(name) for name in ("SESSION_ID", "csrftoken", "DEVICE")]
    page = browser.consent_page(state="a-state-of-the-site", nonce="a-nonce-of-the-site")
    token = page.decide("accept").headers["Location"].partition("token=")[2].partition("&")[0]
    page.decide("accept")
    browser.get("/auth/logout")
    other = vodka.browser(ip="192.0.2.99")
    other.ask("robin.modele@epfl.ch")
    followed = other.link("robin.modele@epfl.ch")
    assert other.get(followed).status_code == 303
    used = [code, link.rpartition("/")[2], followed.rpartition("/")[2], question, token, page.ticket, *kept]
    assert all(used)
    return [str(secret) for secret in used]


def test_ses_16_tok_18_no_log_holds_a_secret(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """At the most talkative level no log line holds a code, link, cookie, ticket or token; the audit holds only the jti."""
    with caplog.at_level(logging.DEBUG):
        vodka = start()
        secrets = secrets_of_a_whole_visit(vodka)
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith(NOT_OURS)]
    assert any("refused" in line for line in lines)
    found = [(secret, line) for secret in secrets for line in lines if secret in line]
    assert found == []
    token = next(secret for secret in secrets if secret.count(".") == 2)
    assert [event["detail"] for event in vodka.events("token.minted")] == [opened(token)[1]["jti"]]


def test_aud_02_no_text_in_the_database_holds_a_secret(vodka: VodkaUnderTest) -> None:
    """After the same visit no column of any table holds one of them, neither as text nor as bytes."""
    secrets = secrets_of_a_whole_visit(vodka)
    tables = [row["name"] for row in vodka.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    kept = [value for table in tables for row in vodka.rows(f"SELECT * FROM {table}") for value in row.values()]
    written = [value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in kept]
    assert len(written) > 100
    # Six digits by themselves may stand anywhere by chance: in a moment, in a digest.
    assert [secret for secret in secrets for text in written if len(secret) > 6 and secret in text] == []
