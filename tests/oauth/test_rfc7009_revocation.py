"""Token revocation (RFC 7009, attacks OAU-23)."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import ORIGIN, SITE, VodkaUnderTest

PATH = "/oauth/revoke"
KINDS = ("access_token", "refresh_token")


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka)


def tokens_of(club: RelyingParty) -> dict[str, Any]:
    """A person's tokens."""
    return club.tokens(club.vodka.signed_in(), scope="openid offline_access")


def is_alive(club: RelyingParty, tokens: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the access token and the refresh token still do something."""
    userinfo = club.userinfo(tokens["access_token"]).status_code
    return userinfo == 200, club.refresh(tokens["refresh_token"]).status_code == 200


def done(answer: TestResponse) -> bool:
    """Whether that was answered as RFC 7009 §2.2 says."""
    return answer.status_code == 200 and answer.get_json() == {} and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "x"])
@pytest.mark.parametrize("kind", KINDS)
def test_either_kind_ends_the_grant(club: RelyingParty, kind: str, hint: str | None) -> None:
    """§2.1: with the refresh token the access tokens end; with an access token the rest does too. §2.2.1: hints are hints."""
    tokens, other = tokens_of(club), tokens_of(club)
    assert done(club.post(PATH, token=tokens[kind], token_type_hint=hint))
    assert is_alive(club, tokens) == (False, False)
    assert is_alive(club, other) == (True, True)
    (event,) = club.vodka.events("client.revoked")
    assert event["subject"] == SITE
    assert done(club.post(PATH, token=tokens[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_public_client_ends_what_is_its_own(vodka: VodkaUnderTest, kind: str) -> None:
    """§2.1, §5: it proves nothing but that it holds the token."""
    app = RelyingParty.of(vodka, token_endpoint_auth_method="none")
    tokens = tokens_of(app)
    assert done(app.post(PATH, token=tokens[kind]))
    assert is_alive(app, tokens) == (False, False)


@pytest.mark.parametrize("kind", KINDS)
def test_oau_23_anothers_token_stays(club: RelyingParty, kind: str) -> None:
    """§2.1: only the client that it was issued to; to another it is like one that never was."""
    other = RelyingParty.of(club.vodka, domain="other.ch", redirect_uris=["https://other.ch/cb"])
    public = RelyingParty.of(club.vodka, token_endpoint_auth_method="none")
    tokens = tokens_of(club)
    assert done(other.post(PATH, token=tokens[kind]))
    assert done(public.post(PATH, token=tokens[kind]))
    assert is_alive(club, tokens) == (True, True)
    assert club.vodka.events("client.revoked") == []


@pytest.mark.parametrize("token", ["x", "x.y.z", "e30.e30.", "\u00e9", "a" * 9000])
def test_oau_23_an_unknown_token_is_no_error(club: RelyingParty, token: str) -> None:
    """§2.2: invalid tokens do not cause an error."""
    assert done(club.post(PATH, token=token))


def test_oau_23_neither_is_a_token_of_another_kind(club: RelyingParty) -> None:
    """An ID token revokes nothing."""
    tokens = tokens_of(club)
    assert done(club.post(PATH, token=tokens["id_token"]))
    assert is_alive(club, tokens) == (True, True)


@pytest.mark.parametrize("kind", KINDS)
def test_oau_23_an_outage_is_told(start: Start, kind: str) -> None:
    """§2.2.1: 503; a client must not believe in a revocation that did not happen."""
    club = RelyingParty.of(start())
    tokens = tokens_of(club)
    club.vodka.write("ALTER TABLE grants RENAME TO gone")
    answer = club.post(PATH, token=tokens[kind])
    assert (answer.status_code, answer.get_json()["error"]) == (503, "temporarily_unavailable")
    club.vodka.write("ALTER TABLE gone RENAME TO grants")
    assert is_alive(club, tokens) == (True, True)


def test_oau_15_who_is_not_the_client_revokes_nothing(club: RelyingParty) -> None:
    """§2.1: the client proves itself as at the token endpoint; token is REQUIRED."""
    tokens = tokens_of(club)
    wrong = club.post(PATH, token=tokens["access_token"], headers={"Authorization": club.basic("wrong")})
    assert (wrong.status_code, wrong.get_json()["error"]) == (401, "invalid_client")
    unproven = {"token": tokens["access_token"], "client_id": club.client_id}
    answer = club.vodka.app.test_client().post(PATH, data=unproven, base_url=ORIGIN)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    for form in ({}, {"token_type_hint": "access_token"}):
        assert club.post(PATH, **form).get_json()["error"] == "invalid_request"
    assert is_alive(club, tokens) == (True, True)


def test_every_way_of_proving_oneself_will_do(vodka: VodkaUnderTest) -> None:
    """Traps B: by itself Authlib takes Basic only."""
    club = RelyingParty.of(vodka, token_endpoint_auth_method="client_secret_post")
    tokens = tokens_of(club)
    sent = {"token": tokens["refresh_token"], "client_id": club.client_id, "client_secret": club.secret}
    assert done(vodka.app.test_client().post(PATH, data=sent, base_url=ORIGIN))
    assert is_alive(club, tokens) == (False, False)
    metadata = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert metadata["revocation_endpoint"] == f"{ORIGIN}{PATH}"
    assert "none" in metadata["revocation_endpoint_auth_methods_supported"]


def test_a_client_by_itself_gives_its_token_back(club: RelyingParty) -> None:
    """RFC 6749 §4.4: a token without a person."""
    token = club.token(grant_type="client_credentials").get_json()["access_token"]
    assert claims_in(token)["sub"] == club.client_id
    assert done(club.post(PATH, token=token))
    assert club.post("/oauth/introspect", token=token).get_json() == {"active": False}


def test_the_person_reads_of_it(club: RelyingParty) -> None:
    """ASVS 16.3.1: in plain words."""
    browser = club.vodka.signed_in()
    club.post(PATH, token=club.tokens(browser)["access_token"])
    assert f"{SITE} gave back what you had allowed it." in browser.get("/account/history").text
