"""`vodka session …`: who is signed in where, and an end to it."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell
from tests.vodka_under_test import CAMILLE, ROBIN, Browser
from vodka.errors import NotFound


def test_the_sessions_of_an_address_are_listed(shell: Shell, laptop: Browser, phone: Browser) -> None:
    """The one used last first, each with the name by which it can be ended; nobody else's."""
    laptop.vodka.signed_in(ROBIN, ip="192.0.2.30")
    assert phone.is_signed_in()
    assert [line.partition("  ")[2] for line in shell.lines("session", "list", CAMILLE)] == [
        "Safari on iPhone, 198.51.100.0/24, since 2026-11-02 10:00, last used 2026-11-02 10:00",
        "Firefox on Linux, EPFL network, since 2026-11-02 09:00, last used 2026-11-02 09:00",
    ]


def test_ses_10_one_session_is_ended(shell: Shell, laptop: Browser, phone: Browser) -> None:
    """Dead with the command's end, the other one lives, and the audit says so."""
    name = shell.lines("session", "list", CAMILLE)[0].split()[0]
    [line] = shell.lines("session", "end", CAMILLE, name)
    assert line.startswith(f"{name}  Safari on iPhone")
    assert [browser.is_signed_in() for browser in (laptop, phone)] == [True, False]
    assert [event["detail"] for event in laptop.vodka.events("session.ended")] == ["Safari on iPhone"]


def test_ses_07_all_sessions_are_ended(shell: Shell, laptop: Browser, phone: Browser) -> None:
    """Every session of this address, and of no other."""
    robin = laptop.vodka.signed_in(ROBIN, ip="192.0.2.30")
    assert shell.lines("session", "end", CAMILLE, "--all") == []
    assert [browser.is_signed_in() for browser in (laptop, phone, robin)] == [False, False, True]
    assert shell.lines("session", "list", CAMILLE) == []
    assert [event["subject"] for event in laptop.vodka.events("logout.everywhere")] == [CAMILLE]


def test_ses_14_a_name_of_somebody_else_ends_nothing(shell: Shell, laptop: Browser) -> None:
    """The name of a session counts only together with its holder's address."""
    name = shell.lines("session", "list", CAMILLE)[0].split()[0]
    laptop.vodka.signed_in(ROBIN, ip="192.0.2.30")
    shell.run("session", "end", ROBIN, name, fails=NotFound)
    shell.run("session", "end", "nobody@epfl.ch", name, fails=NotFound)
    assert laptop.is_signed_in()


@pytest.mark.parametrize("arguments", [(), ("A" * 22, "--all")], ids=["neither", "both"])
def test_one_or_all_must_be_said(shell: Shell, laptop: Browser, arguments: tuple[str, ...]) -> None:
    """Naming nothing, or one and all of them, ends nothing."""
    result = shell.run("session", "end", CAMILLE, *arguments, fails=SystemExit)
    assert result.exit_code == 2
    assert "Name one session, or say --all." in result.output
    assert laptop.is_signed_in()
