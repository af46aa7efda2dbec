"""A television signs a student in: the code on its screen, a phone, a decision (RFC 8628); with JavaScript and without it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.device_pages import television_of, told
from tests.journeys.served import Served
from tests.journeys.student import Student
from tests.oauth.device_flow import DEVICE_CODE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def television(house: Served) -> str:
    """The client_id of the chess club's television."""
    return television_of(house)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def student(arriving: Arrive, scripts: bool) -> Student:
    """A student who has never been here."""
    return arriving(java_script_enabled=scripts)


def sign_in(student: Student, scripts: bool) -> None:
    """From the address to the page that wanted a login."""
    student.ask()
    student.type_code()
    if not scripts:  # with them the sixth digit sends the form
        student.page.locator("form.card button").click()
    expect(student.page).to_have_url(re.compile("/oauth/device"))


def test_a_code_on_the_screen_becomes_tokens(house: Served, television: str, student: Student, scripts: bool) -> None:
    """The whole way on a phone and at a desk: sign in, type, see what goes out, accept, go back to the device."""
    codes = told(house, "/oauth/device_authorization", client_id=television, scope="openid profile")
    student.page.goto(codes["verification_uri"])
    sign_in(student, scripts)
    student.sees("Connect a device")
    student.page.get_by_label("Code on your device").fill(codes["user_code"].lower())
    student.page.get_by_role("button", name="Continue").click()
    expect(student.page.get_by_text(codes["user_code"])).to_be_visible()
    student.accept.click()
    student.sees("You can go back to your device")
    form = {"grant_type": DEVICE_CODE, "client_id": television, "device_code": codes["device_code"]}
    assert "access_token" in told(house, "/oauth/token", **form)
    student.page.go_back()
    student.page.reload()
    student.sees("You can go back to your device")


def test_a_link_is_looked_at_twice_and_a_no_is_a_no(
    house: Served, television: str, student: Student, scripts: bool
) -> None:
    """By the link with the code: signing in, confirming, denying; the device hears access_denied."""
    codes = told(house, "/oauth/device_authorization", client_id=television, scope="openid email")
    student.page.goto(codes["verification_uri_complete"])
    sign_in(student, scripts)
    student.sees("Does your device show this code?")
    expect(student.page.get_by_text(codes["user_code"])).to_be_visible()
    student.page.get_by_role("button", name="Yes, it does").click()
    student.deny.click()
    student.sees("Nothing was shared")
    form = {"grant_type": DEVICE_CODE, "client_id": television, "device_code": codes["device_code"]}
    assert told(house, "/oauth/token", **form)["error"] == "access_denied"


def test_a_wrong_code_keeps_the_student_on_the_page(student: Student, scripts: bool) -> None:
    """What to do now is said where the code was typed."""
    student.open("/oauth/device")
    sign_in(student, scripts)
    student.page.get_by_label("Code on your device").fill("BBBB-BBBB")
    student.page.get_by_role("button", name="Continue").click()
    expect(student.page.get_by_text("This code does not work.")).to_be_visible()
