"""Where a login leads afterwards."""

from __future__ import annotations

import pytest

from vodka.interaction.return_to import parse, redirect_in

KEPT = [
    *("/", "/account", "/account/sessions", "/websites", "/websites/club.epfl.ch/prove"),
    *("/authorize?redirect=https%3A%2F%2Fsite.epfl.ch%2Fcb&state=a%2Fb", "/oauth/authorize?client_id=1"),
]


@pytest.mark.parametrize("page", KEPT)
def test_red_28_a_page_on_the_list_is_kept(page: str) -> None:
    """Our own pages that may be the goal of a login."""
    assert parse(page) == page


@pytest.mark.parametrize(
    "raw",
    [
        *(None, "", "//evil.ch", "/\\evil.ch", "\\\\evil.ch", "///evil.ch", "/\t/evil.ch", "/ /evil.ch", "evil.ch"),
        *(
            "javascript:alert(1)",
            "data:text/html,x",
            "http://evil.ch/",
            "ftp://evil.ch",
            "https:evil.ch",
            "HTTPS://evil.ch",
        ),
        *("/auth/logout", "/logout", "/link/abc", "/data", "/dev/mailbox", "/login", "/authorize", "/authorizex?a"),
        *("/websites/../auth/logout", "/websites/.", "/websites//evil.ch", "/websites/a/../../logout"),
        *("/account/../auth/logout", "/account?x", "/authorize?redirect=a#b", "/authorize?redirect=a\\b", "/é", "/\0"),
        *("/authorize?" + "a" * 6144, "https://site.epfl.ch/" + "a" * 6144, "/@evil.ch", "/%2f/evil.ch", "/websites/@"),
    ],
    ids=lambda raw: ascii(raw)[:40],
)
def test_red_28_anything_else_leads_home(raw: str | None) -> None:
    """Neither another site nor a page of ours that does something by being looked at."""
    assert parse(raw) == "/"


def test_an_address_of_a_website_leads_through_the_consent_page() -> None:
    """SPEC's `/login?redirect=REDIRECT_URI`: the consent page judges the address, whole and in one parameter."""
    assert (
        parse("https://evil.ch/?a=b&redirect=c")
        == "/authorize?redirect=https%3A%2F%2Fevil.ch%2F%3Fa%3Db%26redirect%3Dc"
    )
    assert parse("http://localhost:5000/cb") == "/authorize?redirect=http%3A%2F%2Flocalhost%3A5000%2Fcb"


@pytest.mark.parametrize(
    ("goal", "redirect"),
    [
        ("/authorize?redirect=https%3A%2F%2Fsite.epfl.ch%2Fcb&state=1", "https://site.epfl.ch/cb"),
        ("/authorize?state=1", None),
        ("/authorize?redirect=a&redirect=b", None),
        ("/authorize?redirect=", ""),
        ("/oauth/authorize?redirect=a", None),
        ("/", None),
    ],
)
def test_the_website_that_waits_is_named_by_one_redirect(goal: str, redirect: str | None) -> None:
    """None where the page is no consent page, or names several."""
    assert redirect_in(goal) == redirect
