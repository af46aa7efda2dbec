"""GET and POST /authorize: what the website gets after Accept, and that nothing else ever makes a token."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.handed_over import claims_in, handed_over, minted, token_in
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.accounts.fields import KEYS, Wanted
from vodka.limits import Limits

GOOD = f"https://{SITE}/cb"


@pytest.fixture
def signed_in(vodka: VodkaUnderTest) -> Browser:
    """Somebody who is signed in, where site.epfl.ch is a verified website."""
    vodka.site()
    return vodka.signed_in()


def test_tok_01_the_header_names_algorithm_kind_and_key(vodka: VodkaUnderTest) -> None:
    """RFC 8725 §3.11: a `typ` of its own; the key is among the published ones, or the signature could not be checked."""
    vodka.site()
    header = token_in(vodka.signed_in().authorize(), vodka).header
    assert header == {"alg": "ES256", "kid": header["kid"], "typ": "vodka-data+jwt"}
    published = vodka.browser().get("/.well-known/jwks.json").get_json()["keys"]
    assert header["kid"] in [key["kid"] for key in published]


def test_tok_02_the_claims_are_those_that_were_agreed(freezer: FrozenDateTimeFactory, signed_in: Browser) -> None:
    """Who, to whom, when, until when, since when signed in; and the user as accepted, nothing more."""
    opened_at = int(freezer().timestamp())
    freezer.tick(90)
    claims = claims_in(signed_in.authorize(GOOD, "firstName"), signed_in.vodka)
    now = int(freezer().timestamp())
    assert claims.pop("sub")
    assert len(claims.pop("jti")) >= 22
    assert claims == {
        "iss": "https://vodka.epfl.ch",
        "aud": f"https://{SITE}",
        "iat": now,
        "exp": now + Limits().data_jwt_lifetime,
        "auth_time": opened_at,
        "grade": "personal",
        "user": {"email": CAMILLE, "firstName": "Camille"},
    }
    assert Limits().data_jwt_lifetime <= 60


def test_tok_02_every_token_is_another_one_and_the_subject_stays(signed_in: Browser) -> None:
    """`jti` never repeats; `sub` is the same at one site, and says nothing to another."""
    signed_in.vodka.site("other.ch")
    first, second = (claims_in(signed_in.authorize(), signed_in.vodka) for _ in range(2))
    elsewhere = claims_in(signed_in.authorize("https://other.ch/"), signed_in.vodka)
    assert first["jti"] != second["jti"]
    assert first["sub"] == second["sub"] != elsewhere["sub"]
    assert elsewhere["aud"] == "https://other.ch"
    other_person = claims_in(signed_in.vodka.signed_in(ROBIN, ip="192.0.2.11").authorize(), signed_in.vodka)
    assert other_person["sub"] != first["sub"]


def test_what_is_true_at_a_time_comes_with_its_time(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Being a student changes: the site learns when the directory said so; of a name that is not told."""
    vodka.site(wanted=tuple(Wanted(key, key != "sciper", "Why not") for key in KEYS))
    read_at = int(freezer().timestamp())
    browser = vodka.signed_in()
    freezer.tick(3600)
    claims = claims_in(browser.authorize(), vodka)
    assert claims["directory_time"] == read_at
    assert claims["user"] == {
        "email": CAMILLE,
        "firstName": "Camille",
        "lastName": "Exemple",
        "student": True,
        "affiliation": "student",
        "section": "SC",
        "level": "MA4",
    }
    vodka.site("names.ch")
    assert "directory_time" not in claims_in(browser.authorize("https://names.ch/", "lastName"), vodka)


def test_who_is_not_in_the_directory_can_say_so(vodka: VodkaUnderTest) -> None:
    """Nobody's names are null, and nobody is no student: the address alone was proven."""
    vodka.site(wanted=(Wanted("email", True), Wanted("firstName", True), Wanted("student", True)))
    browser = vodka.signed_in(NOBODY)
    page = browser.consent_page()
    assert "EPFL’s directory does not know this address" in page.html
    claims = claims_in(page.decide("accept"), vodka)
    assert claims["user"] == {"email": NOBODY, "firstName": None, "student": False}
    assert "directory_time" not in claims


ODD = [
    *("", " ", "a b", "a+b", "a&token=x", "a=b#c", "%20", "%", "é✓𝛑", "\"'<>\\", "\t\r\n", "..//", "a;b", "[x]{y}|z^`"),
    "".join(chr(code) for code in range(1, 256)) * 4,
]


@pytest.mark.parametrize("state", ODD, ids=lambda text: ascii(text)[:24])
def test_tok_17_the_state_comes_back_exactly(signed_in: Browser, state: str) -> None:
    """Up to a kilobyte of any characters, in the address and in the token; it never becomes a parameter of its own."""
    accepted = signed_in.authorize(state=state, nonce=state[::-1])
    assert handed_over(accepted) == {"token": handed_over(accepted)["token"], "state": state}
    claims = claims_in(accepted, signed_in.vodka)
    assert (claims["state"], claims["nonce"]) == (state, state[::-1])
    assert handed_over(signed_in.consent_page(state=state).decide("deny")) == {"error": "denied", "state": state}


@pytest.mark.parametrize("name", ["state", "nonce"])
def test_tok_17_an_over_long_state_or_nonce_is_refused(signed_in: Browser, name: str) -> None:
    """1,024 characters are taken, 1,025 are not."""
    signed_in.consent_page(**{name: "x" * 1024})
    response = signed_in.get("/authorize", query_string={"redirect": GOOD, name: "x" * 1025})
    assert response.status_code == 400
    assert f"Send a shorter {name}." in response.text


def test_tok_17_what_was_not_sent_is_not_in_the_token(signed_in: Browser) -> None:
    """No state and no nonce: neither an empty one."""
    assert {"state", "nonce"}.isdisjoint(claims_in(signed_in.authorize(), signed_in.vodka))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_tok_21_only_the_button_mints(signed_in: Browser, method: str) -> None:
    """GET in any form, also with everything that the form would send, makes no token."""
    page = signed_in.consent_page()
    form = {"ticket": page.ticket, "decision": "accept", "csrf_token": hidden_value(page.html, "csrf_token")}
    query = {"redirect": GOOD, **form, "accept": "1", "prompt": "none"}
    headers = {"X-HTTP-Method-Override": "POST", "X-CSRFToken": form["csrf_token"]}
    response = signed_in.request(method, "/authorize", query_string=query, data=form, headers=headers)
    assert response.status_code in (200, 400, 405)
    assert "Location" not in response.headers
    assert "token=ey" not in response.text
    assert minted(signed_in.vodka) == 0
    assert handed_over(page.decide("accept"))["token"]


@pytest.mark.parametrize("decision", ["", "Accept", "yes", None])
def test_a_decision_is_one_of_two(signed_in: Browser, decision: Any) -> None:
    """Neither accept nor deny: a page of ours, and the ticket is still good."""
    page = signed_in.consent_page()
    assert page.decide(decision).status_code == 400
    assert handed_over(page.decide("accept"))["token"]


def test_tok_22_accept_clicked_twice_makes_one_token(signed_in: Browser) -> None:
    """One after the other: the second gets a page with a way to start again."""
    page = signed_in.consent_page()
    assert page.decide("accept").status_code == 303
    assert page.decide("accept").status_code == 410
    assert minted(signed_in.vodka) == 1


def test_tok_22_accept_clicked_many_times_at_once_makes_one_token(vodka_on_each: VodkaUnderTest) -> None:
    """In parallel, on each database: one token, one release, one consent, and no error on our side."""
    vodka, clicks = vodka_on_each, 6
    vodka.site()
    page = vodka.signed_in().consent_page()
    form = {"ticket": page.ticket, "csrf_token": hidden_value(page.html, "csrf_token"), "decision": "accept"}
    barrier = Barrier(clicks)

    def click(_: int) -> int:
        browser = vodka.browser()
        browser.set_cookie("SESSION_ID", page.browser.cookie("SESSION_ID") or "")
        barrier.wait()
        return browser.post("/authorize", data=form).status_code

    with ThreadPoolExecutor(clicks) as pool:
        answers = sorted(pool.map(click, range(clicks)))
    assert answers == [303] + [410] * (clicks - 1)
    assert minted(vodka) == len(vodka.rows("SELECT id FROM consents")) == 1


def test_con_11_who_is_not_signed_in_does_that_and_comes_back(vodka: VodkaUnderTest) -> None:
    """SPEC: to /login, then to the same consent page, with everything the website sent."""
    vodka.site()
    browser = vodka.browser()
    asked = f"/authorize?redirect={GOOD}%3Fa=%2B1&state=a%26b%3Dc%2F&nonce=n"
    response = browser.get(asked)
    assert response.status_code == 303
    path, _, query = response.headers["Location"].partition("?")
    assert path == "/login"
    login_page = browser.get(response.headers["Location"])
    assert SITE in login_page.text
    goal = parse_qs(query)["redirect"][0]
    assert browser.post("/login", data={"email": CAMILLE, "redirect": goal}).status_code == 303
    back = browser.post("/login/code", data={"attempt": browser.code()}).headers["Location"]
    assert urlsplit(back).path == "/authorize"
    page = browser.get(back)
    assert page.status_code == 200
    form = {name: hidden_value(page.text, name) for name in ("ticket", "csrf_token")}
    accepted = browser.post("/authorize", data=form | {"decision": "accept"})
    assert accepted.headers["Location"].startswith(f"{GOOD}?a=+1&token=")
    assert handed_over(accepted)["state"] == "a&b=c/"
    assert claims_in(accepted, vodka)["nonce"] == "n"


def test_a_decision_without_a_session_is_told_to_sign_in(signed_in: Browser) -> None:
    """The session ended while the page was open: nothing is shared."""
    page = signed_in.consent_page()
    signed_in.vodka.write("DELETE FROM sessions")
    assert page.decide("accept").status_code == 401
    assert minted(signed_in.vodka) == 0
