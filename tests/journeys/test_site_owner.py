"""From "I have a website" to the first verified login there, by a person with a browser, a real DNS and a real web server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.club import CLUB, Club, running_club
from tests.journeys.student import DESKTOP, PHONE, Student, arrive
from tests.servers.smtp import SmtpServer

LABEL = f"_vodka-challenge.{CLUB}"


@pytest.fixture
def club(chromium: Browser, tmp_path: Path, smtp: SmtpServer) -> Iterator[Club]:
    """A club that nobody has registered yet."""
    with running_club(tmp_path, smtp) as running:
        yield running


@dataclass
class Hand:
    """Presses and types, and counts it: what an owner has to do is a number that should not grow."""

    clicks: int = 0
    texts: int = 0

    def click(self, what: Locator) -> None:
        """One press."""
        what.click()
        self.clicks += 1

    def type(self, where: Locator, text: str) -> None:
        """One text filled in."""
        where.fill(text)
        self.texts += 1


@pytest.mark.browser
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "options",
    [
        pytest.param(PHONE, id="on a phone"),
        pytest.param(DESKTOP, id="at a desk"),
        pytest.param(DESKTOP | {"java_script_enabled": False}, id="without a script"),
    ],
)
def test_from_a_domain_to_the_first_login(chromium: Browser, club: Club, options: dict[str, object]) -> None:
    """Six presses and one text after signing in; then a student of somebody else's is greeted, under the default grade."""
    with club.browser(chromium) as browser:
        owner = arrive(browser, club.house, **options)
        owner.open("/")
        sign_in(owner, options)
        hand = Hand()
        register(owner, club, hand)
        copy_the_program(owner, hand)
        assert (hand.clicks, hand.texts) == (6, 1)
        student = arrive(browser, club.house, ignore_https_errors=True, **options)
        sign_in_at_the_club(student, club, options)
        owner.open("/websites")
        owner.page.get_by_role("link", name=CLUB).click()
        expect(owner.page.locator("#numbers")).to_contain_text("1")
        assert owner.faults == student.faults == []


def sign_in(person: Student, options: dict[str, object]) -> None:
    """With the code from the mail, which a script sends at its sixth digit."""
    person.ask()
    person.type_code()
    if "java_script_enabled" in options:
        person.page.locator("#submit").click()
    expect(person.page).not_to_have_url(re.compile("/login"))


def register(owner: Student, club: Club, hand: Hand) -> None:
    """Add the domain, look too early, publish the proof, look again."""
    page = owner.page
    hand.click(page.get_by_role("link", name="My websites"))
    hand.type(page.locator("#domain"), CLUB)
    hand.click(page.locator("#add button[type=submit]"))
    expect(page).to_have_url(re.compile("/websites/[0-9]+/proof"))
    hand.click(page.get_by_role("button", name="Check now"))
    expect(page.get_by_role("alert")).to_contain_text("No proof is in place yet")
    expect(page.locator("#dns .notice")).to_contain_text("no TXT record")
    name, value = (page.locator("#dns pre").nth(place).inner_text() for place in (0, 1))
    assert name == LABEL
    club.publish(value)
    hand.click(page.get_by_role("button", name="Check again"))
    expect(page.locator("#done")).to_be_visible()
    expect(page.locator(".badges .good")).to_contain_text("verified since")


def copy_the_program(owner: Student, hand: Hand) -> None:
    """The page leads on to the code, which is filled in with the club's own values."""
    page = owner.page
    hand.click(page.get_by_role("link", name="Code", exact=True))
    program = page.locator("main pre").filter(has_text="redirect").first
    expect(program).to_contain_text(f"https://{CLUB}/callback")
    expect(program).to_contain_text(owner.served.origin)
    if page.locator("[data-copy]:visible").count():
        page.locator("[data-copy]:visible").first.click()
    hand.clicks += 1  # the program is copied, by the button or by hand


def sign_in_at_the_club(student: Student, club: Club, options: dict[str, object]) -> None:
    """Somebody else comes to the club's website, and is asked, and greeted."""
    page = student.page
    page.goto(f"{club.site}/")
    page.get_by_role("link", name="Sign in with vodka").click()
    sign_in(student, options)
    expect(page.locator("h1")).to_contain_text(CLUB)
    expect(page.locator("form.stack")).to_contain_text("It recognises you when you come back")
    student.accept.click()
    expect(page).to_have_url(f"{club.site}/")
    student.sees(re.compile("^Hello"))
