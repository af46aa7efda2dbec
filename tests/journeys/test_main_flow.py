"""The main flow as a student lives it: example website, login, code from the real mail, consent, and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.student import Student
from tests.vodka_under_test import wrong

pytestmark = pytest.mark.browser


def test_from_the_website_to_its_greeting(student: Student) -> None:
    """Address, code, consent, Accept: the website verified the token and shows exactly what was accepted."""
    student.begin()
    student.sees("Sign in with your EPFL address")
    expect(student.page.get_by_text("to continue to localhost")).to_be_visible()
    student.ask()
    student.type_code()
    student.sees(re.compile("localhost"))
    expect(student.switch("firstName")).not_to_be_checked()
    student.switch("firstName").check()
    student.accept.click()
    student.is_greeted()
    student.sees("Hello Camille")
    expect(student.page.locator("dt")).to_have_text(["First name", "Student", "Your id here"])


def test_what_is_shown_is_what_is_handed_over(student: Student) -> None:
    """Nothing ticked: the website gets the required field and the id, and greets without a name."""
    student.reach_consent()
    student.accept.click()
    student.is_greeted()
    student.sees("Hello")
    expect(student.page.locator("dt")).to_have_text(["Student", "Your id here"])


def test_deny_shares_nothing_and_the_website_says_so(student: Student) -> None:
    """Deny goes back to the website, which says that nothing was shared; no token travels."""
    student.reach_consent()
    with student.page.expect_request(re.compile("/callback")) as returned:
        student.deny.click()
    expect(student.page.get_by_role("status")).to_contain_text("nothing was shared")
    assert "error=denied" in returned.value.url
    assert "token" not in returned.value.url


def test_the_whole_way_without_javascript(arriving: Arrive) -> None:
    """Every step is a form with a button, the switches and another mail included."""
    student = arriving(java_script_enabled=False)
    student.begin()
    student.ask()
    student.type_code(f"{student.code()[:3]} {student.code()[3:]}")
    student.page.get_by_role("button", name="Sign in").click()
    student.switch("email").check()
    student.accept.click()
    student.is_greeted()
    expect(student.page.get_by_role("definition").filter(has_text=student.email)).to_be_visible()


def test_the_whole_way_in_french(arriving: Arrive) -> None:
    """Pages, mistakes and the mail speak the language that the browser prefers."""
    student = arriving(locale="fr-CH")
    student.begin()
    student.sees("Connectez-vous avec votre adresse EPFL")
    student.page.locator("#email").fill("camille@example.org")
    student.page.get_by_role("button", name="Recevoir un code").click()
    expect(student.page.locator("#email-problem")).to_have_text(
        re.compile("Seule une adresse EPFL.*prenom.nom@epfl.ch", re.DOTALL)
    )
    student.ask()
    student.sees("Regardez votre boîte mail")
    assert "Votre code" in student.served.letters(student.email)[0].body("plain")
    student.type_code()
    expect(student.page.get_by_role("button", name="Refuser")).to_be_visible()
    student.page.get_by_role("button", name="Accepter").click()
    student.is_greeted()


def test_the_language_that_was_chosen_stays(student: Student) -> None:
    """One click changes it, and the way goes on in it, to the same website."""
    student.begin()
    student.page.get_by_role("link", name="Français").click()
    student.sees("Connectez-vous avec votre adresse EPFL")
    student.log_in()
    student.sees(re.compile("Partager ceci avec"))


def test_who_is_signed_in_is_asked_for_consent_only(student: Student) -> None:
    """The second time there is no address and no code, only the question; and the website knows the same person again."""
    student.reach_consent()
    student.accept.click()
    student.is_greeted()
    identifier = student.page.locator("dd.mono").inner_text()
    student.leave_site()
    student.begin()
    expect(student.accept).to_be_visible()
    student.accept.click()
    student.is_greeted()
    expect(student.page.locator("dd.mono")).to_have_text(identifier)


def test_a_wrong_code_then_the_right_one(student: Student) -> None:
    """The page says what is left to try, the field is empty and in focus, and the right code still works."""
    student.begin()
    student.ask()
    student.type_code(wrong(student.code()))
    expect(student.page.locator("#attempt-problem")).to_contain_text("4 tries left")
    expect(student.page.locator("#attempt")).to_be_focused()
    expect(student.page.locator("#attempt")).to_have_value("")
    student.type_code()
    expect(student.accept).to_be_visible()


def test_the_link_of_the_mail_signs_in_where_it_was_asked_for(student: Student) -> None:
    """The same browser may open the link instead of typing, and arrives at the consent page."""
    student.begin()
    student.ask()
    student.page.goto(student.served.link(student.email))
    student.accept.click()
    student.is_greeted()


def test_mag_04_the_link_in_another_browser_says_where_to_go(student: Student, arriving: Arrive) -> None:
    """A second device is sent back to the first, spends nothing, and the first one goes on."""
    student.begin()
    student.ask()
    other = arriving(student.email)
    other.page.goto(student.served.link(student.email))
    other.sees("Go back to the browser where you began")
    expect(other.page.get_by_role("link", name="Start again in this browser")).to_be_visible()
    student.type_code()
    expect(student.accept).to_be_visible()
    other.page.reload()
    other.sees("This link no longer works")
    other.page.get_by_role("link", name="Get a new code").click()
    other.sees("Sign in with your EPFL address")
