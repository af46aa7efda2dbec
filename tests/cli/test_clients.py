"""`vodka client …`: an operator makes, lists, rotates and removes the programs that speak OpenID Connect."""

from __future__ import annotations

import json
import re
import sys

import pytest
from click import UsageError

from tests.cli.conftest import MakeShell, Shell
from tests.vodka_under_test import ROBIN, SITE, VodkaUnderTest
from vodka.errors import InvalidInput, NotFound

CALLBACK = f"https://{SITE}/cb"


def add(shell: Shell, *more: str, domain: str = SITE) -> tuple[str, str]:
    """Make a program; its client_id and its secret, empty if it has none."""
    said = shell.run(
        "client", "add", *([domain] if domain else []), "--name", "Wiki", "--redirect-uri", CALLBACK, *more
    )
    found = dict(re.findall(r"^(\w+) +(\S+)$", said.output, re.MULTILINE))
    assert found["issuer"] == "https://vodka.epfl.ch"
    return found["client_id"], found.get("secret", "")


@pytest.fixture
def operator(shell: Shell) -> Shell:
    """A shell of a vodka with one website."""
    shell.run("site", "add", SITE, "--owner", ROBIN, "--verified")
    return shell


def details(vodka: VodkaUnderTest, client_id: str) -> dict[str, object]:
    [row] = vodka.rows("SELECT details FROM clients WHERE client_id = :id", id=client_id)
    found: dict[str, object] = json.loads(row["details"])
    return found


def test_a_program_is_made_listed_and_removed(operator: Shell, vodka: VodkaUnderTest) -> None:
    """Issuer, client_id and secret are said; the secret only this once; then it is gone with what hangs on it."""
    client_id, secret = add(operator)
    assert secret.startswith("vodka-client-")
    [line] = operator.lines("client", "list")
    assert line == f'{client_id}  {SITE}  server  operator  "Wiki"  …{secret[-4:]}'
    assert operator.lines("client", "list", "other.ch") == []
    assert operator.lines("client", "list", SITE) == [line]
    assert details(vodka, client_id)["scope"] == "openid profile email affiliation studies"
    assert operator.lines("client", "remove", client_id) == [f"{client_id}  removed"]
    assert operator.lines("client", "list") == []
    assert vodka.rows("SELECT * FROM client_secrets") == []
    operator.run("client", "remove", client_id, fails=NotFound)


@pytest.mark.parametrize(("flag", "kind"), [("--public", "browser"), ("--native", "native")])
def test_a_program_without_a_secret(operator: Shell, flag: str, kind: str) -> None:
    """It has none, and gets none by rotating."""
    client_id, secret = add(operator, flag)
    assert secret == ""
    assert f"  {kind}  " in operator.lines("client", "list")[0]
    operator.run("client", "rotate", client_id, fails=InvalidInput)


def test_two_secrets_live_and_a_third_only_in_place_of_the_first(operator: Shell) -> None:
    """Rotation without a pause."""
    client_id, first = add(operator)
    [second] = operator.lines("client", "rotate", client_id)
    assert second != first
    operator.run("client", "rotate", client_id, fails=InvalidInput)
    [third] = operator.lines("client", "rotate", client_id, "--drop")
    assert operator.lines("client", "list")[0].endswith(f"…{second[-4:]} …{third[-4:]}")
    [alone] = operator.lines("client", "rotate", add(operator)[0], "--drop")
    assert alone.startswith("vodka-client-")
    operator.run("client", "rotate", "nobody", fails=NotFound)


def test_an_operator_says_more(operator: Shell, vodka: VodkaUnderTest) -> None:
    """Scopes, grants and switches."""
    more = ("--scope", "openid offline_access", "--grant", "client_credentials", "--legacy", "hybrid")
    client_id, _ = add(operator, *more, "--legacy", "no_pkce")
    made = details(vodka, client_id)
    assert made["scope"] == "openid offline_access"
    assert set(made["grant_types"]) == {"authorization_code", "refresh_token", "client_credentials", "implicit"}
    assert "code id_token" in made["response_types"]
    assert operator.lines("client", "list")[0].endswith("legacy: hybrid, no_pkce")
    operator.run(
        "client", "add", SITE, "--name", "x", "--redirect-uri", CALLBACK, "--grant", "magic", fails=InvalidInput
    )


def test_a_program_of_no_website(operator: Shell, vodka: VodkaUnderTest) -> None:
    """An operator answers for it: anywhere on https, and with public identifiers if they say so."""
    client_id, _ = add(operator, "--no-website", "--subject-type", "public", domain="")
    assert details(vodka, client_id)["subject_type"] == "public"
    assert "(no website)" in operator.lines("client", "list")[0]


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        pytest.param((SITE, "--no-website"), UsageError, id="a website and none"),
        pytest.param((), UsageError, id="neither"),
        pytest.param((SITE, "--subject-type", "public"), UsageError, id="public identifiers at a website"),
        pytest.param(("other.ch",), NotFound, id="a website that is not there"),
    ],
)
def test_what_makes_no_sense_is_refused(operator: Shell, arguments: tuple[str, ...], refusal: type[Exception]) -> None:
    """And nothing is made."""
    domain = "other.ch" if arguments[:1] == ("other.ch",) else SITE
    sent = ("client", "add", *arguments, "--name", "x", "--redirect-uri", f"https://{domain}/cb")
    fails = SystemExit if refusal is UsageError else refusal
    operator.run(*sent, fails=fails)
    assert operator.lines("client", "list") == []


def test_an_address_on_another_domain_is_refused(operator: Shell) -> None:
    """Operators too: it belongs to the website."""
    operator.run("client", "add", SITE, "--name", "x", "--redirect-uri", "https://evil.ch/", fails=InvalidInput)


def test_the_same_tree_under_flask(make_shell: MakeShell, operator: Shell) -> None:
    """`flask vodka client list`."""
    assert make_shell
    client_id, _ = add(operator)
    said = operator.spawn("client", "list", program=(sys.executable, "-m", "flask", "--app", "wsgi", "vodka"))
    assert client_id in said.stdout, said.stderr
