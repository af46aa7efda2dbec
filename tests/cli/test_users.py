"""`vodka user …`: who signed in, shut out and let in again."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.cli.conftest import Shell
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, VodkaUnderTest
from vodka.errors import NotFound


@pytest.fixture(autouse=True)
def now(freezer: FrozenDateTimeFactory) -> None:
    """Stop the clock."""
    assert freezer() is not None


def test_the_list_has_a_line_for_each_account(shell: Shell, vodka: VodkaUnderTest) -> None:
    """Address, state and since when; an account whose address went to somebody else says so."""
    assert shell.lines("user", "list") == []
    vodka.signed_in()
    vodka.signed_in(ROBIN, ip="192.0.2.20")
    vodka.write("UPDATE users SET email = NULL WHERE email = :email", email=ROBIN)
    assert shell.lines("user", "list") == [
        f"{CAMILLE}  active  since 2026-11-02",
        "address handed on  active  since 2026-11-02",
    ]


def test_one_account_is_shown_with_what_is_known_of_it(shell: Shell, vodka: VodkaUnderTest) -> None:
    """The number, what the directory said, the living sessions and the browsers; no name and no secret."""
    vodka.signed_in()
    assert shell.lines("user", "show", CAMILLE) == [
        f"{CAMILLE}  active  since 2026-11-02",
        "sciper    399001",
        "directory student, read 2026-11-02 09:00",
        "sessions  1",
        "browser   Firefox on Linux, last sign-in 2026-11-02 09:00",
    ]
    vodka.signed_in(NOBODY, ip="192.0.2.20")
    vodka.write("DELETE FROM person_records")
    assert shell.lines("user", "show", NOBODY)[1:3] == ["sciper    not known", "directory nothing kept"]


def test_ses_13_disabling_ends_every_session_on_every_worker(
    shell: Shell, vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory
) -> None:
    """Dead with the command's end; enabling lets the person in again, and brings nothing that ended back to life."""
    laptop, phone = vodka.signed_in(), vodka.signed_in(ip="192.0.2.20")
    robin = vodka.signed_in(ROBIN, ip="192.0.2.30")
    assert shell.lines("user", "disable", CAMILLE) == [f"{CAMILLE}  disabled since 2026-11-02 09:00  since 2026-11-02"]
    assert [browser.is_signed_in() for browser in (laptop, phone, robin)] == [False, False, True]
    assert shell.lines("user", "enable", CAMILLE) == [f"{CAMILLE}  active  since 2026-11-02"]
    assert not laptop.is_signed_in()
    freezer.tick(31)
    laptop.log_in()
    assert laptop.is_signed_in()
    for kind in ("user.disabled", "user.enabled"):
        assert [event["subject"] for event in vodka.events(kind)] == [CAMILLE]


@pytest.mark.parametrize("way", ["code", "link", "json"])
def test_ses_13_the_login_tells_its_holder_calmly(
    shell: Shell, vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory, way: str
) -> None:
    """Only after the mailbox was proven: 401 and a sentence, no session; asking looks the same as for everybody."""
    vodka.signed_in()
    shell.run("user", "disable", CAMILLE)
    freezer.tick(31)
    browser = vodka.browser()
    assert browser.post("/login", data={"email": CAMILLE}).status_code == 303
    if way == "json":
        refused = browser.answer(browser.code())
        assert refused.json == {"error": "account_disabled", "message": "This account is switched off."}
    elif way == "link":
        refused = browser.get(browser.link())
        assert "This account is switched off" in refused.text
    else:
        refused = browser.post("/login/code", data={"attempt": browser.code()})
        assert "This account is switched off" in refused.text
        assert 'href="/login">Use another address</a>' in refused.text
    assert refused.status_code == 401
    assert browser.cookie("SESSION_ID") is None
    assert [event["subject"] for event in vodka.events("login.disabled")] == [CAMILLE]


@pytest.mark.parametrize("command", ["show", "disable", "enable"])
def test_an_unknown_address_is_nobody(shell: Shell, vodka: VodkaUnderTest, command: str) -> None:
    """And nothing is done to anybody."""
    vodka.signed_in()
    before = vodka.rows("SELECT * FROM users")
    shell.run("user", command, ROBIN, fails=NotFound)
    assert vodka.rows("SELECT * FROM users") == before
