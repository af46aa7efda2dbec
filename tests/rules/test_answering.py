"""How a website gets the answer: which addresses, which way, whose pages."""

from __future__ import annotations

from typing import Any

import pytest

from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.websites.answering import MODES, answer_by, check_mode, origin_of, pinned
from vodka.websites.model import Website

LIMITS = Limits()
DOMAIN = "site.epfl.ch"
GOOD = f"https://{DOMAIN}/cb"


def answering(
    mode: str = "query", callbacks: Any = (), origins: Any = (), *, domain: str = DOMAIN, **more: Any
) -> Website:
    website = Website(domain=domain)
    answer_by(website, mode, callbacks, origins, **{"development": False, "limits": LIMITS} | more)
    return website


def refusal(act: Any, *args: Any, **more: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        act(*args, **more)
    assert caught.value.public
    return caught.value


@pytest.mark.parametrize("mode", MODES)
def test_an_owner_chooses_one_of_four_ways(mode: str) -> None:
    """query, fragment, form_post, code."""
    assert answering(mode).response_mode == mode


@pytest.mark.parametrize("mode", ["", "QUERY", "query fragment", "query.jwt", "web_message", "token"])
def test_any_other_way_is_refused(mode: str) -> None:
    """By a sentence that says there are four."""
    assert refusal(answering, mode).code == "mode_unknown"


@pytest.mark.parametrize("chosen", MODES)
@pytest.mark.parametrize("asked", [None, *MODES, "", "QUERY", "web_message"])
def test_tok_21_a_request_may_name_the_chosen_way_and_no_other(chosen: str, asked: str | None) -> None:
    """Whoever writes the link must not be able to move the answer to where it leaks more easily."""
    if asked in (None, chosen):
        check_mode(asked, chosen)
    else:
        refused = refusal(check_mode, asked, chosen)
        assert (refused.code, bool(refused.hint)) == ("response_mode_not_chosen", True)


def test_addresses_are_kept_in_their_canonical_form_and_once() -> None:
    """An upper-case host is lowered, :443 is left out, and the same address twice is one."""
    website = answering("query", ["https://SITE.epfl.ch:443/cb", GOOD, f"{GOOD}?a=1"], ["https://SITE.epfl.ch/"])
    assert website.callbacks == [GOOD, f"{GOOD}?a=1"]
    assert website.origins == [f"https://{DOMAIN}"]


@pytest.mark.parametrize(
    "host", ["evil.ch", "sub.site.epfl.ch", "epfl.ch", "site.epfl.ch.evil.ch", "site-epfl.ch", "evilsite.epfl.ch"]
)
def test_red_08_09_10_a_callback_is_on_the_proven_domain_itself(host: str) -> None:
    """Neither below it, nor above it, nor beside it."""
    assert refusal(pinned, f"https://{host}/cb", DOMAIN, development=False, limits=LIMITS).code == "callback_foreign"


@pytest.mark.parametrize(
    "raw",
    [
        *("", "null", "*", "https://*", DOMAIN, f"//{DOMAIN}", f"http://{DOMAIN}", f"https://{DOMAIN}:8443"),
        *(f"https://{DOMAIN}/cb", f"https://{DOMAIN}//", f"https://{DOMAIN}?", f"https://{DOMAIN}#", "https://evil.ch"),
        *(f"https://sub.{DOMAIN}", f"https://{DOMAIN}.evil.ch", f"https://{DOMAIN}@evil.ch", f"https://*.{DOMAIN}"),
        *(f"https://{DOMAIN}.", "http://localhost:5000", f" https://{DOMAIN}"),
    ],
)
def test_cor_02_an_origin_is_https_and_the_proven_domain_and_nothing_else(raw: str) -> None:
    """RFC 6454 §6.2: what a browser sends; no wildcard, no null, one sentence for each mistake."""
    assert refusal(origin_of, raw, DOMAIN, development=False, limits=LIMITS).code == "origin_malformed"


def test_a_website_on_this_machine_names_its_port() -> None:
    """In the development profile alone."""
    website = answering(
        "query",
        ["http://localhost:5000/cb"],
        ["http://localhost:5000", "http://localhost:5001"],
        domain="localhost",
        development=True,
    )
    assert website.callbacks == ["http://localhost:5000/cb"]
    assert website.origins == ["http://localhost:5000", "http://localhost:5001"]
    assert refusal(answering, "query", ["http://localhost:5000/cb"], domain="localhost").code == "redirect_not_https"


@pytest.mark.parametrize("which", ["callbacks", "origins"])
def test_so_many_addresses_and_no_more(which: str) -> None:
    """At the limit, and one beyond it."""
    addresses = [f"http://localhost:{5000 + number}" for number in range(LIMITS.addresses_per_website + 1)]
    more = {"domain": "localhost", "development": True}
    assert len(getattr(answering(**{which: addresses[:-1]}, **more), which)) == LIMITS.addresses_per_website
    assert refusal(answering, **{which: addresses}, **more).code == "too_many_addresses"
