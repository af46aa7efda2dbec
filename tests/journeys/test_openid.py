"""A student signs in at a website that speaks OpenID Connect and knows nothing of vodka: phone and desk, script or none."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.served import Served
from tests.journeys.student import Student
from tests.servers.openid_website import OpenIdWebsite

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def website(house: Served) -> Iterator[OpenIdWebsite]:
    """The relying party, which its operator registered with one command."""
    site = OpenIdWebsite(house.origin)
    said = house.command("client", "add", "localhost", "--name", "Chess", "--redirect-uri", site.callback)
    told = dict(line.split(maxsplit=1) for line in said.splitlines())
    site.client_id, site.secret = told["client_id"], told["secret"]
    with site:
        yield site


def reach_consent(student: Student, website: OpenIdWebsite, **more: str) -> None:
    """From the website's button over the login to the consent page."""
    student.page.goto(website.begin(**more))
    student.sees("Sign in with your EPFL address")
    expect(student.page.get_by_text("to continue to localhost")).to_be_visible()
    student.log_in()
    expect(student.accept).to_be_visible()
    expect(student.deny).to_be_visible()
    student.switch("firstName").check()  # its owner said of these that the website can do without
    student.switch("email").check()


def test_what_the_website_can_do_without_is_the_persons_choice(student: Student, website: OpenIdWebsite) -> None:
    """Nothing ticked: the website is told what it needs and nothing else, and says hello all the same."""
    student.page.goto(website.begin())
    student.log_in()
    student.accept.click()
    student.sees("Hello stranger")
    expect(student.page.get_by_text("no address")).to_be_visible()


def test_from_the_website_and_back(student: Student, website: OpenIdWebsite) -> None:
    """Login, consent with the values that will be told, and the website greets by name; the next time without a page."""
    reach_consent(student, website)
    expect(student.page.get_by_text(student.email, exact=True).last).to_be_visible()
    expect(student.page.get_by_text("As long as I stay signed in here")).to_be_visible()
    student.accept.click()
    student.sees("Hello Camille Exemple")
    assert student.page.url.startswith(f"{website.callback}?code=")
    student.page.goto(website.begin(prompt="none"))
    student.sees("Hello Camille Exemple")


def test_the_answer_in_a_form(student: Student, website: OpenIdWebsite) -> None:
    """Form Post Response Mode §2: the page posts itself, past every policy, and nothing stands in the address."""
    reach_consent(student, website, response_mode="form_post")
    student.accept.click()
    student.sees("Hello Camille Exemple")
    assert student.page.url == website.callback
    assert website.heard[-1][0] == "POST"


def test_the_answer_in_a_form_without_a_script(arriving: Arrive, website: OpenIdWebsite) -> None:
    """The same with one button more."""
    student = arriving(java_script_enabled=False)
    student.page.goto(website.begin(response_mode="form_post"))
    student.ask()
    student.type_code()
    student.page.get_by_role("button", name="Sign in").click()
    student.switch("firstName").check()
    student.accept.click()
    student.sees(re.compile("Continue to"))
    student.page.get_by_role("button", name="Continue").click()
    student.sees("Hello Camille Exemple")


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_deny(student: Student, website: OpenIdWebsite, mode: str) -> None:
    """The website learns that the person did not agree, and nothing else."""
    reach_consent(student, website, response_mode=mode)
    student.deny.click()
    student.sees("Nothing was shared")
    method, answer = website.heard[-1]
    assert method == ("POST" if mode == "form_post" else "GET")
    assert answer["error"] == "access_denied"
    assert "code" not in answer


def test_which_account(student: Student, website: OpenIdWebsite) -> None:
    """prompt=select_account: the account that is signed in is one button, another one is a link to the login."""
    reach_consent(student, website)
    student.accept.click()
    student.page.goto(website.begin(prompt="select_account"))
    student.sees(re.compile("Continue to"))
    expect(student.page.get_by_role("link", name="Use another address")).to_be_visible()
    student.page.locator("#this-account").click()
    student.sees("Hello Camille Exemple")


def test_a_new_login_is_asked_for_once(student: Student, website: OpenIdWebsite) -> None:
    """prompt=login: the address is asked for although somebody is signed in, and then it goes on."""
    reach_consent(student, website)
    student.accept.click()
    student.page.wait_for_timeout(3000)  # the least time between two codes here
    student.page.goto(website.begin(prompt="login"))
    student.sees("Sign in with your EPFL address")
    student.log_in()
    student.accept.click()
    student.sees(re.compile("^Hello"))


def test_an_address_that_is_not_registered(student: Student, website: OpenIdWebsite) -> None:
    """The person sees what happened, the website's owner what to change, and the browser stays here."""
    student.page.goto(website.begin(redirect_uri=f"{website.callback}/other"))
    student.sees("This did not work")
    expect(student.page.get_by_text("/callback/other").first).to_be_visible()
    assert student.page.url.startswith(f"{student.served.origin}/oauth/authorize")
