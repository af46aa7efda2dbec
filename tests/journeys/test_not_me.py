"""Somebody asks for a code in my name, and I say so: from the mail, in a browser of my own, with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.student import Student

pytestmark = pytest.mark.browser
NARROWEST = 320  # CSS pixels, WCAG 2.2 §1.4.10


def is_for_everybody(student: Student) -> None:
    """axe finds nothing in either scheme, and nothing sticks out at 320 px."""
    usual = student.page.viewport_size
    assert usual is not None
    for scheme in ("light", "dark"):
        student.page.emulate_media(color_scheme=scheme)
        assert [violation["help"] for violation in Axe().run(student.page).response["violations"]] == []
    student.page.emulate_media(color_scheme="light")
    student.page.set_viewport_size({"width": NARROWEST, "height": 640})
    assert student.page.evaluate("document.documentElement.scrollWidth") <= NARROWEST
    student.page.set_viewport_size(usual)


def not_me(student: Student) -> str:
    """The address behind "this was not me" in the first mail to this student."""
    found = re.search(r"http\S+/not-me/\S+", student.served.letters(student.email)[0].body("plain"))
    assert found is not None
    return found[0]


def asked_by_a_stranger(arriving: Arrive, **options: object) -> tuple[Student, Student]:
    """Somebody who waits for a code in another's name, and the owner of that mailbox."""
    owner = arriving(**options)
    stranger = arriving(owner.email)
    stranger.open("/login")
    stranger.ask()
    return stranger, owner


@pytest.mark.parametrize(("language", "heading"), [("en", "It is stopped"), ("fr", "C’est arrêté")])
def test_what_a_stranger_asked_for_is_stopped_from_the_mail(arriving: Arrive, language: str, heading: str) -> None:
    """One link, one button; the code is dead then, and the page that comes back says what to do."""
    stranger, owner = asked_by_a_stranger(arriving, locale=language)
    code = stranger.code()
    owner.page.goto(not_me(owner))
    expect(owner.page.locator("main")).to_contain_text(owner.email)
    is_for_everybody(owner)
    owner.page.locator("#submit").click()
    owner.sees(heading)
    is_for_everybody(owner)
    owner.page.goto(not_me(owner))
    expect(owner.page.locator("#submit")).to_have_count(0)
    is_for_everybody(owner)
    stranger.type_code(code)
    stranger.sees("No code is waiting here")


def test_it_works_without_javascript(arriving: Arrive) -> None:
    """The button is a form's; the browser is told where it came from by its own headers alone."""
    _, owner = asked_by_a_stranger(arriving, java_script_enabled=False)
    owner.page.goto(not_me(owner))
    owner.page.locator("#submit").click()
    owner.sees("It is stopped")


def test_the_owner_reads_what_happened(arriving: Arrive) -> None:
    """On the account page and on the page of everything, where it can be read by everybody."""
    stranger, owner = asked_by_a_stranger(arriving)
    owner.page.goto(not_me(owner))
    owner.page.locator("#submit").click()
    stranger.open("/login/code")
    stranger.page.goto(stranger.served.link(owner.email))
    stranger.sees("This link no longer works")
    owner.email = owner.served.new_student()
    owner.open("/login")
    owner.log_in()
    owner.open("/")
    expect(owner.page.locator("#history")).to_contain_text("You signed in.")
    owner.page.locator("#history a").click()
    owner.sees("Everything that happened")
    expect(owner.page.locator("main li").first).to_contain_text("You signed in.")
    is_for_everybody(owner)
