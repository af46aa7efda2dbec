"""`vodka demo` as whoever tries it meets it: one printed address, the rest by clicking."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.cli.test_demo import demo
from tests.journeys.student import MILLISECONDS
from vodka.demo import STUDENT

pytestmark = pytest.mark.browser


def test_the_demo_from_the_printed_address_to_the_greeting(page: Page, tmp_path: Path) -> None:
    """The website, the address that was printed, the mailbox page in a second tab, consent, greeting."""
    page.set_default_timeout(MILLISECONDS)
    with demo(tmp_path):
        printed = (tmp_path / "log").read_text()
        [site], [mailbox] = re.findall(r"Open (\S+)", printed), re.findall(r"arrives at (\S+)", printed)
        page.goto(site)
        page.get_by_role("link", name="Sign in with vodka").click()
        page.locator("#email").fill(STUDENT)
        page.get_by_role("button", name="Send me a code").click()
        mails = page.context.new_page()
        mails.goto(mailbox)
        code = mails.locator(".mail .code").inner_text()
        page.locator("#attempt").press_sequentially(code)
        page.locator("input.switch[value=firstName]").check()
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Hello Camille")
