"""Which pages of other origins may read an answer: listed ones, at /redeem and where OAuth is spoken, and nothing elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.redeeming import Club
from tests.vodka_under_test import CAMILLE, ORIGIN, SITE, VodkaUnderTest
from vodka.websites import registry

LISTED = f"https://{SITE}"
ALLOW = "Access-Control-Allow-"
STRANGERS = {
    "evil": "https://evil.ch",
    "a sub-domain": f"https://sub.{SITE}",
    "our name in front of theirs": f"{LISTED}.evil.ch",
    "capitals": LISTED.upper(),
    "a capital host": f"https://{SITE.upper()}",
    "plain http": f"http://{SITE}",
    "a port": f"{LISTED}:8443",
    "the usual port": f"{LISTED}:443",
    "null": "null",
    "a slash at the end": f"{LISTED}/",
    "a trailing dot": f"{LISTED}.",
    "two of them": f"{LISTED} {LISTED}",
    "anybody": "*",
    "this machine": "http://localhost:5000",
    "empty": "",
    "a verified website that lists nothing": "https://other.ch",
    "a website that is not verified": "https://unproven.ch",
}


@pytest.fixture
def club(vodka: VodkaUnderTest) -> Club:
    """site.epfl.ch, which lists its own origin; other.ch, which does not."""
    club = Club.of(vodka)
    vodka.site("other.ch")
    vodka.site("unproven.ch")
    vodka.write("UPDATE websites SET origins = :own WHERE domain = :domain", own=f'["{LISTED}"]', domain=SITE)
    unproven = '["https://unproven.ch"]'
    vodka.write("UPDATE websites SET origins = :own, verified_since = NULL WHERE domain = 'unproven.ch'", own=unproven)
    return club


def said(response: TestResponse) -> dict[str, str]:
    """What the answer says of CORS."""
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}


def fetch(club: Club, origin: str, code: str = "x", **headers: str) -> TestResponse:
    """POST /redeem as a page's script does."""
    sent = {"domain": SITE, "secret": club.secret, "code": code}
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"} | headers
    return club.vodka.app.test_client().post("/redeem", base_url=ORIGIN, json=sent, headers=headers)


def preflight(club: Club, origin: str, path: str = "/redeem", **asked: str) -> TestResponse:
    """What a browser asks before it."""
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    headers |= {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"} | asked
    return club.vodka.app.test_client().options(path, base_url=ORIGIN, headers=headers)


def test_cor_01_a_listed_origin_may_read_the_answer(club: Club) -> None:
    """Its very name, Vary: Origin, and no word of credentials: this route looks at no cookie."""
    answer = fetch(club, LISTED, club.code(club.vodka.signed_in()))
    assert answer.status_code == 200
    assert said(answer) == {f"{ALLOW}Origin": LISTED}
    assert "Origin" in answer.headers["Vary"]


def test_cor_01_it_may_read_a_refusal_too(club: Club) -> None:
    """Or its script could not tell what to do."""
    answer = fetch(club, LISTED)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "rejected")
    assert said(answer) == {f"{ALLOW}Origin": LISTED}


@pytest.mark.parametrize("origin", STRANGERS.values(), ids=STRANGERS)
def test_cor_02_a_stranger_may_not(club: Club, origin: str) -> None:
    """Neither asked before nor with the request itself, which is refused; Vary says that others get another answer."""
    for answer in (preflight(club, origin), fetch(club, origin)):
        assert said(answer) == {}
        assert "Origin" in answer.headers["Vary"]
    assert fetch(club, origin).get_json()["error"] == "foreign_origin"


def test_cor_03_a_preflight_names_what_is_allowed(club: Club) -> None:
    """POST with a content type, kept for ten minutes."""
    answer = preflight(club, LISTED)
    assert answer.status_code == 200
    assert said(answer) == {
        f"{ALLOW}Origin": LISTED,
        f"{ALLOW}Methods": "POST",
        f"{ALLOW}Headers": "content-type",
        "Access-Control-Max-Age": "600",
    }


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "GET", "TRACE", "post", "*"])
@pytest.mark.parametrize("header", ["authorization", "x-csrftoken", "cookie", "*"])
def test_cor_03_what_was_asked_for_is_not_echoed(club: Club, method: str, header: str) -> None:
    """Only what is listed, whatever was asked; the browser stops there."""
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
    told = said(preflight(club, LISTED, **asked))
    assert (told[f"{ALLOW}Methods"], told[f"{ALLOW}Headers"]) == ("POST", "content-type")


def test_cor_04_never_everybody_never_with_cookies(club: Club) -> None:
    """No answer says `*` or credentials, to anybody."""
    for origin in (LISTED, *STRANGERS.values()):
        for answer in (fetch(club, origin), preflight(club, origin)):
            assert "*" not in said(answer).values()
            assert f"{ALLOW}Credentials" not in answer.headers


def test_cor_05_who_is_no_browser_needs_no_origin(club: Club) -> None:
    """A server shows its secret and sends no Origin; cookies alone never suffice."""
    answer = club.redeem(club.code(club.vodka.signed_in()))
    assert (answer.status_code, said(answer)) == (200, {})


@pytest.mark.parametrize("path", ["/Redeem", "/REDEEM", "/redeem/", "//redeem", "/./redeem", "/redeem;x", "/redeem%2F"])
def test_cor_06_another_spelling_is_another_address(club: Club, path: str) -> None:
    """No CORS, and no view that could be reached around it."""
    answer = preflight(club, LISTED, path)
    assert answer.status_code in (404, 308)
    assert said(answer) == {}


@pytest.mark.parametrize("path", ["/redeem", "/%72edeem", "/redeem?x=y"])
def test_cor_06_the_same_address_has_the_same_rule(club: Club, path: str) -> None:
    """However it is written."""
    assert said(preflight(club, LISTED, path))[f"{ALLOW}Origin"] == LISTED
    assert said(preflight(club, "https://evil.ch", path)) == {}


def test_cor_07_nothing_is_said_of_private_networks(club: Club) -> None:
    """A page of the internet has no business with a vodka inside."""
    told = said(preflight(club, LISTED, **{"Access-Control-Request-Private-Network": "true"}))
    assert f"{ALLOW}Private-Network" not in told


def test_a_suspended_website_reads_nothing(club: Club) -> None:
    """At once, and again once it is back."""
    club.vodka.change_site(SITE, lambda site: registry.suspend(site, "operator"))
    assert said(preflight(club, LISTED)) == said(fetch(club, LISTED)) == {}
    club.vodka.change_site(SITE, registry.resume)
    assert said(preflight(club, LISTED))[f"{ALLOW}Origin"] == LISTED


def test_a_website_on_this_machine_is_listed_with_its_port(start: Start) -> None:
    """In the development profile."""
    vodka = start(profile="development", base_url="http://localhost:8000")
    vodka.site("localhost", mode="code")
    vodka.write("UPDATE websites SET origins = '[\"http://localhost:5000\"]'")
    client = vodka.app.test_client()
    told = [
        client.options("/redeem", base_url=vodka.origin, headers={"Origin": f"http://localhost:{port}"}).headers
        for port in (5000, 5001)
    ]
    assert [headers.get(f"{ALLOW}Origin") for headers in told] == ["http://localhost:5000", None]


def test_every_other_route_stays_closed_to_a_listed_origin(club: Club) -> None:
    """Being listed opens the routes that say so and no other: no header anywhere; what would act is refused as foreign.

    A route that anybody's page may post to says why, and is none that reads a cookie there (csrf.from_anywhere).
    """
    browser = club.vodka.signed_in()
    opened: list[Any] = []
    for rule in club.vodka.app.url_map.iter_rules():
        path, view = re.sub("<[^>]*>", "1", str(rule)), club.vodka.app.view_functions[rule.endpoint]
        if hasattr(view, "cors") or hasattr(view, "from_anywhere"):
            continue
        for method in sorted(rule.methods or ()):
            headers = {
                "Origin": LISTED,
                "Sec-Fetch-Site": "same-site",
                "X-CSRFToken": browser.cookie("csrftoken") or "",
            }
            answer = browser.request(method, path, headers=headers, data={"x": "y"} if method == "POST" else None)
            unsafe = method not in ("GET", "HEAD", "OPTIONS")
            if LISTED in answer.headers.values() or (unsafe and answer.status_code != 403):
                opened.append((method, path, answer.status_code))
    assert opened == []
    assert browser.get("/data?domain=site.epfl.ch").get_json()["user"]["email"] == CAMILLE
