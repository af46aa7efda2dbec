"""`vodka user delete`: an operator forgets a person, as their own button does."""

from __future__ import annotations

from tests.cli.conftest import Shell
from tests.vodka_under_test import CAMILLE, NOBODY, SITE, VodkaUnderTest
from vodka.errors import NotFound


def test_aud_04_a_person_is_forgotten_with_all_that_is_theirs(shell: Shell, vodka: VodkaUnderTest) -> None:
    """At once: the account, its session, its website; the output says what went."""
    vodka.site(owner=CAMILLE)
    browser = vodka.signed_in()
    said = shell.lines("user", "delete", CAMILLE, "--yes")
    assert said == [f"{CAMILLE}: deleted", f"{SITE}: its website is no longer registered"]
    assert browser.get("/").status_code == 303
    for table in ("users", "sessions", "websites", "person_records", "questions", "outbox_mails"):
        assert vodka.rows(f"SELECT * FROM {table}") == []
    assert CAMILLE not in repr(vodka.rows("SELECT * FROM audit_events"))


def test_it_asks_before_and_does_nothing_without_a_yes(shell: Shell, vodka: VodkaUnderTest) -> None:
    """A slip of the hand deletes nobody."""
    vodka.signed_in()
    shell.run("user", "delete", CAMILLE, fails=SystemExit)
    assert len(vodka.rows("SELECT id FROM users")) == 1


def test_who_is_not_here_is_not_found(shell: Shell, vodka: VodkaUnderTest) -> None:
    """And nothing is made by the way."""
    shell.run("user", "delete", NOBODY, "--yes", fails=NotFound)
    assert vodka.rows("SELECT id FROM users") == []
