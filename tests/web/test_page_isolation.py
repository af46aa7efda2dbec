"""A page of vodka is alone in its browsing context, and says nothing of what serves it."""

from __future__ import annotations

import re

import pytest

from tests.vodka_under_test import SITE, Browser, VodkaUnderTest


@pytest.mark.parametrize("path", ["/login", "/login/code", "/nothing-here", f"/authorize?redirect=https://{SITE}/cb"])
def test_hdr_03_con_12_a_window_that_opened_a_page_keeps_no_handle_on_it(vodka: VodkaUnderTest, path: str) -> None:
    """Cross-Origin-Opener-Policy on every page: whoever opened the consent page cannot watch or steer it."""
    vodka.site()
    answer = vodka.signed_in().get(path, follow_redirects=True)
    assert answer.mimetype == "text/html"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/login", "/auth/answer", "/nothing-here", "/data?domain=site.epfl.ch"])
def test_hdr_05_no_answer_tells_what_it_is_made_of(browser: Browser, path: str) -> None:
    """Neither a Server header of ours nor a version of anything in an answer, good or bad."""
    answer = browser.get(path)
    assert "Server" not in answer.headers
    assert not re.search(r"(?i)(python|werkzeug|flask|jinja|sqlalchemy|granian)[/ ]?[0-9.]*", answer.text)
