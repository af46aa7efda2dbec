"""Debian's Chromium, driven by Playwright: pages as a person sees them, with the rules that only a browser applies."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers.components import require

# No graphics card, no update, no talk with the browser's maker: only the pages of the test.
QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Chromium's sandbox does not work for root; nobody else should do without it.
FLAGS = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this test process, started at the first test that asks."""
    path = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page in a fresh profile: no cookies, no history."""
    with chromium.new_context() as context:
        yield context.new_page()
