"""A student in front of a real browser: one page, verbs for what people do, and a record of what went wrong meanwhile."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.journeys.served import Served

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
WIDTHS = {"phone": PHONE, "desktop": DESKTOP}
MILLISECONDS = 15_000  # a busy machine may take its time; nothing waits longer than it has to
# Kept in the page's own window, and said aloud, so that the record outlives the page.
_LISTEN = """addEventListener("securitypolicyviolation", (event) =>
  console.error("Content Security Policy:", event.violatedDirective, event.blockedURI))"""

_SEND_AGAIN = """(form) => {
  const decision = document.createElement("input");
  Object.assign(decision, { type: "hidden", name: "decision", value: "accept" });
  form.append(decision);
  form.submit();
}"""


@dataclass
class Student:
    """One profile of a browser, with one page in use. `faults` holds what no page may ever cause."""

    served: Served
    context: BrowserContext
    email: str = ""
    faults: list[str] = field(default_factory=list)
    letters: int = 0

    def __post_init__(self) -> None:
        self.context.set_default_timeout(MILLISECONDS)
        self.context.add_init_script(_LISTEN)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.faults.append(str(error.error)))
        self.email = self.email or self.served.new_student()
        self.page: Page = self.context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium says aloud that a page came with 4xx; that is meant, and the page says it too.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.faults.append(message.text)

    def open(self, path: str) -> None:
        """Go to a path of vodka."""
        self.page.goto(f"{self.served.origin}{path}")

    def begin(self) -> None:
        """Press the button of the website: vodka asks for the address, or for consent."""
        self.page.goto(self.served.site)
        self.page.get_by_role("link", name="Sign in with vodka").click()

    def leave_site(self) -> None:
        """Sign out of the website, which forgets; vodka does not hear of it."""
        self.page.goto(self.served.site)
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_role("link", name="Sign in with vodka")).to_be_visible()

    def ask(self, email: str = "") -> None:
        """Type the address; the code page comes."""
        self.page.locator("#email").fill(email or self.email)
        self.page.locator("form.card button").click()
        expect(self.page).to_have_url(re.compile("/login/code"))
        self.page.wait_for_load_state()  # a hand is slower than the script, Playwright may be faster
        self.letters += 1

    def code(self) -> str:
        """Read the code in the mail that came last."""
        return self.served.code(self.email, self.letters)

    def type_code(self, code: str = "") -> None:
        """Type the six digits, key by key; a script sends them, without one the button does."""
        self.page.wait_for_load_state()
        self.page.locator("#attempt").press_sequentially(code or self.code())

    def log_in(self) -> None:
        """From the address to whatever comes after the code."""
        self.ask()
        self.type_code()
        expect(self.page).not_to_have_url(re.compile("/login"))

    def reach_consent(self) -> None:
        """From the website to the consent page, as somebody who comes for the first time."""
        self.begin()
        self.log_in()
        expect(self.accept).to_be_visible()

    def sees(self, heading: str | re.Pattern[str]) -> None:
        """The page's one heading says so."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def is_greeted(self) -> None:
        """The website has verified the token and says hello."""
        expect(self.page).to_have_url(f"{self.served.site}/")
        self.sees(re.compile("^Hello"))

    @property
    def accept(self) -> Locator:
        """The button of the consent page."""
        return self.page.locator("#accept")

    @property
    def deny(self) -> Locator:
        """The other one."""
        return self.page.locator("#deny")

    def switch(self, field_name: str) -> Locator:
        """The switch of an optional field of the consent page."""
        return self.page.locator(f"input.switch[value={field_name}]")

    def accept_in_a_new_tab(self) -> Page:
        """Press Accept so that the answer opens beside the consent page, which stays as it is."""
        form = self.page.locator("form.stack")
        form.evaluate("(form) => { form.target = '_blank'; }")
        with self.context.expect_page() as opened:
            self.accept.click()
        form.evaluate("(form) => { form.target = ''; }")
        return opened.value

    def send_decision_again(self) -> int:
        """Send the form of the page once more, as a browser repeats a POST of its history; the status of the answer."""
        with self.page.expect_response(lambda response: response.request.method == "POST") as again:
            self.page.locator("form.stack").evaluate(_SEND_AGAIN)
        return again.value.status


def arrive(browser: Browser, served: Served, email: str = "", **options: Any) -> Student:
    """A student with a browser that has never been here; the caller closes its context."""
    return Student(served, browser.new_context(**options), email)
