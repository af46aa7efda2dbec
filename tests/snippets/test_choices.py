"""The same programs under vodka's other keys, under another grade, and in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.journeys.served import served
from tests.servers.components import free_port
from tests.servers.smtp import SmtpServer
from tests.snippets.owner import SECONDS, House
from tests.snippets.running import FILES, running
from tests.snippets.test_by_hand import Terminal
from vodka.websites.answering import FORM_POST, FRAGMENT, QUERY


@pytest.fixture(scope="module", params=["EdDSA", "RS256"])
def other_keys(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A vodka whose operator chose another algorithm."""
    folder = tmp_path_factory.mktemp("keys")
    with SmtpServer() as smtp, served(folder, smtp, {"VODKA_DATA_JWT_ALGORITHM": request.param}) as vodka:
        yield House.of(vodka, folder)


def greeting(house: House, kind: str, folder: Path, grade: str = "personal", path: str = "/callback") -> str:
    """What a fresh website of this kind says to the student."""
    port = free_port()
    house.configure(QUERY, f"http://localhost:{port}{path}", grade=grade)
    visitor = requests.Session()
    with running(kind, house.program(kind), folder, port, ""):
        went = visitor.get(f"http://localhost:{port}/login", allow_redirects=False, timeout=SECONDS)
        return house.answer(went.headers["Location"]).deliver(visitor).text


@pytest.mark.parametrize("kind", FILES)
def test_every_algorithm_of_vodka_is_understood(other_keys: House, kind: str, tmp_path: Path) -> None:
    """The program names the one that the operator chose."""
    assert greeting(other_keys, kind, tmp_path) == "Hello Camille"


def test_every_algorithm_of_vodka_is_understood_by_hand(other_keys: House, tmp_path: Path) -> None:
    """By openssl."""
    other_keys.configure(QUERY, f"http://localhost:{free_port()}/callback")
    terminal = Terminal(other_keys, tmp_path)
    status, said = terminal.paste(other_keys.answer(terminal.address))
    assert (status, "It counts." in said) == (0, True), said


@pytest.mark.parametrize("grade", ["anonymous", "pseudonymous"])
@pytest.mark.parametrize("kind", FILES)
def test_a_student_without_a_name_is_greeted_too(house: House, kind: str, grade: str, tmp_path: Path) -> None:
    """Under the grade anonymous there is no `sub`, under the other perhaps no field at all: the program counts on neither."""
    assert greeting(house, kind, tmp_path, grade) == "Hello student"


@pytest.mark.parametrize("kind", FILES)
def test_the_callback_may_have_any_path(house: House, kind: str, tmp_path: Path) -> None:
    """Signs that mean something to a router mean nothing here."""
    assert greeting(house, kind, tmp_path, path="/it's/(me)/:a/*b/$c/caf%C3%A9+!/") == "Hello Camille"


@pytest.mark.browser
@pytest.mark.parametrize("mode", [FRAGMENT, FORM_POST])
@pytest.mark.parametrize("kind", FILES)
def test_a_browser_carries_the_answer(chromium: Browser, house: House, tmp_path: Path, kind: str, mode: str) -> None:
    """The page of the website that reads the fragment, and vodka's form that submits itself."""
    port = free_port()
    house.configure(mode, f"http://localhost:{port}/callback")
    with (
        running(kind, house.program(kind), tmp_path, port, ""),
        chromium.new_context() as context,
    ):
        known = [(cookie.name, cookie.value or "") for cookie in house.student.cookies]
        context.add_cookies([{"name": name, "value": value, "url": house.served.origin} for name, value in known])
        page = context.new_page()
        page.goto(f"http://localhost:{port}/")
        page.get_by_role("link", name="Sign in with vodka").click()
        page.locator("input.switch[value=firstName]").check()
        page.locator("#accept").click()
        expect(page.locator("body")).to_have_text("Hello Camille")
        expect(page).to_have_url(f"http://localhost:{port}/")
