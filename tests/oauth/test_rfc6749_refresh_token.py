"""Refresh tokens: rotation, families, and an honest client whose answer was lost (RFC 6749 §6, RFC 9700 §4.14.2)."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import ORIGIN, SITE, Browser, VodkaUnderTest
from vodka.websites import registry

DAY = 86400


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka)


@pytest.fixture
def browser(club: RelyingParty) -> Browser:
    """Camille, signed in."""
    return club.vodka.signed_in()


def tokens_of(club: RelyingParty, browser: Browser, **changed: Any) -> dict[str, Any]:
    """Tokens with a refresh token that does not need the login."""
    return club.tokens(browser, **{"scope": "openid email offline_access"} | changed)


def is_dead(answer: TestResponse) -> bool:
    """Whether a refresh was refused as RFC 6749 §5.2 says."""
    return answer.status_code == 400 and answer.get_json()["error"] == "invalid_grant"


def test_ref_01_each_use_gives_a_new_one(freezer: FrozenDateTimeFactory, club: RelyingParty, browser: Browser) -> None:
    """§6: a new access token and a new refresh token; the old one is dead once its grace is over."""
    tokens = tokens_of(club, browser)
    freezer.tick(60)
    answer = club.refresh(tokens["refresh_token"])
    fresh = answer.get_json()
    assert fresh.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"}
    assert (answer.headers["Cache-Control"], fresh["scope"]) == ("no-store", "openid email offline_access")
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert claims_in(fresh["access_token"])["jti"] != claims_in(tokens["access_token"])["jti"]
    assert club.refresh(fresh["refresh_token"]).status_code == 200


def test_oidcc_refresh_token(freezer: FrozenDateTimeFactory, club: RelyingParty, browser: Browser) -> None:
    """OIDC Core §12.2: the new ID Token has the same iss, sub, aud and auth_time, a later iat, and no nonce (traps B 1)."""
    tokens = tokens_of(club, browser)
    freezer.tick(5)
    old, new = claims_in(tokens["id_token"]), claims_in(club.refresh(tokens["refresh_token"]).get_json()["id_token"])
    assert [new[name] for name in ("iss", "sub", "aud", "auth_time")] == [
        old[name] for name in ("iss", "sub", "aud", "auth_time")
    ]
    assert new["iat"] == old["iat"] + 5
    assert ("nonce" in old, "nonce" in new) == (True, False)


def test_ref_02_an_old_one_ends_the_family(
    freezer: FrozenDateTimeFactory, club: RelyingParty, browser: Browser
) -> None:
    """RFC 9700 §4.14.2: thief or owner, nobody can tell: everything ends, and an alarm is raised."""
    tokens, other = tokens_of(club, browser), tokens_of(club, browser)
    fresh = club.refresh(tokens["refresh_token"]).get_json()
    freezer.tick(10)
    assert is_dead(club.refresh(tokens["refresh_token"]))
    assert is_dead(club.refresh(fresh["refresh_token"]))
    assert club.userinfo(fresh["access_token"]).status_code == 401
    assert len(club.vodka.events("alarm.refresh_reused")) == 1
    assert club.refresh(other["refresh_token"]).status_code == 200


def test_a_lost_answer_signs_nobody_out(freezer: FrozenDateTimeFactory, club: RelyingParty, browser: Browser) -> None:
    """For ten seconds the token that was just used is good twice more; whoever asks a fourth time is not honest."""
    tokens = tokens_of(club, browser)
    assert club.refresh(tokens["refresh_token"]).status_code == 200
    freezer.tick(9)
    again = [club.refresh(tokens["refresh_token"]) for _ in range(2)]
    assert [answer.status_code for answer in again] == [200, 200]
    assert club.refresh(again[0].get_json()["refresh_token"]).status_code == 200
    assert is_dead(club.refresh(tokens["refresh_token"]))
    assert is_dead(club.refresh(again[1].get_json()["refresh_token"]))


def test_a_grace_of_nothing_can_be_set(start: Start) -> None:
    """A deployment that is stricter: the second use ends the family at once."""
    club = RelyingParty.of(start(limits={"refresh_grace_uses": 0}))
    tokens = tokens_of(club, club.vodka.signed_in())
    fresh = club.refresh(tokens["refresh_token"]).get_json()
    assert is_dead(club.refresh(tokens["refresh_token"]))
    assert is_dead(club.refresh(fresh["refresh_token"]))


def test_ref_04_no_use_makes_it_live_longer(
    freezer: FrozenDateTimeFactory, club: RelyingParty, browser: Browser
) -> None:
    """ASVS 10.4.8: thirty days after the login it is over, to the second, however often it was used."""
    token = tokens_of(club, browser)["refresh_token"]
    for _ in range(29):
        freezer.tick(DAY)
        token = club.refresh(token).get_json()["refresh_token"]
    freezer.tick(DAY - 1)
    last = club.refresh(token).get_json()
    assert last["expires_in"] == 1
    freezer.tick(1)
    assert is_dead(club.refresh(last["refresh_token"]))


def test_ref_05_of_another_client(club: RelyingParty, browser: Browser) -> None:
    """§6, §10.4: bound to the client; a stranger's try neither works nor uses it up."""
    tokens = tokens_of(club, browser)
    others = [
        RelyingParty.of(club.vodka),
        RelyingParty.of(club.vodka, domain="other.ch"),
        RelyingParty.of(club.vodka, token_endpoint_auth_method="none"),
    ]
    for other in others:
        assert is_dead(other.refresh(tokens["refresh_token"]))
    assert club.vodka.rows("SELECT used_at FROM refresh_tokens") == [{"used_at": None}]
    assert club.refresh(tokens["refresh_token"]).status_code == 200


def test_ref_05_without_the_clients_secret(club: RelyingParty, browser: Browser) -> None:
    """§6: a confidential client MUST authenticate."""
    tokens = tokens_of(club, browser)
    sent = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": club.client_id}
    answer = club.vodka.app.test_client().post("/oauth/token", data=sent, base_url=ORIGIN)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_ref_06_a_stolen_database_holds_no_token(club: RelyingParty, browser: Browser) -> None:
    """ASVS 13.3.1: codes, refresh tokens and secrets are there as digests, access tokens not at all."""
    code = club.code(browser, scope="openid offline_access")
    tokens = club.exchange(code).get_json()
    found = ""
    for table in club.vodka.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        found += repr(club.vodka.rows(f'SELECT * FROM "{table["name"]}"'))
    assert claims_in(tokens["access_token"])["grant"] in found
    for secret in (code, tokens["refresh_token"], tokens["access_token"], tokens["id_token"], club.secret):
        assert str(secret) not in found


@pytest.mark.parametrize("scope", ["openid", "email openid", "openid  email"])
def test_oau_19_a_use_may_ask_for_less(club: RelyingParty, browser: Browser, scope: str) -> None:
    """§6: for that access token; the next use may ask for everything again."""
    tokens = tokens_of(club, browser)
    fresh = club.refresh(tokens["refresh_token"], scope=scope).get_json()
    assert fresh["scope"] == claims_in(fresh["access_token"])["scope"] == " ".join(scope.split())
    assert club.refresh(fresh["refresh_token"]).get_json()["scope"] == "openid email offline_access"


@pytest.mark.parametrize("scope", ["openid sciper", "profile", "x", "OPENID"])
def test_oau_19_it_may_not_ask_for_more(club: RelyingParty, browser: Browser, scope: str) -> None:
    """§6: MUST NOT include any scope not originally granted; and the try uses nothing up."""
    tokens = tokens_of(club, browser)
    answer = club.refresh(tokens["refresh_token"], scope=scope)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")
    assert club.vodka.rows("SELECT used_at FROM refresh_tokens") == [{"used_at": None}]


def test_a_target_that_was_not_granted_uses_nothing_up(club: RelyingParty, browser: Browser) -> None:
    """RFC 8707 §2.2: invalid_target, and the token is still good."""
    tokens = tokens_of(club, browser)
    refused = club.refresh(tokens["refresh_token"], resource="https://site.epfl.ch/api")
    assert refused.get_json()["error"] == "invalid_target"
    assert club.vodka.rows("SELECT used_at FROM refresh_tokens") == [{"used_at": None}]


@pytest.mark.parametrize("shown", [None, "", "x", "ü", "a" * 5000])
def test_what_is_no_refresh_token(club: RelyingParty, shown: str | None) -> None:
    """§5.2: missing is invalid_request, unknown is invalid_grant."""
    answer = club.token(grant_type="refresh_token", refresh_token=shown)
    assert answer.get_json()["error"] == ("invalid_grant" if shown else "invalid_request")


def test_oau_21_another_token_refreshes_nothing(club: RelyingParty, browser: Browser) -> None:
    """An access token, an ID token and a code are no refresh tokens."""
    code = club.code(browser)
    tokens = tokens_of(club, browser)
    for other in (code, tokens["access_token"], tokens["id_token"]):
        assert is_dead(club.refresh(other))


def test_oau_36_after_the_consent_was_withdrawn(club: RelyingParty, browser: Browser) -> None:
    """ASVS 8.3.2: withdrawing ends refresh tokens and access tokens at once."""
    tokens = tokens_of(club, browser)
    club.vodka.write("UPDATE consents SET withdrawn_at = given_at")
    assert is_dead(club.refresh(tokens["refresh_token"]))
    assert club.userinfo(tokens["access_token"]).status_code == 401


def test_oau_36_after_the_website_was_suspended(club: RelyingParty, browser: Browser) -> None:
    """Its client is unknown at once, and its tokens are dead; back again, what was granted is good again."""
    tokens = tokens_of(club, browser)
    club.vodka.change_site(SITE, lambda site: registry.suspend(site, "operator"))
    answer = club.refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert club.userinfo(tokens["access_token"]).status_code == 401
    club.vodka.change_site(SITE, registry.resume)
    assert club.refresh(tokens["refresh_token"]).status_code == 200


def test_oau_36_after_the_client_was_removed(club: RelyingParty, browser: Browser) -> None:
    """Everything that hung on it is gone."""
    tokens = tokens_of(club, browser)
    club.vodka.write("DELETE FROM clients")
    assert club.refresh(tokens["refresh_token"]).status_code == 401
    assert club.userinfo(tokens["access_token"]).status_code == 401


ENDS = {
    "the account is disabled": "UPDATE users SET disabled_at = created_at",
    "signed out everywhere": "UPDATE users SET epoch = epoch + 1",
    "the account is deleted": "DELETE FROM users WHERE email LIKE 'camille%'",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_ref_07_what_ends_every_token(club: RelyingParty, browser: Browser, end: str) -> None:
    """ASVS 7.4.2, 7.6.1: with the account, and with all of its logins, even what was given for offline use ends."""
    tokens = tokens_of(club, browser)
    club.vodka.write(end)
    assert is_dead(club.refresh(tokens["refresh_token"]))
    assert club.userinfo(tokens["access_token"]).status_code == 401


def test_ref_07_without_offline_access_it_ends_with_the_login(club: RelyingParty, browser: Browser) -> None:
    """OIDC Core §11: signing out ends what was not given for offline use, and only that."""
    online, offline = tokens_of(club, browser, scope="openid"), tokens_of(club, browser)
    assert browser.get("/auth/logout").status_code == 200
    assert is_dead(club.refresh(online["refresh_token"]))
    assert club.userinfo(online["access_token"]).status_code == 401
    assert club.refresh(offline["refresh_token"]).status_code == 200
