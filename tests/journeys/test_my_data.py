"""Who has my data, as a student lives it: remembered, withdrawn, taken along, forgotten; with and without JavaScript."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.student import Student

pytestmark = pytest.mark.browser


def accept(student: Student, choice: str) -> None:
    """Accept for so long, and be greeted."""
    student.page.locator(f"#remember-{choice}").check()
    student.accept.click()
    student.is_greeted()


def come_back(student: Student) -> None:
    """Leave the website and sign in there once more."""
    student.leave_site()
    student.begin()


def test_a_remembered_site_goes_through_at_once(student: Student) -> None:
    """No question and no button: the website greets again; and the back button does not lead into a trap."""
    student.reach_consent()
    accept(student, "always")
    come_back(student)
    student.is_greeted()
    student.page.go_back()
    expect(student.page).to_have_url(re.compile(re.escape(student.served.site)))


def test_a_remembered_site_takes_one_tap_without_javascript(arriving: Arrive) -> None:
    """The short page says where to, as whom and with what; one button; the full question is a link away."""
    student = arriving(java_script_enabled=False)
    student.begin()
    student.ask()
    student.type_code()
    student.page.get_by_role("button", name="Sign in").click()
    student.switch("firstName").check()
    accept(student, "month")
    come_back(student)
    student.sees(re.compile("Continue to localhost"))
    expect(student.page.get_by_text("as Camille")).to_be_visible()
    expect(student.page.locator(".rows .label")).to_have_text(["Student", "First name"])
    student.page.locator("#continue").click()
    student.is_greeted()
    student.sees("Hello Camille")
    come_back(student)
    student.page.get_by_role("link", name="Change what is shared").click()
    expect(student.switch("firstName")).not_to_be_checked()
    accept(student, "once")
    student.sees("Hello")
    come_back(student)
    expect(student.deny).to_be_visible()


def test_con_10_withdraw_and_be_asked_again(student: Student) -> None:
    """From the card to the page of the site, one button; the next visit asks, and accepting is all it takes."""
    student.reach_consent()
    accept(student, "always")
    student.open("/")
    student.page.locator("#sites .value a").click()
    student.sees(re.compile("localhost"))
    student.page.locator("#withdraw").click()
    expect(student.page.get_by_text("You are asked before anything is shared.")).to_be_visible()
    expect(student.page.get_by_text(re.compile("withdrawn on"))).to_be_visible()
    come_back(student)
    accept(student, "month")
    student.open("/")
    expect(student.page.locator("#sites")).to_contain_text("2 times")
    student.page.locator("#sites").get_by_role("button").click()
    expect(student.page.get_by_text("You are asked before anything is shared.")).to_be_visible()


def test_aud_04_take_everything_along(student: Student, tmp_path: Path) -> None:
    """Both files come as downloads, and hold what was shared."""
    student.reach_consent()
    accept(student, "once")
    student.open("/")
    for name, ending in (("Download as JSON", "json"), ("Download as CSV", "csv")):
        with student.page.expect_download() as download:
            student.page.get_by_role("link", name=name).click()
        assert re.fullmatch(rf"vodka-\d{{4}}-\d\d-\d\d\.{ending}", download.value.suggested_filename)
        download.value.save_as(tmp_path / ending)
    export = json.loads((tmp_path / "json").read_text())
    assert export["account"][0]["email"] == student.email
    assert [row["fields"] for row in export["releases"]] == [["student"]]
    assert student.email in (tmp_path / "csv").read_text()


@pytest.mark.parametrize("with_scripts", [True, False], ids=["with JavaScript", "without"])
def test_aud_04_delete_the_account(arriving: Arrive, with_scripts: bool) -> None:
    """The address has to be typed; then there is nothing left, and the next login begins from nothing."""
    student = arriving(java_script_enabled=with_scripts)
    student.open("/login")
    student.ask()
    student.type_code()
    if not with_scripts:
        student.page.get_by_role("button", name="Sign in").click()
    student.page.get_by_role("link", name="Delete my account").click()
    student.page.locator("#address").fill("somebody.else@epfl.ch")
    student.page.locator("#submit").click()
    expect(student.page.locator("#address-problem")).to_contain_text("Nothing was deleted")
    student.page.locator("#address").fill(student.email)
    student.page.locator("#submit").click()
    student.sees("Your account is deleted")
    student.open("/")
    student.sees("Sign in with your EPFL address")
