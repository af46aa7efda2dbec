"""AUD-02: one run with known secrets; then every log line and everything at rest is searched for them."""

from __future__ import annotations

import logging
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.vodka_under_test import CAMILLE, SECRETS, SITE, Browser, VodkaUnderTest, wrong

CB = f"https://{SITE}/cb"


def forms(secret: str) -> Iterator[bytes]:
    """The ways in which a secret might stand somewhere: as it is, in hex, decoded."""
    yield secret.encode()
    yield secret.encode().hex().encode()
    if len(secret) == 43:
        yield urlsafe_b64decode(secret + "=")


def journey(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> dict[str, str]:
    """Everything that a student meets, with some of it refused; each secret that travelled, by its name."""
    vodka.site()
    browser, secrets = vodka.browser(), dict(SECRETS)
    browser.ask()
    secrets |= _of_the_mail(browser, "first")
    browser.answer(wrong(secrets["first code"]))
    vodka.browser(ip="198.51.100.1").get(f"/link/{secrets['first link']}")
    browser.answer(secrets["first code"])
    secrets |= {name: browser.cookie(name) or "" for name in ("SESSION_ID", "csrftoken", "DEVICE")}
    page = browser.consent_page(CB, state="a-state-that-is-known", nonce="a-nonce-that-is-known")
    secrets["ticket"] = page.ticket
    accepted = page.decide("accept")
    secrets["token"] = accepted.headers["Location"].partition("token=")[2].partition("&")[0]
    page.decide("deny")
    browser.post("/authorize", data={"ticket": page.ticket + "x", "csrf_token": "wrong"})
    freezer.tick(31)
    stranger = vodka.browser(ip="198.51.100.1")
    stranger.ask()
    secrets |= _of_the_mail(stranger, "second")
    vodka.browser().post(f"/not-me/{secrets['second not-me']}", content_type="application/x-www-form-urlencoded")
    vodka.browser().get(f"/not-me/{secrets['second not-me']}")
    stranger.answer(secrets["second code"])
    stranger.get(f"/link/{secrets['second link']}")
    freezer.tick(3600)
    third = vodka.browser(ip="198.51.100.2")
    third.ask()
    secrets |= _of_the_mail(third, "third")
    assert third.get(f"/link/{secrets['third link']}").status_code == 303
    _crash(vodka, browser)
    assert browser.get("/auth/logout").status_code == 200
    return secrets


def _crash(vodka: VodkaUnderTest, browser: Browser) -> None:
    """An outage and a fault of ours: 503 and 500, with their traces."""
    page = browser.consent_page(CB)
    vodka.write("ALTER TABLE releases RENAME TO away")
    assert page.decide("accept").status_code == 503
    vodka.write("ALTER TABLE away RENAME TO releases")
    vodka.write("UPDATE websites SET fields = '{'")
    assert page.decide("accept").status_code == 500


def _of_the_mail(browser: Browser, which: str) -> dict[str, str]:
    text = browser.letter().body("plain")
    magic, not_me = (re.findall(rf"/{path}/(\S+)", text)[0] for path in ("link", "not-me"))
    found = {"link": magic, "not-me": not_me, "question": browser.cookie("QUESTION_ID") or ""}
    return {f"{which} {name}": value for name, value in (found | {"code": browser.code()}).items()}


def at_rest(vodka: VodkaUnderTest) -> dict[str, bytes]:
    """Table and column → everything in it, text and blobs; moments are left out, whose digits are no secrets."""
    tables = [row["name"] for row in vodka.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found: dict[str, bytes] = {}
    for table in tables:
        for row in vodka.rows(f'SELECT * FROM "{table}"'):
            for column, value in row.items():
                raw = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else b""
                if not column.endswith(("_at", "_until", "_since")) and column != "at":
                    found[f"{table}.{column}"] = found.get(f"{table}.{column}", b"") + b"\n" + raw
    return found


@pytest.fixture
def secrets(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """What the run left behind, with every log line kept."""
    caplog.set_level(logging.DEBUG)
    found = journey(vodka, freezer)
    assert all(len(secret) >= 6 for secret in found.values()), found
    return found


def test_aud_02_ses_16_no_secret_stands_in_a_log(secrets: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    """Every line of every logger but the test's own mail server, traces included."""
    ours = [record for record in caplog.get_records("setup") if record.name not in ("mail.log", "asyncio")]
    formatter = logging.Formatter("%(name)s %(message)s")
    logged = "\n".join(formatter.format(record) for record in ours)
    assert "unexpected, reference" in logged
    assert "Traceback" in logged
    assert "database: OperationalError" in logged
    assert [name for name, secret in secrets.items() if secret in logged] == []


def test_aud_02_no_secret_is_at_rest(secrets: dict[str, str], vodka: VodkaUnderTest) -> None:
    """Neither in a column of the database, nor in a page of its file that was freed."""
    columns = at_rest(vodka)
    assert len(columns) > 40
    hits = [
        (name, column)
        for name, secret in secrets.items()
        for column, content in columns.items()
        if any(form in content for form in forms(secret))
    ]
    assert hits == []


def test_aud_02_no_long_secret_is_in_the_files(secrets: dict[str, str], tmp_path: Path, vodka: VodkaUnderTest) -> None:
    """The database's file and its log as they lie on the disk; six digits alone would be found by chance."""
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("vodka.db*"))
    assert CAMILLE.encode() in raw
    long = {name: secret for name, secret in secrets.items() if len(secret) > 6}
    assert [name for name, secret in long.items() if any(form in raw for form in forms(secret))] == []
