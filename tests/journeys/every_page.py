"""Every page there is, in the order in which one student can meet them; what to do at each is the caller's."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.journeys.student import Student
from tests.vodka_under_test import wrong

UNKNOWN_SITE = "/authorize?redirect=https%3A%2F%2Fclub.ethz.ch%2Fback"


def every_page(student: Student, other: Student) -> Iterator[str]:
    """Name each page while `student.page` shows it; `other` is a second browser of the same person."""
    yield from _signing_in(student)
    yield from _elsewhere(student, other)
    yield from _deciding(student)
    yield from _alone(student)


def _signing_in(student: Student) -> Iterator[str]:
    student.page.goto(student.served.site)
    yield "website"
    student.begin()
    yield "address"
    student.page.locator("#email").fill("camille@example.org")
    student.page.locator("form.card button").click()
    expect(student.page.locator("#email-problem")).to_be_visible()
    yield "address with an error"
    student.ask()
    yield "code"
    student.type_code(wrong(student.code()))
    expect(student.page.locator("#attempt-problem")).to_be_visible()
    yield "code with an error"


def _elsewhere(student: Student, other: Student) -> Iterator[str]:
    mine, student.page = student.page, other.page
    student.page.goto(student.served.link(student.email))
    yield "link elsewhere"
    student.open("/login/code")
    yield "no code"
    student.open("/link/unknown")
    yield "dead link"
    student.page = mine


def _deciding(student: Student) -> Iterator[str]:
    student.type_code()
    expect(student.accept).to_be_visible()
    yield "consent"
    student.deny.click()
    expect(student.page.get_by_role("status")).to_be_visible()
    yield "website, denied"
    student.begin()
    website = student.accept_in_a_new_tab()
    assert student.send_decision_again() == 410
    expect(student.page.locator(".emblem")).to_be_visible()
    yield "consent that is over"
    student.page = website
    student.is_greeted()
    yield "greeting"
    student.page.goto(f"{student.served.site}/callback?state=none")
    yield "website, refused"


def _alone(student: Student) -> Iterator[str]:
    student.open("/")
    yield "account"
    student.page.locator("#sites .value a").click()
    expect(student.page.locator("main h2")).to_have_count(2)
    yield "one website of the ledger"
    student.open("/account/delete")
    expect(student.page.locator("#address")).to_be_visible()
    yield "deleting the account"
    student.open("/?done=session&at=sessions")
    expect(student.page.locator("#done")).to_be_visible()
    yield "account, where something was done"
    student.open(UNKNOWN_SITE)
    yield "error with a hint for the owner"
    student.open("/nothing")
    yield "error"
    student.open("/dev/mailbox")
    yield "mailbox"
    # Who comes from another website is asked first.
    student.page.goto(student.served.site)
    student.page.evaluate("(url) => { location.href = url; }", f"{student.served.origin}/logout")
    expect(student.page.locator("#submit")).to_be_visible()
    yield "signing out"
    student.page.locator("#submit").click()
    expect(student.page.locator("#submit")).to_have_count(0)
    yield "signed out"
