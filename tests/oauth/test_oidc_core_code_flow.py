"""The authorization code flow from end to end (OIDC Core §3.1)."""

from __future__ import annotations

import pytest

from tests.oauth.relying_party import RelyingParty, claims_in, header_of
from tests.vodka_under_test import CAMILLE, VodkaUnderTest


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka)


def test_oau_02_a_code_becomes_tokens(club: RelyingParty) -> None:
    """Login, consent, code, tokens, UserInfo: an ID Token for the client, claims of the scopes at UserInfo."""
    browser = club.vodka.signed_in()
    answer = club.answer(club.authorize(browser, scope="openid profile email"))
    assert (answer["state"], answer["iss"]) == ("a state", club.vodka.origin)
    tokens = club.exchange(answer["code"]).get_json()
    claims = claims_in(tokens["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (club.vodka.origin, club.client_id, "a nonce")
    assert header_of(tokens["id_token"])["alg"] == "RS256"
    assert tokens["token_type"] == "Bearer"
    found = club.userinfo(tokens["access_token"]).get_json()
    assert found == {
        "given_name": "Camille",
        "family_name": "Exemple",
        "name": "Camille Exemple",
        "email": CAMILLE,
        "email_verified": True,
        "sub": claims["sub"],
    }


def test_a_stranger_signs_in_first_and_comes_back(club: RelyingParty) -> None:
    """Who is not signed in goes through the login, which leads back to the same request."""
    browser = club.vodka.browser()
    to_login = club.ask(browser, login_hint=CAMILLE)
    assert to_login.status_code == 303
    page = browser.get(to_login.headers["Location"])
    assert "site.epfl.ch" in page.text
    assert CAMILLE in page.text
    browser.post("/login", data={"email": CAMILLE, "redirect": page.request.args["redirect"]})
    back = browser.post("/login/code", data={"attempt": browser.code()})
    assert back.status_code == 303
    consent = browser.get(back.headers["Location"])
    answer = club.answer(club.decide(browser, consent))
    assert club.exchange(answer["code"]).status_code == 200


def test_rotation_gives_a_new_refresh_token_each_time(club: RelyingParty) -> None:
    """RFC 6749 §6, with rotation; the ID Token keeps auth_time."""
    tokens = club.tokens(club.vodka.signed_in(), scope="openid offline_access")
    fresh = club.refresh(tokens["refresh_token"]).get_json()
    assert fresh["refresh_token"] != tokens["refresh_token"]
    first, second = claims_in(tokens["id_token"]), claims_in(fresh["id_token"])
    assert all(first[name] == second[name] for name in ("iss", "sub", "aud", "auth_time"))


def test_a_client_by_itself(club: RelyingParty) -> None:
    """RFC 6749 §4.4."""
    answer = club.token(grant_type="client_credentials").get_json()
    assert claims_in(answer["access_token"])["sub"] == club.client_id
    assert "refresh_token" not in answer
