"""GET /data: SPEC's types to the letter, for vodka's own pages only."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, SITE, Browser, VodkaUnderTest
from vodka import clock


@pytest.fixture
def signed_in(vodka: VodkaUnderTest) -> Browser:
    """Somebody who is signed in, where site.epfl.ch is a verified website."""
    vodka.site()
    return vodka.signed_in()


def test_dat_01_without_a_session_there_is_nothing(vodka: VodkaUnderTest) -> None:
    """401, and not a word about the website, whether or not it exists."""
    vodka.site()
    answers = [
        vodka.browser().get("/data", query_string={"domain": domain}) for domain in (SITE, "nothing.ch", "?", "")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert "Chess club" not in answers[0].text
    assert answers[0].get_json() == {"error": "not_authenticated", "message": "Please sign in first."}


def test_dat_02_the_answer_has_the_types_of_spec(freezer: FrozenDateTimeFactory, signed_in: Browser) -> None:
    """`User` and `Website` with exactly their fields, in their order; `verifiedSince` in seconds."""
    answer = signed_in.get(f"/data?domain={SITE}")
    assert answer.status_code == 200
    shown = answer.get_json()
    assert shown == {
        "user": {"email": CAMILLE, "firstName": "Camille", "lastName": "Exemple"},
        "website": {
            "domain": SITE,
            "verified": True,
            "verifiedSince": int(freezer().timestamp()),
            "name": "Chess club",
            "description": "We play on Tuesdays.",
        },
    }
    assert answer.text.index('"user"') < answer.text.index('"email"') < answer.text.index('"lastName"')
    assert list(shown["website"]) == ["domain", "verified", "verifiedSince", "name", "description"]


def test_dat_02_names_are_null_where_nobody_knows_them(vodka: VodkaUnderTest) -> None:
    """SPEC: firstName and lastName may be missing; they are null, and it is still 200."""
    answer = vodka.signed_in(NOBODY).get("/data?domain=nothing.ch")
    assert answer.status_code == 200
    assert answer.get_json()["user"] == {"email": NOBODY, "firstName": None, "lastName": None}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("DELETE FROM websites", id="unknown"),
        pytest.param("UPDATE websites SET verified_since = NULL", id="pending"),
        pytest.param("UPDATE websites SET suspended_at = created_at, suspended_why = 'proof'", id="suspended"),
    ],
)
def test_dat_03_an_unknown_domain_and_an_unproven_one_look_alike(signed_in: Browser, change: str) -> None:
    """Nobody learns who has begun to register what."""
    signed_in.vodka.write(change)
    website = signed_in.get(f"/data?domain={SITE}").get_json()["website"]
    assert website == {"domain": SITE, "verified": False, "verifiedSince": 0, "name": "", "description": ""}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Origin": "https://evil.ch"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.ch"},
        {"Origin": "null"},
    ],
    ids=repr,
)
def test_dat_04_another_site_may_not_ask(signed_in: Browser, headers: dict[str, str]) -> None:
    """403 by the browser's own word, and no header that would let the other site read even that."""
    answer = signed_in.get(f"/data?domain={SITE}", headers=headers)
    assert answer.status_code == 403
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
    assert CAMILLE not in answer.text


def test_dat_05_08_the_answer_is_no_script_and_stays_in_no_cache(signed_in: Browser) -> None:
    """JSON by its type and nosniff, for this origin only; no-store and Vary: Cookie, so that no proxy mixes people up."""
    answer = signed_in.get(f"/data?domain={SITE}", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Cookie"
    assert answer.text.startswith("{")
    other = signed_in.vodka.signed_in(ROBIN, ip="192.0.2.11").get(f"/data?domain={SITE}")
    assert (answer.get_json()["user"]["email"], other.get_json()["user"]["email"]) == (CAMILLE, ROBIN)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"domain": ""},
        {"domain": "' OR 1=1 --"},
        {"domain": "%"},
        {"domain": "site.epfl.c_"},
        {"domain": "https://site.epfl.ch"},
        {"domain": "site.epfl.ch:443"},
        {"domain": "site.epfl.ch/cb"},
        {"domain": "user@site.epfl.ch"},
        {"domain": "a." * 5000 + "ch"},
        {"domain": "127.0.0.1"},
        {"domain": "epfl"},
        {"domain": "localhost"},
        {"domain": "co.uk"},
        {"domain": " site.epfl.ch"},
        {"domain": "site.epfl.ch\n"},
        {"domain": "site.epfl.ch\0"},
        {"domain": ["site.epfl.ch", "site.epfl.ch"]},
        {"domain[]": "site.epfl.ch"},
        {"domain[0]": "site.epfl.ch", "domain": "site.epfl.ch"},
    ],
    ids=lambda query: ascii(query)[:40],
)
def test_dat_06_what_is_no_domain_is_refused(signed_in: Browser, query: dict[str, object]) -> None:
    """400 with a stable word and a sentence, and never more than these."""
    answer = signed_in.get("/data", query_string=query)
    assert answer.status_code == 400
    assert {"error", "message"} <= set(answer.get_json()) <= {"error", "message", "hint"}


def test_dat_07_there_is_one_canonical_domain(vodka: VodkaUnderTest) -> None:
    """Upper case is lowered; a dot at the end and a U-label are refused, the latter with the form to send."""
    vodka.site("xn--zrich-kva.ch")
    browser = vodka.signed_in()
    answer = browser.get("/data?domain=XN--ZRICH-KVA.CH")
    assert answer.get_json()["website"]["domain"] == "xn--zrich-kva.ch"
    assert browser.get("/data?domain=xn--zrich-kva.ch.").get_json()["error"] == "domain_trailing_dot"
    refused = browser.get("/data", query_string={"domain": "zürich.ch"})
    assert (refused.status_code, refused.get_json()["hint"]) == (400, "Write it as xn--zrich-kva.ch.")


def test_dat_09_no_answer_has_more_than_it_should(signed_in: Browser) -> None:
    """Owner, ids, tokens and hashes stay inside, in answers and in refusals."""
    texts = [signed_in.get(f"/data?domain={domain}").text for domain in (SITE, "nothing.ch", "!")]
    texts.append(signed_in.vodka.browser().get("/data").text)
    inner = ("owner", "sciper", "399001", "subject", "digest", "token", "epoch", '"id"', "seen_at", ROBIN)
    assert not [word for text in texts for word in inner if word in text]


def test_dat_10_a_thousand_domains_in_a_minute_are_too_many(start: Any) -> None:
    """Counted per session: the next one is 429 with Retry-After; others are not held up; after the minute it goes on."""
    vodka = start(limits={"data_requests_per_minute": 5})
    camille, robin = vodka.signed_in(), vodka.signed_in(ROBIN)
    assert [camille.get(f"/data?domain=d{number}.ch").status_code for number in range(5)] == [200] * 5
    refused = camille.get("/data?domain=d5.ch")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 61  # the library rounds up
    assert refused.get_json()["error"] == "too_many_requests"
    assert robin.get("/data?domain=d5.ch").status_code == 200
    assert vodka.browser().get("/data?domain=d5.ch").status_code == 401
    # Stopped only now: the library's own thread would not see the stopped clock, and forget what was counted before.
    with freeze_time(clock.after(61)):
        assert camille.get("/data?domain=d5.ch").status_code == 200
