"""What an operator does in a browser, and what somebody reports."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, SITE, Browser, VodkaUnderTest, hidden_value

CHIEF = "chief.operator@epfl.ch"
PATH = "/operator"


def operated(start: Start) -> VodkaUnderTest:
    """A vodka with an operator and a website."""
    vodka = start(operators=(CHIEF,))
    vodka.site()
    return vodka


def signed_in_chief(vodka: VodkaUnderTest) -> Browser:
    """The operator, just signed in."""
    return vodka.signed_in(CHIEF, ip="192.0.2.99")


def act(browser: Browser, name: str, number: int = 1, **form: str) -> TestResponse:
    """Press a button of the page."""
    token = hidden_value(browser.get("/account/delete").text, "csrf_token")
    return browser.post(f"{PATH}/websites/{number}/{name}", data={"csrf_token": token} | form)


def section(browser: Browser, name: str, **query: str) -> str:
    """The words of a part of the page."""
    shown = browser.get(PATH, query_string=query)
    assert shown.status_code == 200
    found = re.search(rf'<section class="card" id="{name}">.*?</section>', shown.text, re.DOTALL)
    assert found is not None
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def report(vodka: VodkaUnderTest, words: str = "It lies.", email: str = CAMILLE, domain: str = SITE) -> None:
    """Somebody reports a website."""
    browser = vodka.signed_in(email)
    token = hidden_value(browser.get(f"/report/{domain}").text, "csrf_token")
    sent = browser.post(f"/report/{domain}", data={"csrf_token": token, "kind": "pretends", "words": words})
    assert sent.status_code == 303
