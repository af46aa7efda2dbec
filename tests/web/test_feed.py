"""The feed of refused requests: what leaves a row, what leaves nothing, and what of it is kept (field B8, C1)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, SITE, VodkaUnderTest
from vodka.db import commit
from vodka.janitor import clean
from vodka.limits import Limits
from vodka.websites import registry
from vodka.websites.watch.refusals import domain_in, told

DAY = 86400


def refuse(vodka: VodkaUnderTest, redirect: str = f"https://{SITE}/cb#x", **query: Any) -> TestResponse:
    """A stranger's browser asks for what vodka refuses."""
    response = vodka.browser().get("/authorize", query_string={"redirect": redirect} | query)
    assert response.status_code == 400
    return response


def rows(vodka: VodkaUnderTest) -> list[dict[str, Any]]:
    """What is kept."""
    return vodka.rows("SELECT * FROM refusals ORDER BY id")


def reference(response: TestResponse) -> str:
    """The number at the end of the error page."""
    found = re.search(r'Reference <span class="mono">([^<]+)</span>', response.text)
    assert found is not None
    return found[1]


REFUSED = {
    "a fragment": ({"redirect": f"https://{SITE}/cb#x"}, "redirect_fragment", "redirect", f"https://{SITE}/cb#…"),
    "plain http": ({"redirect": f"http://{SITE}/cb"}, "redirect_not_https", "redirect", f"http://{SITE}/cb"),
    "a port": ({"redirect": f"https://{SITE}:8443/"}, "redirect_port", "redirect", f"https://{SITE}:8443/"),
    "a parameter of ours": (
        {"redirect": f"https://{SITE}/cb?token=eyJhbGciOi&next=%2Fhome"},
        "redirect_reserved_parameter",
        "redirect",
        f"https://{SITE}/cb?token=…&next=…",
    ),
    "a line break": ({"redirect": f"https://{SITE}/a\nb"}, "redirect_not_ascii", "redirect", f"https://{SITE}/a b"),
    "a host in capitals": ({"redirect": "HTTPS://SITE.EPFL.CH/cb#x"}, None, "redirect", "HTTPS://SITE.EPFL.CH/cb#…"),
    "a long state": ({"state": "abcdef" * 200}, "state_too_long", "state", "abcd… (1200)"),
    "a long nonce": ({"nonce": "n" * 1025}, "nonce_too_long", "nonce", "nnnn… (1025)"),
    "a way that was not chosen": (
        {"response_mode": "fragment"},
        "response_mode_not_chosen",
        "response_mode",
        "fragment",
    ),
    "a parameter twice": ({"state": ["one", "two"]}, "repeated_parameter", "", ""),
    "a text that cannot be stored": ({"state": "\ufffd"}, "bad_text", "", ""),
    "a zero byte in the address": ({"redirect": f"https://{SITE}/\0"}, "bad_text", "", ""),
}


@pytest.mark.parametrize(("query", "code", "parameter", "shown"), REFUSED.values(), ids=REFUSED)
def test_a_refused_request_is_kept_with_the_reference_of_its_page(
    vodka_on_each: VodkaUnderTest, query: dict[str, Any], code: str | None, parameter: str, shown: str
) -> None:
    """On each database: which rule, which parameter, its value without secrets, the same number as the browser sees."""
    vodka_on_each.site()
    response = refuse(vodka_on_each, **{"redirect": f"https://{SITE}/cb"} | query)
    (row,) = rows(vodka_on_each)
    assert row["reference"] == reference(response)
    assert code in (None, row["code"])
    assert (row["parameter"], row["shown"]) == (parameter, shown)
    assert row["sentence"] in unescape(response.text)


def test_an_address_that_is_not_pinned_is_kept(vodka: VodkaUnderTest) -> None:
    """The rule that site owners meet most often."""
    vodka.site(callbacks=(f"https://{SITE}/cb",))
    refuse(vodka, f"https://{SITE}/other")
    assert [row["code"] for row in rows(vodka)] == ["redirect_not_registered"]


def test_a_decision_that_makes_no_sense_is_kept_where_it_names_the_website(vodka: VodkaUnderTest) -> None:
    """The form of the consent page may carry its redirect."""
    vodka.site()
    page = vodka.signed_in().consent_page()
    assert page.decide("perhaps", redirect=f"https://{SITE}/cb").status_code == 400
    assert [row["code"] for row in rows(vodka)] == ["bad_decision"]
    assert page.decide("perhaps").status_code == 400
    assert len(rows(vodka)) == 1


def test_red_32_requests_of_a_suspended_website_are_kept(vodka: VodkaUnderTest) -> None:
    """It holds its domain all the same, and its owner wants to know."""
    vodka.site()
    vodka.change_site(SITE, lambda site: registry.suspend(site, "proof"))
    refuse(vodka, f"https://{SITE}/cb")
    assert [row["code"] for row in rows(vodka)] == ["website_not_verified"]


LOOK_ALIKES = [
    pytest.param(f"https://{SITE}@evil.ch/", id="a name before an @"),
    pytest.param(f"https://{SITE}:443@evil.ch/", id="a password that looks like a port"),
    pytest.param(f"https://{SITE}:x@evil.ch/", id="a password"),
    pytest.param(f"https://evil.ch@{SITE}/", id="the domain after an @"),
    pytest.param(f"https://{SITE}\\.evil.ch/", id="a backslash"),
    pytest.param(f"https://{SITE}\\@evil.ch/", id="a backslash and an @"),
    pytest.param("https://site\u3002epfl\u3002ch/#", id="ideographic full stops"),
    pytest.param("https://site\uff0eepfl\uff0ech/#", id="fullwidth full stops"),
    pytest.param(f"https://{SITE}./cb", id="a dot at the end"),
    pytest.param(f"https://{SITE}\t.evil.ch/", id="a tab, which browsers leave out"),
    pytest.param(f"https://{SITE}%2eevil.ch/", id="an escaped dot"),
    pytest.param(f"https://{SITE}:123456/", id="a port that is none"),
    pytest.param(f" https://{SITE}/", id="a space before it"),
    pytest.param(f"https:{SITE}/", id="no slashes"),
    pytest.param(f"//{SITE}/", id="no scheme"),
    pytest.param(f"javascript:https://{SITE}/", id="another scheme"),
    pytest.param(f"https://sub.{SITE}/", id="a subdomain"),
    pytest.param("https://epfl.ch/", id="the domain above"),
    pytest.param("", id="nothing"),
]


@pytest.mark.parametrize("redirect", LOOK_ALIKES)
def test_red_09_an_address_with_any_doubt_leaves_nothing(vodka: VodkaUnderTest, redirect: str) -> None:
    """Neither with the website that it pretends to be, nor anywhere else."""
    vodka.site()
    vodka.site("evil.ch")
    refuse(vodka, redirect)
    mine = [row for row in rows(vodka) if row["website_id"] == 1]
    assert mine == []
    assert domain_in(redirect) != SITE


def test_a_domain_that_nobody_has_proven_has_no_feed(vodka: VodkaUnderTest) -> None:
    """Also where somebody has claimed it: what is sent there is not theirs to read."""
    vodka.site()
    vodka.write("UPDATE websites SET verified_since = NULL")
    refuse(vodka, f"https://{SITE}/cb")
    assert rows(vodka) == []


def test_only_so_many_are_kept_in_a_day(freezer: FrozenDateTimeFactory, start: Start) -> None:
    """At n and n + 1, for each website by itself, and again a day after the first; the answer is the same all along."""
    assert Limits().refusals_per_day == 200
    vodka = start(limits={"refusals_per_day": 3})
    vodka.site()
    vodka.site("other.ch")
    for _ in range(5):
        refuse(vodka)
        freezer.tick(1)
    assert len(rows(vodka)) == 3
    refuse(vodka, "https://other.ch/#x")
    assert len(rows(vodka)) == 4
    freezer.tick(DAY - 6)
    refuse(vodka)
    assert len(rows(vodka)) == 4  # the first one is 24 hours old to the second
    freezer.tick(2)
    refuse(vodka)
    assert len(rows(vodka)) == 5


def test_after_thirty_days_they_are_forgotten(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Up to the second before, and not at the moment after."""
    assert Limits().keep_refusals == 30 * DAY
    vodka.site()
    refuse(vodka)
    for seconds, left in ((30 * DAY, 1), (1, 0)):
        freezer.tick(seconds)
        with vodka.app.app_context():
            clean(vodka.means.limits, vodka.means.vault)
            commit()
        assert len(rows(vodka)) == left


def test_what_was_sent_is_cut_and_cleaned(vodka: VodkaUnderTest) -> None:
    """No bidi override, nothing longer than a line or two."""
    vodka.site()
    refuse(vodka, f"https://{SITE}/\u202egpj.{'x' * 3000}#")
    (row,) = rows(vodka)
    assert "\u202e" not in row["shown"]
    assert len(row["shown"]) == 300


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://a.ch/cb", "https://a.ch/cb"),
        ("https://a.ch/cb?", "https://a.ch/cb?…"),
        ("https://a.ch/cb?opaque-secret", "https://a.ch/cb?…"),
        ("https://a.ch/cb?a=1&b=2&c", "https://a.ch/cb?a=…&b=…&…"),
        ("https://a.ch/cb?a=1=2#token=3", "https://a.ch/cb?a=…#…"),
        ("https://a.ch/cb#token=3?a=1", "https://a.ch/cb#…"),
        ("https://a.ch/cb?a=1\n?b=2", "https://a.ch/cb?a=…"),
    ],
)
def test_log_02_no_value_of_a_redirect_is_kept(value: str, expected: str) -> None:
    """Tokens stand in queries and fragments: the names are enough to find the mistake (ASVS 16.2.5)."""
    assert told("redirect", value) == expected


def test_f_04_a_refusal_stays_one_while_the_database_is_away(start: Start) -> None:
    """The visitor is told what is wrong with the request; nothing can be kept, and that is all."""
    vodka = start()
    vodka.site()
    browser = vodka.browser()
    vodka.write("ALTER TABLE refusals RENAME TO gone")
    response = browser.get("/authorize", query_string={"redirect": f"https://{SITE}/cb#x"})
    assert response.status_code == 400
    assert "a part after “#”" in response.text
    vodka.write("ALTER TABLE gone RENAME TO refusals")
    assert rows(vodka) == []


def test_a_good_request_leaves_nothing(vodka: VodkaUnderTest) -> None:
    """Accepted and denied are no refusals."""
    vodka.site()
    browser = vodka.signed_in(CAMILLE)
    browser.authorize()
    browser.consent_page().decide("deny")
    assert rows(vodka) == []
