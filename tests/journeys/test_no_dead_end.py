"""Two tabs, Back, Reload, pages left too long: whatever browsers let people do, nothing is lost and there is a way on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Arrive
from tests.journeys.served import Served, served
from tests.journeys.student import PHONE, Student, arrive

pytestmark = pytest.mark.browser


def test_two_tabs_of_one_browser(student: Student) -> None:
    """A second tab asks while the first waits: the code signs in, and the other tab goes on by a reload."""
    student.begin()
    student.ask()
    first, second = student.page, student.context.new_page()
    student.page = second
    student.begin()
    student.sees("Sign in with your EPFL address")
    student.page = first
    student.type_code()
    expect(student.accept).to_be_visible()
    student.page = second
    second.reload()
    expect(student.accept).to_be_visible()
    student.accept.click()
    student.is_greeted()


def test_the_code_may_be_typed_in_either_tab(student: Student) -> None:
    """Two tabs with the code page are one question; the one that comes second is simply signed in."""
    student.begin()
    student.ask()
    second = student.context.new_page()
    second.goto(student.page.url)
    student.type_code()
    expect(student.accept).to_be_visible()
    second.reload()
    expect(second.locator("#accept")).to_be_visible()


def test_back_after_signing_in_leads_forward_again(student: Student) -> None:
    """The code and address pages behind the consent page know that they are done."""
    student.reach_consent()
    for _ in range(2):
        student.page.go_back()
        expect(student.accept).to_be_visible()
    student.accept.click()
    student.is_greeted()


def test_back_after_the_consent_is_harmless(student: Student) -> None:
    """The page asks again; the website takes no second answer, and its button leads to a fresh one."""
    student.reach_consent()
    student.accept.click()
    student.is_greeted()
    student.page.go_back()
    expect(student.accept).to_be_visible()
    student.accept.click()
    student.sees("That did not work, try again")
    student.page.get_by_role("link", name="Sign in with vodka").click()
    student.accept.click()
    student.is_greeted()


def test_con_13_a_decision_sent_again_makes_no_second_token(student: Student) -> None:
    """The same form sent again, and that answer reloaded: no token, and a way to start again."""
    student.reach_consent()
    website = student.accept_in_a_new_tab()
    expect(website.get_by_role("heading", level=1)).to_have_text("Hello")
    tokens: list[str] = []
    student.context.on("request", lambda request: tokens.append(request.url) if "token=" in request.url else None)
    assert student.send_decision_again() == 410
    student.sees("Please start again at the website")
    reloaded = student.page.reload()
    assert reloaded is not None
    assert (reloaded.status, reloaded.request.method, tokens) == (410, "POST", [])
    student.page.get_by_role("link", name="Start again").click()
    expect(student.accept).to_be_visible()


def test_a_consent_page_left_too_long_starts_again(chromium: Browser, tmp_path: Path, house: Served) -> None:
    """Its ticket is over: nothing is shared, one button asks anew."""
    with served(tmp_path, house.smtp, consent_ticket_lifetime=0) as impatient:
        student = arrive(chromium, impatient, house.new_student(), **PHONE)
        student.reach_consent()
        student.accept.click()
        student.sees("Please start again at the website")
        student.page.get_by_role("link", name="Start again").click()
        expect(student.accept).to_be_visible()
        student.context.close()
    assert student.faults == []


def test_ses_06_after_signing_out_back_shows_nothing(student: Student) -> None:
    """Logout, then Back: the page of before is gone, and /data answers 401."""
    student.open("/login")
    student.log_in()
    student.sees("Camille Exemple")
    student.page.get_by_role("navigation", name="Account").get_by_role("link", name="Sign out").click()
    student.sees("You are signed out")
    student.page.go_back()
    student.sees("Sign in with your EPFL address")
    expect(student.page.get_by_text("Camille")).to_have_count(0)
    status = student.page.evaluate("fetch('/data?domain=localhost').then((answer) => answer.status)")
    assert status == 401


def test_hdr_09_signing_out_leaves_the_cookies_of_others(student: Student) -> None:
    """Clear-Site-Data takes vodka's cache and storage; another website of the same host still knows its visitor."""
    student.reach_consent()
    student.accept.click()
    student.is_greeted()
    student.open("/logout")
    student.sees("You are signed out")
    names = {cookie.get("name") for cookie in student.context.cookies()}
    assert "SESSION_ID" not in names
    assert "site" in names
    student.page.goto(student.served.site)
    student.is_greeted()


def test_signing_out_everywhere_ends_the_other_browser(student: Student, arriving: Arrive) -> None:
    """The button on one device signs the other one out too, at once."""
    student.open("/login")
    student.log_in()
    other = arriving(student.email)
    other.letters = student.letters
    other.open("/login")
    other.log_in()
    other.sees("Camille Exemple")
    student.page.get_by_role("button", name="Sign out everywhere").click()
    student.sees("You are signed out")
    other.page.reload()
    other.sees("Sign in with your EPFL address")
