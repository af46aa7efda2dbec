"""`vodka site reports`, `approve`, `suspend`: what operators do where there is no browser."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import MakeShell, Shell
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, VodkaUnderTest, hidden_value
from vodka.errors import Misconfigured, NotFound


def report(vodka: VodkaUnderTest, words: str) -> None:
    """Somebody reports the website."""
    browser = vodka.signed_in()
    token = hidden_value(browser.get(f"/report/{SITE}").text, "csrf_token")
    browser.post(f"/report/{SITE}", data={"csrf_token": token, "kind": "too_much", "words": words})


def test_open_reports_are_listed_without_their_authors(shell: Shell, vodka: VodkaUnderTest) -> None:
    """When, about which website, what it is about, in which words; closed ones are gone."""
    assert shell.lines("site", "reports") == []
    vodka.site()
    report(vodka, "My sciper\nfor chess?")
    (line,) = shell.lines("site", "reports")
    assert re.fullmatch(rf"{SITE}  \d{{4}}-\d\d-\d\d \d\d:\d\d  It asks for too much  My sciper for chess\?", line)
    assert CAMILLE not in line
    vodka.write("UPDATE reports SET closed_at = at")
    assert shell.lines("site", "reports") == []


def test_con_08_words_are_approved_and_shown(shell: Shell, vodka: VodkaUnderTest) -> None:
    """The command says which words; the audit has the act without a person."""
    vodka.site(name="EPFL Chess")
    assert "EPFL Chess" not in vodka.signed_in().consent_page().html
    assert shell.lines("site", "approve", SITE) == [f"{SITE}  approved: EPFL Chess  We play on Tuesdays."]
    assert "EPFL Chess" in vodka.signed_in().consent_page().html
    assert [event["user_id"] for event in vodka.events("site.approved")] == [None]


def test_what_is_not_registered_cannot_be_approved(shell: Shell) -> None:
    """Not found."""
    shell.run("site", "approve", SITE, fails=NotFound)


def test_red_32_the_owner_is_told_of_a_suspension_from_the_command_line(shell: Shell, vodka: VodkaUnderTest) -> None:
    """As from the page: one mail, however often the command is run."""
    vodka.site()
    shell.run("site", "suspend", SITE)
    shell.run("site", "suspend", SITE)
    [letter] = vodka.deliver()
    assert letter.to == [ROBIN]
    assert f"An operator of vodka has stopped {SITE}" in letter.body("plain")


@pytest.mark.parametrize(
    "operators",
    [
        "chief",
        "chief@gmail.com",
        "chief@epfl.ch.evil.ch",
        "chief@@epfl.ch",
        "c+x@epfl.ch",
        ".c@epfl.ch",
        "\u212a@epfl.ch",
    ],
)
def test_an_operator_who_could_never_sign_in_is_a_mistake(make_shell: MakeShell, operators: str) -> None:
    """`vodka config check` names the entry."""
    result = make_shell(operators=f"robin.modele@epfl.ch,{operators}").run("config", "check", fails=Misconfigured)
    assert isinstance(result.exception, Misconfigured)
    assert result.exception.problems == [f"VODKA_OPERATORS names {operators}: nobody can sign in with that address."]


@pytest.mark.parametrize("operators", ["", "chief@epfl.ch", "Chief.Operator@EPFL.ch, deputy-1@epfl.ch"])
def test_operators_are_a_list_of_addresses(make_shell: MakeShell, operators: str) -> None:
    """In any case, with spaces, or none at all."""
    assert make_shell(operators=operators).lines("config", "check") == ["The settings are sound."]
