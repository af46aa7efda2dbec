"""Seeing and ending my sessions in real browsers, with JavaScript and without it (FLOWS status)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Arrive
from tests.journeys.student import Student

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether the browsers run scripts."""
    return bool(request.param)


@pytest.fixture
def here(arriving: Arrive, scripts: bool) -> Student:
    """A student who has just signed in."""
    student = arriving(java_script_enabled=scripts)
    sign_in(student, scripts)
    return student


@pytest.fixture
def there(arriving: Arrive, here: Student, scripts: bool) -> Student:
    """The same person in a second browser."""
    student = arriving(here.email, java_script_enabled=scripts)
    student.letters = here.letters
    sign_in(student, scripts)
    return student


def sign_in(student: Student, scripts: bool) -> None:
    """From the address to the account page."""
    student.open("/login")
    student.ask()
    student.type_code()
    if not scripts:
        student.page.get_by_role("button", name="Sign in").click()
    student.sees("Camille Exemple")


def buttons(student: Student, card: str, act: str) -> Locator:
    """The buttons of one kind in a card of the account page."""
    return student.page.locator(f"#{card} form[action$='/{act}'] button")


def is_told(student: Student, sentence: str) -> None:
    """The page says what was done, in sight, above the card."""
    student.sees("Camille Exemple")
    expect(student.page.locator("main > .done")).to_have_text(sentence)
    expect(student.page.locator("main > .done")).to_be_in_viewport()


def is_a_stranger(student: Student) -> None:
    """With the next look at the page the browser is led to the login."""
    student.page.reload()
    expect(student.page).to_have_url(re.compile("/login$"))


def test_ses_14_another_session_dies_at_once(here: Student, there: Student) -> None:
    """One button here, and the second browser is signed out with its next click; the session here lives."""
    here.open("/")
    expect(here.page.locator("#sessions")).to_contain_text("this browser")
    expect(buttons(here, "sessions", "end")).to_have_count(1)
    buttons(here, "sessions", "end").click()
    is_told(here, "That session has ended.")
    is_a_stranger(there)
    expect(buttons(here, "sessions", "end")).to_have_count(0)
    here.page.reload()
    here.sees("Camille Exemple")


def test_ses_14_all_other_sessions_die_at_once(here: Student, there: Student) -> None:
    """Signed out everywhere but here."""
    there.page.reload()
    buttons(there, "sessions", "end-others").click()
    is_told(there, "All other sessions have ended.")
    is_a_stranger(here)
    expect(there.page.locator("#end-others")).to_have_count(0)


def test_ses_07_signing_out_everywhere_ends_this_session_too(here: Student, there: Student) -> None:
    """Both browsers are strangers afterwards."""
    here.open("/")
    here.page.get_by_role("button", name="Sign out everywhere").click()
    here.sees("You are signed out")
    is_a_stranger(there)


def test_a_browser_is_forgotten(here: Student, there: Student) -> None:
    """It is off the list, and stays signed in, as the page says."""
    here.open("/")
    expect(buttons(here, "devices", "forget")).to_have_count(2)
    expect(here.page.locator("#devices .row").filter(has_text="this browser")).to_have_count(1)
    here.page.locator("#devices form").filter(has_not_text="this browser").get_by_role("button").click()
    is_told(here, "That browser is forgotten.")
    expect(buttons(here, "devices", "forget")).to_have_count(1)
    there.page.reload()
    there.sees("Camille Exemple")
