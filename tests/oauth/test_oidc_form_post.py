"""The page that carries an answer in a form (Form Post Response Mode §2): exact, safe, and usable without a script."""

from __future__ import annotations

import pytest

from tests.oauth import conditions
from tests.oauth.relying_party import CALLBACK, RelyingParty
from tests.vodka_under_test import VodkaUnderTest

HOSTILE = "\"><script>alert(1)</script>{{ 7*7 }}&amp;%20+ é\u202e'"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka, redirect_uris=[CALLBACK, f"{CALLBACK}?a=1&b=%22"])


@pytest.mark.parametrize("redirect_uri", [CALLBACK, f"{CALLBACK}?a=1&b=%22"])
def test_the_values_are_exact(club: RelyingParty, redirect_uri: str) -> None:
    """Escaped as HTML and not otherwise: what the client sent as `state` arrives as it was (traps B 3)."""
    club.redirect_uri = redirect_uri
    browser = club.vodka.signed_in()
    response = club.authorize(browser, response_mode="form_post", state=HOSTILE)
    answer = conditions.read_answer(club, response, "form_post")
    conditions.check_answer(club, answer, HOSTILE)
    assert club.exchange(answer["code"]).status_code == 200
    assert "<script>alert" not in response.text


def test_the_page_may_post_elsewhere_and_nothing_more(club: RelyingParty) -> None:
    """form-action would stop the form; everything else of the policy stays, and no script or handler stands in the page."""
    response = club.ask(club.vodka.browser(), response_mode="form_post", prompt="none")
    policy = response.headers["Content-Security-Policy"]
    assert "form-action" not in policy
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "onload" not in response.text
    assert "javascript:" not in response.text
    assert 'id="continue"' in response.text
    assert "site.epfl.ch" in response.text


def test_an_error_that_may_not_be_told_is_no_form(club: RelyingParty) -> None:
    """RFC 6749 §4.1.2.1: to an address that is not registered nothing is posted."""
    wrong = club.ask(club.vodka.browser(), response_mode="form_post", redirect_uri="https://evil.ch/")
    assert wrong.status_code == 400
    assert 'action="https://evil.ch/' not in wrong.text
