"""Every page of site owners and operators, in the order in which one owner can meet them; what to do at each is the caller's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from tests.journeys.student import Student

REFUSED = "/authorize?redirect=http%3A%2F%2Flocalhost%3A9%2Fother&state=x"


def owners_pages(owner: Student) -> Iterator[str]:
    """Name each page while `owner.page` shows it; the owner of localhost is signed in, and an operator too."""
    yield from _adding(owner)
    yield from _configuring(owner)
    yield from _watching(owner)


def _adding(owner: Student) -> Iterator[str]:
    page = owner.page
    owner.open("/websites")
    yield "my websites"
    page.locator("#domain").fill("https://192.0.2.1/")
    page.locator("#add button").click()
    expect(page.locator("#domain-problem")).to_be_visible()
    yield "a domain with an error"
    page.locator("#domain").fill("club.epfl.ch")
    page.locator("#add button").click()
    expect(page).to_have_url(re.compile("/proof"))
    yield "three proofs"
    page.locator("form.stack button").click()
    expect(page.locator("#result")).to_be_visible()
    yield "three proofs, none found"
    page.goto(page.url.removesuffix("/proof"))
    yield "overview of a website that is not proven"
    page.goto(f"{page.url}/delete")
    yield "deleting a website"


def _configuring(owner: Student) -> Iterator[str]:
    page = owner.page
    owner.open(REFUSED)
    yield "error with a reference"
    owner.open("/websites")
    page.get_by_role("link", name="localhost").click()
    expect(page.locator("#numbers")).to_be_visible()
    yield "overview"
    here = page.url
    for section in ("proof", "asks", "logo", "answers", "code", "people"):
        page.goto(f"{here}/{section}")
        yield f"a website: {section}"
    yield from _programs(owner, here)
    yield from _applications(owner, here)
    page.goto(f"{here}/answers")
    page.locator("textarea").first.fill("http://evil.example/")
    page.locator("form").first.evaluate("(form) => form.requestSubmit()")
    expect(page.locator("[aria-invalid]").first).to_be_visible()
    yield "answers with an error"
    page.goto(f"{here}/answers")
    page.locator("#make-secret").click()
    expect(page.locator("#kept")).to_be_visible()
    yield "a new secret"


def _programs(owner: Student, here: str) -> Iterator[str]:
    page = owner.page
    page.goto(f"{here}/clients")
    yield "OpenID programs, none yet"
    page.locator("#name").fill("The club’s wiki")
    page.locator("#redirect_uris").fill("https://elsewhere.ch/")
    page.locator("#make-client").click()
    expect(page.locator("#redirect_uris-problem")).to_be_visible()
    yield "a program with an error"
    page.locator("#redirect_uris").fill(f"{owner.served.site}/oidc")
    page.locator("#make-client").click()
    expect(page.locator("#kept")).to_be_visible()
    yield "a new program"
    page.locator("#kept").click()
    expect(page).to_have_url(re.compile("/setup"))
    yield "the configuration of a program"
    page.goto(page.url.removesuffix("/setup"))
    page.locator("#advanced summary").click()
    yield "a program"
    page.goto(f"{here}/clients")
    if not page.locator("#make-token").is_visible():  # a token that lives keeps the section open
        page.locator("#tokens summary").click()
    page.locator("#make-token").click()
    expect(page.locator("#kept")).to_be_visible()
    yield "a token to register with"
    owner.open("/oauth/authorize?client_id=nobody&response_type=code")
    yield "a program that nobody knows"


def _applications(owner: Student, here: str) -> Iterator[str]:
    page = owner.page
    page.goto(f"{here}/applications")
    yield "applications behind a proxy, none yet"
    page.locator("#url").fill(f"{owner.served.site}/wiki/")
    page.locator("#public").fill("../up")
    page.locator("#make-application").click()
    expect(page.locator("#public-problem")).to_be_visible()
    yield "an application with an error"
    page.locator("#public").fill("static")
    page.locator("#make-application").click()
    expect(page.locator("#kept")).to_be_visible()
    yield "a new application"
    page.locator("#kept").click()
    expect(page).to_have_url(re.compile("/setup"))
    yield "the configuration of a proxy"
    page.goto(page.url.removesuffix("/setup"))
    page.locator("#advanced summary").click()
    yield "an application"
    page.goto(f"{here}/applications")
    yield "applications behind a proxy"
    page.locator("#applications a").first.click()
    page.locator("#delete summary").click()
    page.locator("#delete-now").click()


def _watching(owner: Student) -> Iterator[str]:
    page = owner.page
    owner.open("/report/localhost")
    yield "reporting a website"
    page.locator("input[name=kind]").first.check()
    page.locator("main form button[type=submit]").click()
    expect(page).to_have_url(re.compile("/report/"))
    yield "reported"
    owner.open("/operator")
    expect(page.locator("#reports")).to_be_visible()
    yield "operators"
