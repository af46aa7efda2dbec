"""`vodka forward-auth check`: what is refused before anything is sent; the attacks themselves are tests/proxies' business."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell
from tests.proxying import APP, DOMAIN
from tests.servers.https import Listener
from tests.vodka_under_test import ROBIN
from vodka.errors import InvalidInput


@pytest.fixture
def operator(shell: Shell) -> Shell:
    """With one application, open at /open."""
    shell.run("site", "add", DOMAIN, "--owner", ROBIN, "--name", "Hello", "--verified")
    shell.run("application", "add", DOMAIN, f"{APP}app/", "--public", "open")
    return shell


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://elsewhere.epfl.ch/", id="nobody's"),
        pytest.param(APP, id="beside the application"),
        pytest.param(f"http://{DOMAIN}/app/", id="in the clear"),
        pytest.param("hello", id="no address"),
    ],
)
def test_only_an_application_that_is_registered_is_attacked(operator: Shell, url: str) -> None:
    """Whatever else it is: nothing is sent, and it is said why."""
    with Listener() as listener:
        there = ("--connect", f"127.0.0.1:{listener.port}", "--plain")
        refused = operator.run("forward-auth", "check", url, *there, fails=InvalidInput)
        assert listener.connections == 0
    assert isinstance(refused.exception, InvalidInput)
    assert refused.exception.public.startswith(f"{url} is no application that is registered here")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param(("--page", "/elsewhere"), "page_bad", id="a page outside"),
        pytest.param(("--page", "/app/../x"), "page_bad", id="a page that is read in two ways"),
        pytest.param(("--page", "/app/open/x"), "page_public", id="a page that is open"),
        pytest.param(("--direct", "127.0.0.1:8080"), "direct_bad", id="an application without a scheme"),
        pytest.param(("--direct", "http:///x"), "direct_bad", id="an application without a host"),
    ],
)
def test_what_cannot_be_attacked_is_refused(operator: Shell, more: tuple[str, ...], code: str) -> None:
    """With what to change."""
    refused = operator.run("forward-auth", "check", f"{APP}app/", *more, fails=InvalidInput).exception
    assert isinstance(refused, InvalidInput)
    assert (refused.code, refused.hint != "") == (code, True)


def test_the_cookie_is_asked_for_and_never_an_argument(operator: Shell) -> None:
    """Arguments are read by everybody on the machine."""
    refused = operator.run("forward-auth", "check", f"{APP}app/", "--cookie", "A" * 43, fails=SystemExit)
    assert refused.exit_code == 2
    assert "FORWARD_AUTH_COOKIE" in refused.stderr
    assert "A" * 43 not in refused.output
    environment = operator.environment | {"FORWARD_AUTH_COOKIE": "scoped_session=short"}
    bad = Shell(environment).run("forward-auth", "check", f"{APP}app/", fails=InvalidInput).exception
    assert isinstance(bad, InvalidInput)
    assert bad.code == "cookie_bad"


@pytest.mark.parametrize("where", ["127.0.0.1", ":443", "127.0.0.1:https", "[::1]:٣"])
def test_a_place_to_connect_to_has_a_port(operator: Shell, where: str) -> None:
    """In digits."""
    refused = operator.run("forward-auth", "check", f"{APP}app/", "--connect", where, fails=SystemExit)
    assert (refused.exit_code, "Write it like 127.0.0.1:443." in refused.stderr) == (2, True)
