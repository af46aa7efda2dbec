"""Passkeys with a virtual authenticator in a real browser: add one after a code, sign in with one button, take it away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from tests.journeys.conftest import Arrive
from tests.journeys.student import Student

pytestmark = pytest.mark.browser
# A device with a screen lock, whose owner is there and agrees to everything.
DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
OFFER = "Have a passkey on this device? Use it instead"
# What a browser knows that speaks WebAuthn, but neither reads its JSON nor offers passkeys among its suggestions.
OLDER = """for (const name of ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON", "isConditionalMediationAvailable"])
  delete PublicKeyCredential[name];"""


def device(student: Student, **differs: Any) -> tuple[CDPSession, str]:
    """Give the student's page an authenticator (it lives with the page)."""
    session = student.context.new_cdp_session(student.page)
    session.send("WebAuthn.enable", {"enableUI": False})
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | differs})
    return session, added["authenticatorId"]


def log_in(student: Student) -> None:
    """Sign in by code, to the account page."""
    student.open("/login")
    student.log_in()
    expect(student.page.locator("#passkeys")).to_be_visible()


def add(student: Student) -> None:
    """Press the button of the card."""
    student.page.get_by_role("button", name="Add a passkey").click()
    expect(student.page.get_by_text("Your passkey is ready.")).to_be_visible()


def sign_out(student: Student) -> None:
    """Sign out, and go to the address page."""
    student.open("/logout")
    student.open("/login")


def test_a_passkey_from_its_first_day_to_its_last(student: Student) -> None:
    """Added, used, renamed, removed; then it opens nothing, and the address is still there to sign in with."""
    student.context.add_init_script(OLDER)
    device(student)
    log_in(student)
    add(student)
    expect(student.page.locator("#passkeys bdi")).to_have_text("Chrome on Linux")
    sign_out(student)
    student.page.get_by_role("button", name=OFFER).click()
    expect(student.page.locator("#passkeys")).to_be_visible()
    expect(student.page.locator("#passkeys")).to_contain_text("Last used on")
    student.page.locator("#passkeys summary").click()
    student.page.get_by_label("New name").fill("My laptop")
    student.page.get_by_role("button", name="Save").click()
    expect(student.page.locator("#passkeys bdi")).to_have_text("My laptop")
    student.page.get_by_role("button", name="Remove My laptop").click()
    expect(student.page.get_by_text("That passkey opens nothing any more.")).to_be_visible()
    sign_out(student)
    student.page.get_by_role("button", name=OFFER).click()
    expect(student.page.get_by_text("This passkey did not work.")).to_be_visible()
    student.log_in()
    expect(student.page.locator("#passkeys bdi")).to_have_count(0)


def test_the_browser_itself_reads_the_options_and_offers_the_passkey(student: Student) -> None:
    """Without any press: the suggestions of the address field sign in, where the browser has them."""
    device(student)
    log_in(student)
    add(student)
    student.open("/logout")
    student.open("/login")
    expect(student.page.locator("#passkeys")).to_be_visible()


def test_the_website_that_waits_is_reached_with_a_passkey(student: Student) -> None:
    """From the website to its consent page with one press, no mail in between."""
    student.context.add_init_script(OLDER)
    device(student)
    log_in(student)
    add(student)
    student.open("/logout")
    student.begin()
    student.page.get_by_role("button", name=OFFER).click()
    expect(student.accept).to_be_visible()
    student.accept.click()
    student.is_greeted()


def test_one_device_holds_one_passkey_for_one_person(student: Student) -> None:
    """A second one is refused by the device, and the page says why."""
    device(student)
    log_in(student)
    add(student)
    student.page.get_by_role("button", name="Add a passkey").click()
    expect(student.page.get_by_text("This device already holds a passkey for you.")).to_be_visible()
    expect(student.page.get_by_role("button", name="Add a passkey")).to_be_enabled()


def test_an_owner_who_does_not_unlock_the_device_hears_a_calm_sentence(student: Student) -> None:
    """Nothing is added, nothing opens, and each page goes on as before."""
    student.context.add_init_script(OLDER)
    session, authenticator = device(student)
    log_in(student)
    add(student)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    sign_out(student)
    student.page.get_by_role("button", name=OFFER).click()
    expect(student.page.get_by_text("No passkey was used.")).to_be_visible()
    student.log_in()
    expect(student.page.locator("#passkeys")).to_be_visible()


def test_without_a_script_the_pages_are_whole(arriving: Arrive) -> None:
    """The card says what it would need, the login page says nothing; signing in works as ever."""
    student = arriving(java_script_enabled=False)
    student.open("/login")
    expect(student.page.get_by_role("button", name=OFFER)).to_have_count(0)
    student.ask()
    student.type_code()
    student.page.locator("#submit").click()
    expect(student.page.get_by_text(re.compile("Adding a passkey needs JavaScript"))).to_be_visible()
    expect(student.page.get_by_role("button", name="Add a passkey")).to_have_count(0)
