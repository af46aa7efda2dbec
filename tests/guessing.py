"""People who ask often and guess: steps that several tests of the login share."""

from __future__ import annotations

from tests.vodka_under_test import CAMILLE, Browser, VodkaUnderTest, wrong

# Numbers so high that they limit nothing; for tests of what is left when they do not.
UNLIMITED_MAIL = {
    "resend_interval": 0,
    "mails_per_client_ip": 1_000_000,
    "mails_per_address_quarter": 1_000_000,
    "mails_per_address_hour": 1_000_000,
    "mails_per_address_day": 1_000_000,
}
UNLIMITED_ANSWERS = {"answers_per_client_ip": 1_000_000}


def asked(vodka: VodkaUnderTest, email: str = CAMILLE, ip: str = "192.0.2.10") -> tuple[Browser, str]:
    """A browser that has just asked, and the code in its letter."""
    browser = vodka.browser(ip=ip)
    assert browser.ask(email).status_code == 201
    return browser, browser.code(email)


def guess_wrong(browser: Browser, code: str, times: int) -> None:
    """Answer wrongly so many times."""
    for _ in range(times):
        assert browser.answer(wrong(code)).status_code == 401


def address_number(number: int) -> str:
    """One of many addresses."""
    return f"person.number{number}@epfl.ch"


def set_cookies(response_headers: list[str]) -> dict[str, tuple[str, set[str]]]:
    """Name → value and attributes of each Set-Cookie header."""
    found = {}
    for header in response_headers:
        pair, *attributes = header.split("; ")
        name, _, value = pair.partition("=")
        found[name] = (value, set(attributes))
    return found
