"""`vodka application …`: an operator puts an application behind forward-auth, and turns the secrets of its proxy."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import Shell
from tests.proxying import APP, DOMAIN, Protected
from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest
from vodka.errors import InvalidInput, NotFound


@pytest.fixture
def secret(shell: Shell) -> str:
    """Of the proxy of an application for students of SC, Robin, and the level MA2."""
    shell.run("site", "add", DOMAIN, "--owner", ROBIN, "--name", "Hello", "--verified")
    who = ("--students", "--section", "SC", "--address", ROBIN, "--group", "MA2")
    how = ("--public", "/open/", "--method", "get", "--network", "10.1.0.0/16")
    said = shell.lines("application", "add", DOMAIN, APP, *who, *how)
    assert said[0] == "application 1"
    found = re.search(r"vodka-proxy-[\w-]{43}", said[1])
    assert found is not None
    return found[0]


def test_an_application_is_put_behind_vodka(vodka: VodkaUnderTest, secret: str) -> None:
    """With the rule that was said, and a secret that is shown once."""
    app = Protected(vodka, 1, secret)
    assert app.open(vodka.signed_in(CAMILLE)).status_code == 200
    assert app.check(f"{APP}open/x", cookies={"__Host-scoped_session": "x"}).status_code == 200
    assert app.check(headers={"X-Original-Method": "POST"}).status_code == 403
    assert app.check(headers={"X-Vodka-Proxy": ""}, environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 200


def test_secrets_are_turned_over(vodka: VodkaUnderTest, shell: Shell, secret: str) -> None:
    """A second one beside the first, then the first one goes; not from another application."""
    [second] = shell.lines("application", "secret", DOMAIN, "1")
    assert shell.lines("application", "list", DOMAIN) == [f"1  {APP}  secrets: 1 …{secret[-4:]}, 2 …{second[-4:]}"]
    shell.run("application", "forget-secret", DOMAIN, "1", "7", fails=NotFound)
    shell.run("application", "secret", DOMAIN, "2", fails=NotFound)
    shell.run("application", "forget-secret", DOMAIN, "1", "1")
    assert Protected(vodka, 1, secret).check().status_code == 403
    assert Protected(vodka, 1, second).check().status_code == 401


def test_an_application_is_forgotten(vodka: VodkaUnderTest, shell: Shell, secret: str) -> None:
    """Nobody passes any more."""
    shell.run("application", "remove", DOMAIN, "2", fails=NotFound)
    shell.run("application", "remove", DOMAIN, "1")
    assert shell.lines("application", "list", DOMAIN) == []
    assert Protected(vodka, 1, secret).check().status_code == 403


def test_what_is_wrong_is_said(shell: Shell, secret: str) -> None:
    """And nothing is made."""
    shell.run("application", "add", DOMAIN, "https://other.epfl.ch/", fails=InvalidInput)
    shell.run("application", "add", DOMAIN, f"{APP}x/", fails=InvalidInput)
    shell.run("application", "add", DOMAIN, APP, "--address", "nobody", fails=InvalidInput)
    assert len(shell.lines("application", "list", DOMAIN)) == 1


def test_the_configuration_of_the_proxy_is_printed(shell: Shell, secret: str) -> None:
    """With the application's values, where it listens and how the proxy reaches vodka; never with the secret."""
    said = shell.run("application", "snippet", DOMAIN, "1", "nginx", "--upstream", "https://10.0.0.9").output
    assert f"server_name {DOMAIN};" in said
    assert "server 10.0.0.9:443;" in said
    assert "THE_SECRET" in said
    assert secret not in said
    here = shell.run("application", "snippet", DOMAIN, "1", "nginx", "--vodka", "http://127.0.0.1:8000").output
    assert "server 127.0.0.1:8000;" in here
    assert "proxy_ssl" not in here
    for wrong in ("127.0.0.1:8000", "http://h/x", "ftp://h"):
        shell.run("application", "snippet", DOMAIN, "1", "nginx", "--vodka", wrong, fails=InvalidInput)
