"""Requests that nobody can be told about: a page that says what to change, and a line in the feed (RFC 6749 §4.1.2.1)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.oauth.relying_party import CALLBACK, RelyingParty
from tests.vodka_under_test import ROBIN, SITE, VodkaUnderTest
from vodka.limits import Limits
from vodka.oauth.authorize.explaining import compare
from vodka.websites import registry

SECOND = f"https://{SITE}/second"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """A client with two redirect addresses."""
    return RelyingParty.of(vodka, redirect_uris=[CALLBACK, SECOND])


def page_of(response: TestResponse) -> str:
    """The page as its reader sees it; never a redirect."""
    assert response.status_code == 400, response.headers
    assert "Location" not in response.headers
    return " ".join(unescape(re.sub("<[^>]+>", "", response.text)).split())


def feed(vodka: VodkaUnderTest) -> list[dict[str, Any]]:
    """What is kept for the website's owner."""
    return vodka.rows("SELECT code, parameter, shown, sentence, hint, reference FROM refusals ORDER BY id")


NEAR = {
    "a slash at the end": (f"{CALLBACK}/", "Only the slash at the end is different."),
    "no slash at the end": (CALLBACK[:-1], "Their paths are different."),
    "capitals": (CALLBACK.upper(), "Only capital and small letters are different."),
    "plain http": (CALLBACK.replace("https", "http"), "One begins with https://, the other does not."),
    "another domain": ("https://evil.ch/oidc", "They are on different domains."),
    "a port": (f"https://{SITE}:8443/oidc", "They name different ports."),
    "an added query": (f"{CALLBACK}?a=1", "They are different after the question mark."),
    "a fragment": (f"{CALLBACK}#x", "The part after # may not be sent."),
    "nothing like it": ("rubbish", "One begins with https://, the other does not."),
}


@pytest.mark.parametrize(("sent", "difference"), NEAR.values(), ids=NEAR)
def test_oau_12_red_29_an_address_that_is_not_registered_is_compared_with_the_nearest(
    club: RelyingParty, sent: str, difference: str
) -> None:
    """RFC 6749 §3.1.2.4, RFC 9700 §4.1.3: no redirect; what was sent, what is registered, and where they differ."""
    page = page_of(club.ask(club.vodka.browser(), redirect_uri=sent))
    assert "The address to go back to is not registered for this program." in page
    assert f"The program sent:{sent}" in page
    assert f"Registered is:{CALLBACK}" in page
    assert f"{difference} One more address is registered." in page


def test_the_nearest_of_several_is_shown(vodka_on_each: VodkaUnderTest) -> None:
    """By what is the same at the beginning and at the end; the rest of each is marked."""
    club = RelyingParty.of(vodka_on_each, redirect_uris=[CALLBACK, SECOND])
    response = club.ask(club.vodka.browser(), redirect_uri=f"{SECOND}/")
    assert f"{SECOND}<strong><u>/</u></strong>" in response.text
    assert f"{SECOND}<strong><u></u></strong>" in response.text


@pytest.mark.parametrize(
    ("sent", "registered", "same", "kind"),
    [
        ("https://a.ch/x", "https://a.ch/x/", "https://a.ch/x", "slash"),
        ("https://a.ch/X", "https://a.ch/x", "https://a.ch/", "case"),
        ("https://a.ch/" + "x" * 300, "https://a.ch/" + "x" * 300, "https://a.ch/" + "x" * 300, "path"),
        ("http://[::1]:80/", "http://[::1]/", "http://[::1]", "port"),
    ],
    ids=["a slash more", "a capital", "the same as far as one looks", "another port of this machine"],
)
def test_where_two_addresses_first_differ(sent: str, registered: str, same: str, kind: str) -> None:
    """The common beginning, and in which part of an address (RFC 3986 §3)."""
    found = compare(sent, registered)
    assert (found.same, found.kind) == (same, kind)
    assert found.same + found.sent == sent
    assert found.same + found.registered == registered


CASES = {
    "no client_id": ({"client_id": None}, "client_missing", "client_id is missing", "client_id"),
    "an unknown client_id": (
        {"client_id": "nobody"},
        "client_unknown",
        "knows no program with this client_id",
        "client_id",
    ),
    "no redirect_uri, of two": ({"redirect_uri": None}, "redirect_uri_missing", "several addresses", "redirect_uri"),
    "another redirect_uri": (
        {"redirect_uri": f"{CALLBACK}x"},
        "redirect_uri_unknown",
        "is not registered",
        "redirect_uri",
    ),
    "redirect_uri twice": (
        {"redirect_uri": [CALLBACK, SECOND]},
        "parameter_repeated",
        "more than once",
        "redirect_uri",
    ),
    "client_id twice": ({"client_id": ["a", "b"]}, "parameter_repeated", "more than once", "client_id"),
}


@pytest.mark.parametrize(("changed", "code", "sentence", "parameter"), CASES.values(), ids=CASES)
def test_oau_12_each_case_has_its_own_sentence_and_a_line_in_the_feed(
    club: RelyingParty, changed: dict[str, Any], code: str, sentence: str, parameter: str
) -> None:
    """With the reference of the page; the owner's feed names the parameter."""
    response = club.ask(club.vodka.browser(), **changed)
    page = page_of(response)
    assert sentence in page
    [row] = feed(club.vodka)
    assert (row["code"], row["parameter"]) == (code, parameter)
    assert f"Reference {row['reference']}" in page
    assert row["sentence"] in page


def test_one_registered_address_needs_no_redirect_uri_but_a_response_type(vodka: VodkaUnderTest) -> None:
    """RFC 6749 §3.1.1: the response type is required, and said to be missing."""
    club = RelyingParty.of(vodka)
    page = page_of(club.ask(vodka.browser(), redirect_uri=None, response_type=None))
    assert "response_type is missing. Send response_type=code." in page
    assert feed(vodka)[0]["code"] == "response_type_missing"


def test_an_unknown_response_type_is_named(vodka: VodkaUnderTest) -> None:
    """Where even that it is unknown cannot be told to the client."""
    club = RelyingParty.of(vodka)
    page = page_of(club.ask(vodka.browser(), redirect_uri=None, response_type="magic"))
    assert "vodka does not know this response_type." in page


def test_a_client_without_addresses_is_told_so(vodka: VodkaUnderTest) -> None:
    """One that signs nobody in."""
    club = RelyingParty.of(vodka, redirect_uris=[], response_types=[], grant_types=["client_credentials"])
    page = page_of(club.ask(vodka.browser()))
    assert "No address to go back to is registered for this program." in page
    assert page_of(club.ask(vodka.browser(), redirect_uri=None))


def test_red_32_a_client_of_a_suspended_website_is_unknown_and_its_owner_learns_of_it(club: RelyingParty) -> None:
    """The feed finds the website by the address to go back to."""
    club.vodka.change_site(SITE, lambda site: registry.suspend(site, "proof"))
    assert "knows no program" in page_of(club.ask(club.vodka.browser()))
    assert [row["code"] for row in feed(club.vodka)] == ["client_unknown"]


def test_an_address_of_nobody_leaves_no_line(club: RelyingParty) -> None:
    """Neither an unknown client at an unknown domain, nor a client of no website."""
    page_of(club.ask(club.vodka.browser(), client_id="nobody", redirect_uri="https://elsewhere.ch/"))
    alone = RelyingParty.of(club.vodka, domain=None)
    page_of(alone.ask(club.vodka.browser(), redirect_uri="https://elsewhere.ch/"))
    assert alone.answer(alone.ask(club.vodka.browser(), prompt="magic"))["error"] == "invalid_request"
    assert feed(club.vodka) == []


def test_what_a_client_is_told_at_its_own_address_is_in_the_feed_too(club: RelyingParty) -> None:
    """The error, its description, and the parameter where one is to blame; login_required is no mistake."""
    browser = club.vodka.browser()
    for changed in ({"prompt": "magic"}, {"prompt": "none"}, {"resource": "nonsense"}):
        club.answer(club.ask(browser, **changed))
    first, second = feed(club.vodka)
    assert (first["code"], first["parameter"]) == ("invalid_request", "")
    assert "prompt knows none" in first["hint"]
    assert (second["code"], second["parameter"], second["shown"]) == ("invalid_target", "resource", "nonsense")
    owner = club.vodka.signed_in(ROBIN)
    number = club.vodka.rows("SELECT id FROM websites")[0]["id"]
    assert "was told so." in owner.get(f"/websites/{number}").text


def test_asvs_16_2_5_values_of_a_query_are_not_kept(club: RelyingParty) -> None:
    """Of an address that came the names of its parameters."""
    page_of(club.ask(club.vodka.browser(), redirect_uri=f"{CALLBACK}?token=secret#x"))
    assert feed(club.vodka)[0]["shown"] == f"{CALLBACK}?token=…#…"


def test_only_who_keeps_the_website_gets_the_way_to_its_settings(club: RelyingParty) -> None:
    """For everybody else the page names no number."""
    [row] = club.vodka.rows("SELECT id, website_id FROM clients")
    way = f"/websites/{row['website_id']}/clients/{row['id']}"
    sent = {"redirect_uri": f"{CALLBACK}/"}
    assert way in club.ask(club.vodka.signed_in(ROBIN), **sent).text
    assert way not in club.ask(club.vodka.signed_in(ip="192.0.2.11"), **sent).text
    assert way not in club.ask(club.vodka.browser(), **sent).text


def test_inp_what_was_sent_stays_text(club: RelyingParty) -> None:
    """Markup and bidi controls do nothing, and only so much of it is shown."""
    hostile = "</bdi><script>alert(1)</script>\u202e" + "W" * 2000
    response = club.ask(club.vodka.browser(), redirect_uri=hostile)
    assert "<script>alert" not in response.text
    assert "W" * 300 not in response.text.partition("<aside")[2]
    assert "<script>alert" not in club.ask(club.vodka.browser(), client_id=hostile).text


def test_what_cannot_be_read_is_told_in_the_words_for_programs(club: RelyingParty) -> None:
    """A request whose real content is an object that never was read; characters that cannot be stored; one that is too long."""
    page = page_of(club.ask(club.vodka.browser(), request_uri="https://site.epfl.ch/x", redirect_uri=None))
    assert "The request cannot be read." in page
    assert "A parameter has characters that cannot be read." in page_of(club.ask(club.vodka.browser(), scope="\ufffd"))
    long = {"state": "s" * Limits().request_length}
    assert "The request is too long" in page_of(club.ask(club.vodka.browser(), **long))


def test_a_sign_in_that_took_too_long_is_nobodys_mistake(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """The person is told to start again; the owner has nothing to mend."""
    browser = club.vodka.browser()
    login = club.ask(browser).headers["Location"]
    freezer.tick(Limits().login_wait)
    wish = re.search("wish%3D([^&]+)", login)
    assert wish is not None
    page = page_of(browser.get(f"/oauth/authorize?wish={wish[1]}"))
    assert "This sign-in took too long" in page
    assert "For the owner of the website" not in page
    assert feed(club.vodka) == []
