"""Where a login leads afterwards: vodka's own pages by a short list, a website only through the consent page."""

from __future__ import annotations

import pytest

from vodka.interaction import return_to

RETURN_TO = {
    "nothing": (None, "/"),
    "empty": ("", "/"),
    "home": ("/", "/"),
    "an account page": ("/account/sessions", "/account/sessions"),
    "a website's page": ("/websites/site.epfl.ch/verify", "/websites/site.epfl.ch/verify"),
    "the consent page": ("/authorize?redirect=https%3A%2F%2Fa.ch", "/authorize?redirect=https%3A%2F%2Fa.ch"),
    "the provider's consent page": ("/oauth/authorize?client_id=x", "/oauth/authorize?client_id=x"),
    "the page of a device": ("/oauth/device", "/oauth/device"),
    "the page of a device with a code": ("/oauth/device?user_code=BCDF-GHJK", "/oauth/device?user_code=BCDF-GHJK"),
    "the page of a device that was typed in": ("/oauth/device?device=Ab_-9==", "/oauth/device?device=Ab_-9=="),
    "the page of a device with more": ("/oauth/device?user_code=BCDF-GHJK&x=y", "/"),
    "the page of a device with a code that is none": ("/oauth/device?user_code=%22", "/"),
    "a decision about a device": ("/oauth/device/decide", "/"),
    "the way into an application": ("/enter?scope=https%3A%2F%2Fa.ch%2F", "/enter?scope=https%3A%2F%2Fa.ch%2F"),
    "that, and one parameter more": ("/enter?scope=a&b=c", "/"),
    "a redirect of SPEC": ("https://a.ch/b?c=d", "/authorize?redirect=https%3A%2F%2Fa.ch%2Fb%3Fc%3Dd"),
    "a developer's own machine": ("http://localhost:5000/", "/authorize?redirect=http%3A%2F%2Flocalhost%3A5000%2F"),
    "the consent page without a query": ("/authorize", "/"),
    "another page": ("/auth/logout", "/"),
    "a page that only begins alike": ("/accounts", "/"),
    "two slashes": ("//evil.example", "/"),
    "slash and backslash": ("/\\evil.example", "/"),
    "a backslash in the query": ("/authorize?redirect=\\\\evil", "/"),
    "a fragment": ("/authorize?a=b#c", "/"),
    "plain http": ("http://evil.example", "/"),
    "a script": ("javascript:alert(1)", "/"),
    "a line break": ("/account\r\nSet-Cookie: a=b", "/"),
    "a tab": ("/\t/evil.example", "/"),
    "not ASCII": ("/account/é", "/"),
    "dots that climb": ("/account/../auth/logout", "/"),
    "too long": ("/authorize?redirect=" + "a" * 6200, "/"),
    "just short enough": ("/authorize?a=" + "a" * 6131, "/authorize?a=" + "a" * 6131),
}


@pytest.mark.parametrize(("raw", "goal"), RETURN_TO.values(), ids=RETURN_TO)
def test_red_28_red_31_where_a_login_leads_is_on_a_short_list(raw: str | None, goal: str) -> None:
    """Our own pages, and websites only by way of the consent page, which checks them."""
    assert return_to.parse(raw) == goal


REDIRECT_IN = {
    "one redirect": ("/authorize?redirect=https%3A%2F%2Fa.ch%2Fb&state=1", "https://a.ch/b"),
    "none": ("/authorize?state=1", None),
    "two": ("/authorize?redirect=https%3A%2F%2Fa.ch&redirect=https%3A%2F%2Fb.ch", None),
    "another page": ("/account?redirect=https%3A%2F%2Fa.ch", None),
}


@pytest.mark.parametrize(("goal", "redirect"), REDIRECT_IN.values(), ids=REDIRECT_IN)
def test_the_website_of_a_page_to_come_back_to_is_found_only_if_it_is_one(goal: str, redirect: str | None) -> None:
    """Exactly one redirect of a consent page counts."""
    assert return_to.redirect_in(goal) == redirect
