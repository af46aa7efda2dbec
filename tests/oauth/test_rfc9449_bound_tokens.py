"""What a token that is bound to a key is good for (RFC 9449 §5, §7, §10, attacks OAU-34)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oauth.proving import Prover
from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import ORIGIN, VodkaUnderTest

URL = f"{ORIGIN}/oauth/token"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client, which has a secret."""
    return RelyingParty.of(vodka)


@pytest.fixture
def app(vodka: VodkaUnderTest) -> RelyingParty:
    """A client without a secret."""
    return RelyingParty.of(vodka, token_endpoint_auth_method="none")


def bound(club: RelyingParty, prover: Prover, **changed: Any) -> dict[str, Any]:
    """Tokens of a person, bound to a key."""
    code = club.code(club.vodka.signed_in(), **{"scope": "openid offline_access"} | changed)
    answer = club.exchange(code, headers=prover.at_token())
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_oau_34_userinfo_takes_a_bound_token_with_a_proof_only(club: RelyingParty) -> None:
    """§7.1, §7.2: with the proof 200, by GET and POST; as a bearer's it is refused."""
    prover = Prover()
    token = bound(club, prover)["access_token"]
    client = club.vodka.app.test_client()
    for method in ("GET", "POST"):
        headers = prover.at_userinfo(token, method)
        answer = client.open("/oauth/userinfo", method=method, headers=headers, base_url=ORIGIN)
        assert (answer.status_code, list(answer.get_json())) == (200, ["sub"])
    refused = club.userinfo(token)
    assert refused.status_code == 401
    told = refused.headers["WWW-Authenticate"]
    assert told.startswith('Bearer error="invalid_token"')
    assert 'DPoP algs="RS256 PS256 ES256 EdDSA Ed25519"' in told
    in_form = client.post("/oauth/userinfo", data={"access_token": token}, base_url=ORIGIN)
    assert in_form.status_code == 401


WRONG_AT_USERINFO: dict[str, dict[str, Any]] = {
    "of another token": {"ath": "x" * 43},
    "of no token": {"ath": None},
    "a hash that is a number": {"ath": 5},
    "a hash outside ASCII": {"ath": "\u00e9"},
    "for another method": {"htm": "POST"},
    "for the token endpoint": {"htu": URL},
    "ten minutes old": {"iat": 1},
}


@pytest.mark.parametrize("wrong", WRONG_AT_USERINFO.values(), ids=WRONG_AT_USERINFO)
def test_oau_34_a_wrong_proof_at_userinfo_is_refused(club: RelyingParty, wrong: dict[str, Any]) -> None:
    """§7.1: 401 with `DPoP error="invalid_dpop_proof"` and the algorithms."""
    prover = Prover()
    token = bound(club, prover)["access_token"]
    proof = prover.signed(prover.header(), prover.claims("/oauth/userinfo", "GET", token) | wrong)
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
    answer = club.vodka.browser().get("/oauth/userinfo", headers=headers)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_dpop_proof")
    assert answer.headers["WWW-Authenticate"].startswith('DPoP algs="')


def test_oau_34_the_proof_of_another_key_does_not_do(club: RelyingParty) -> None:
    """§7.1: the key of the proof is not the one that the token is bound to: invalid_token; so for a token bound to none."""
    prover, browser = Prover(), club.vodka.browser()
    token = bound(club, prover)["access_token"]
    free = club.tokens(club.vodka.signed_in())["access_token"]
    for shown in (token, free):
        answer = browser.get("/oauth/userinfo", headers=Prover().at_userinfo(shown))
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_token")
    unproven = browser.get("/oauth/userinfo", headers={"Authorization": f"DPoP {token}"})
    assert (unproven.status_code, unproven.get_json()["error"]) == (401, "invalid_dpop_proof")


def test_oau_34_a_proof_at_userinfo_is_good_once(club: RelyingParty) -> None:
    """§11.1: replayed, it is refused."""
    prover, browser = Prover(), club.vodka.browser()
    headers = prover.at_userinfo(bound(club, prover)["access_token"])
    assert browser.get("/oauth/userinfo", headers=headers).status_code == 200
    assert browser.get("/oauth/userinfo", headers=headers).get_json()["error"] == "invalid_dpop_proof"


def test_the_refresh_token_of_a_public_client_is_bound(app: RelyingParty) -> None:
    """§5: from the exchange on it is worth nothing without the key, and a try without the key uses nothing up."""
    prover = Prover()
    tokens = bound(app, prover)
    for headers in ({}, Prover().at_token()):
        assert app.refresh(tokens["refresh_token"], headers=headers).get_json()["error"] == "invalid_grant"
    fresh = app.refresh(tokens["refresh_token"], headers=prover.at_token()).get_json()
    assert fresh["token_type"] == "DPoP"
    assert app.refresh(fresh["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert app.refresh(fresh["refresh_token"], headers=prover.at_token()).status_code == 200


def test_a_public_client_may_begin_to_prove_later(app: RelyingParty) -> None:
    """§5: the refresh token that is issued to a request with a proof is bound, whatever came before."""
    prover = Prover()
    tokens = app.tokens(app.vodka.signed_in(), scope="openid offline_access")
    fresh = app.refresh(tokens["refresh_token"], headers=prover.at_token()).get_json()
    assert app.refresh(fresh["refresh_token"]).get_json()["error"] == "invalid_grant"


def test_the_refresh_token_of_a_confidential_client_is_not(club: RelyingParty) -> None:
    """§5: it is bound to the client's own proof of itself already, and the key may be changed, even after dpop_jkt."""
    prover, other = Prover(), Prover()
    tokens = bound(club, prover, dpop_jkt=prover.thumbprint)
    fresh = club.refresh(tokens["refresh_token"], headers=other.at_token()).get_json()
    assert claims_in(fresh["access_token"])["cnf"] == {"jkt": other.thumbprint}
    assert club.refresh(fresh["refresh_token"]).get_json()["token_type"] == "Bearer"


def test_a_code_that_was_bound_needs_its_key(club: RelyingParty) -> None:
    """§10: dpop_jkt binds the code; a wrong key or none is refused, and spends nothing."""
    prover = Prover()
    code = club.code(club.vodka.signed_in(), dpop_jkt=prover.thumbprint)
    for headers in ({}, Prover().at_token()):
        answer = club.exchange(code, headers=headers)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")
    assert club.exchange(code, headers=prover.at_token()).get_json()["token_type"] == "DPoP"


@pytest.mark.parametrize("value", ["x", "x" * 42, "x" * 44, "x" * 42 + "=", "x" * 42 + " "])
def test_a_thumbprint_that_cannot_be_one_is_refused(club: RelyingParty, value: str) -> None:
    """§10: dpop_jkt is the base64url of a SHA-256."""
    answer = club.answer(club.ask(club.vodka.signed_in(), dpop_jkt=value))
    assert (answer["error"], "dpop_jkt" in answer["error_description"]) == ("invalid_request", True)


def test_a_client_that_registered_so_gets_bound_tokens_only(vodka: VodkaUnderTest) -> None:
    """§5.2: dpop_bound_access_tokens; a request without a proof is refused, and spends nothing."""
    club = RelyingParty.of(vodka, dpop_bound_access_tokens=True)
    assert club.token(grant_type="client_credentials").get_json()["error"] == "invalid_dpop_proof"
    code = club.code(vodka.signed_in(), scope="openid offline_access")
    assert club.exchange(code).get_json()["error"] == "invalid_dpop_proof"
    tokens = club.exchange(code, headers=Prover().at_token()).get_json()
    assert club.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_dpop_proof"
    assert club.refresh(tokens["refresh_token"], headers=Prover().at_token()).get_json()["token_type"] == "DPoP"


def test_the_whole_way_on_each_database(vodka_on_each: VodkaUnderTest) -> None:
    """A bound token of a public client: exchanged, used, refreshed with its key, given back; SQLite and PostgreSQL alike."""
    app, prover = RelyingParty.of(vodka_on_each, token_endpoint_auth_method="none"), Prover()
    tokens = bound(app, prover)
    headers = prover.at_userinfo(tokens["access_token"])
    assert vodka_on_each.browser().get("/oauth/userinfo", headers=headers).status_code == 200
    assert vodka_on_each.browser().get("/oauth/userinfo", headers=headers).status_code == 401
    assert app.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    fresh = app.refresh(tokens["refresh_token"], headers=prover.at_token()).get_json()
    assert app.post("/oauth/revoke", token=fresh["refresh_token"]).status_code == 200
    again = app.refresh(fresh["refresh_token"], headers=prover.at_token())
    assert again.get_json()["error"] == "invalid_grant"
