"""What every page keeps in a real browser: readable for everybody, in both languages and both schemes, at any width."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.journeys.device_pages import device_pages
from tests.journeys.every_page import every_page
from tests.journeys.owners_pages import owners_pages
from tests.journeys.served import Served
from tests.journeys.student import PHONE, arrive
from tests.vodka_under_test import ROBIN
from vodka.language import LANGUAGES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]  # twenty pages and more, each judged several times
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NARROWEST = 320  # CSS pixels; WCAG 2.2 §1.4.10 asks for reflow down to it
SMALLEST_TARGET = 44  # CSS pixels, WCAG 2.2 §2.5.5
# Links inside a sentence are as high as its line (§2.5.5, "inline").
TARGETS = "header a, .ways a, .row a, form a, button:visible, input:not([type=hidden], [type=radio], .switch):visible, label.row"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_for_everybody(chromium: Browser, house: Served, language: str) -> None:
    """axe finds nothing, light or dark; nothing sticks out at 320 px; targets are 44 px high; no page breaks the policy."""
    student = arrive(chromium, house, locale=language, **PHONE)
    other = arrive(chromium, house, student.email, locale=language, **PHONE)
    found = {name: faults for name in every_page(student, other) if (faults := _faults(student.page, language))}
    for one in (student, other):
        one.context.close()
    assert found == {}
    assert student.faults + other.faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_device_is_for_everybody(chromium: Browser, house: Served, language: str) -> None:
    """The same for those who sign a device in, or choose a password for one."""
    student = arrive(chromium, house, locale=language, **PHONE)
    found = {name: faults for name in device_pages(student) if (faults := _faults(student.page, language))}
    student.context.close()
    assert found == {}
    assert student.faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_owners_is_for_everybody(chromium: Browser, house: Served, language: str) -> None:
    """The same for those who own websites, and for operators."""
    owner = arrive(chromium, house, ROBIN, locale=language, **PHONE)
    owner.letters = len(house.letters(ROBIN, 0))
    owner.open("/")
    owner.log_in()
    found = {name: faults for name in owners_pages(owner) if (faults := _faults(owner.page, language))}
    owner.context.close()
    assert found == {}
    assert owner.faults == []


def _faults(page: Page, language: str) -> list[str]:
    found = [] if page.locator(f"html[lang={language}]").count() or _is_website(page) else ["another language"]
    found += [f"small: {text}" for text in page.locator(TARGETS).evaluate_all(_SMALL, SMALLEST_TARGET)]
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    found += [] if page.evaluate("document.documentElement.scrollWidth") <= NARROWEST else ["sticks out"]
    page.set_viewport_size(PHONE["viewport"])
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {violation['help']}" for violation in Axe().run(page).response["violations"]]
    page.emulate_media(color_scheme="light")
    return found


def _is_website(page: Page) -> bool:
    """The example website speaks English only."""
    return page.title() == "Chess club"


_SMALL = """(elements, least) => elements
  .filter((element) => element.getBoundingClientRect().height < least - 0.5)
  .map((element) => element.outerHTML.slice(0, 80))"""
