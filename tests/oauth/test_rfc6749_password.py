"""The resource owner password grant (RFC 6749 §4.3): off, unless everything that makes it bearable is there (attacks OAU-18)."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value

GOOD = "vier Worte am Fluss"
SCOPE = "openid profile"
USUAL = ["authorization_code", "password", "refresh_token"]


@pytest.fixture
def camille(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> Browser:
    """Camille, who has a password; the clock stands still."""
    browser = vodka.signed_in()
    give(browser)
    return browser


def give(browser: Browser, password: str = GOOD) -> None:
    """Set a password as its holder does."""
    token = hidden_value(browser.get("/account/password").text, "csrf_token")
    form = {"password": password, "again": password, "csrf_token": token}
    assert browser.post("/account/password", data=form).status_code == 303


def old_program(vodka: VodkaUnderTest, **more: Any) -> RelyingParty:
    """A confidential client with the switch."""
    return RelyingParty.of(vodka, **{"legacy": ("password",), "grant_types": USUAL} | more)


def agree(club: RelyingParty, browser: Browser, remember: str = "always", scope: str = SCOPE) -> None:
    """Sign in once in the browser, and have it remembered."""
    club.code(browser, scope=scope, remember=remember)


def ask(club: RelyingParty, **form: Any) -> Any:
    """POST /oauth/token."""
    usual = {"grant_type": "password", "username": CAMILLE, "password": GOOD, "scope": SCOPE}
    return club.token(**usual | form)


def test_an_old_program_signs_in(camille: Browser) -> None:
    """§4.3: tokens of what was agreed in the browser; each use stands in the audit, the ledger and the person's history."""
    club = old_program(camille.vodka)
    agree(club, camille)
    tokens = ask(club, username="Camille.Exemple@EPFL.ch").get_json()
    claims = claims_in(tokens["id_token"])
    assert (claims["amr"], claims["aud"], "sid" in claims) == (["pwd"], club.client_id, False)
    found = club.userinfo(tokens["access_token"]).get_json()
    assert (found["name"], found["sub"], "email" in found) == ("Camille Exemple", claims["sub"], False)
    assert club.refresh(tokens["refresh_token"]).status_code == 200
    assert [event["detail"] for event in camille.vodka.events("password.used")] == [club.client_id]
    assert "with your password" in camille.get("/account/history").text
    assert len(camille.vodka.rows("SELECT 1 FROM releases WHERE user_id IS NOT NULL")) == 2


def test_a_refresh_token_is_for_who_registered_for_it(camille: Browser) -> None:
    """RFC 7591 §2: grant_types."""
    club = old_program(camille.vodka, grant_types=["authorization_code", "password"])
    agree(club, camille)
    assert "refresh_token" not in ask(club).get_json()


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        pytest.param({"legacy": ()}, 400, "unsupported_grant_type", id="not switched on"),
        pytest.param({"legacy": ("no_pkce",)}, 400, "unsupported_grant_type", id="another switch"),
        pytest.param({"grant_types": ["authorization_code"]}, 400, "unauthorized_client", id="not registered"),
        pytest.param({"token_endpoint_auth_method": "none"}, 400, "unauthorized_client", id="without a secret"),
    ],
)
def test_oau_18_it_is_refused_unless_switched_on(
    camille: Browser, more: dict[str, Any], status: int, error: str
) -> None:
    """RFC 9700 §2.4: before the password is looked at, so that nobody can guess at one there."""
    club = old_program(camille.vodka, **more)
    agree(club, camille)
    answer = ask(club)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert camille.vodka.events("password.wrong") == camille.vodka.events("password.used") == []


def test_oau_18_a_wrong_secret_is_no_client(camille: Browser) -> None:
    """§4.3.2: the client MUST authenticate."""
    club = old_program(camille.vodka)
    answer = ask(club, headers={"Authorization": club.basic("a wrong one")})
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_it_is_advertised_nowhere(vodka: VodkaUnderTest) -> None:
    """Discovery does not name it: nobody should begin with it."""
    document = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert "password" not in document["grant_types_supported"]


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"password": "vier Worte am Berg"}, id="a wrong password"),
        pytest.param({"username": ROBIN}, id="somebody without a password"),
        pytest.param({"username": "nobody.here@epfl.ch"}, id="a stranger"),
        pytest.param({"username": "camille@gmail.com"}, id="an address from elsewhere"),
        pytest.param({"password": "x" * 200}, id="what can be no password"),
    ],
)
def test_who_that_is_cannot_be_read_from_the_answer(camille: Browser, form: dict[str, str]) -> None:
    """§5.2: invalid_grant, the same for each."""
    camille.vodka.signed_in(ROBIN)
    club = old_program(camille.vodka)
    agree(club, camille)
    answer = ask(club, **form)
    assert (answer.status_code, answer.get_json()) == (
        400,
        {"error": "invalid_grant", "error_description": "The address or the password is wrong."},
    )


def test_who_is_shut_out_gets_the_same_answer(camille: Browser) -> None:
    """An account that an operator disabled gives nothing to anybody."""
    club = old_program(camille.vodka)
    agree(club, camille)
    camille.vodka.write("UPDATE users SET disabled_at = created_at")
    assert ask(club).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize("left_out", ["username", "password"])
def test_what_is_missing_is_named(camille: Browser, left_out: str) -> None:
    """§4.3.2: both are REQUIRED."""
    answer = ask(old_program(camille.vodka), **{left_out: None})
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert left_out in answer.get_json()["error_description"]


@pytest.mark.parametrize("how", ["never", "once", "for another scope", "withdrawn", "over", "by somebody else"])
def test_without_a_standing_consent_nothing_is_given(
    camille: Browser, freezer: FrozenDateTimeFactory, how: str
) -> None:
    """Nobody reads a consent page here, so it must have been read before, remembered, and still be good."""
    vodka, club = camille.vodka, old_program(camille.vodka)
    if how == "by somebody else":
        agree(club, vodka.signed_in(ROBIN))
    elif how != "never":
        remember = {"once": "once", "over": "month"}.get(how, "always")
        agree(club, camille, remember, "openid email" if how == "for another scope" else SCOPE)
    if how == "withdrawn":
        token = hidden_value(camille.get(f"/account/sites/{SITE}").text, "csrf_token")
        camille.post(f"/account/sites/{SITE}/withdraw", data={"csrf_token": token})
    if how == "over":
        freezer.tick(30 * 86400)
    answer = ask(club)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")
    assert "sign in once in the browser" in answer.get_json()["error_description"]
    assert vodka.events("password.used") == []


def test_what_the_person_did_not_agree_to_stays_here(camille: Browser) -> None:
    """Resources and scopes are looked at as everywhere."""
    club = old_program(camille.vodka, scope=SCOPE)
    agree(club, camille)
    assert ask(club, resource="https://elsewhere.example/").get_json()["error"] == "invalid_target"
    assert ask(club, scope=f"{SCOPE} sciper").get_json()["scope"] == SCOPE


def test_guessing_through_a_program_is_limited(start: Start) -> None:
    """Counted as everywhere, in the database; the answer says when to come back."""
    vodka = start(limits={"passwords_per_address": 2, "password_memory": 8})
    browser = vodka.signed_in()
    give(browser)
    club = old_program(vodka)
    agree(club, browser)
    for _ in range(2):
        assert ask(club, password="not the right one").status_code == 400
    refused = ask(club)
    assert (refused.status_code, refused.get_json()["error"]) == (429, "temporarily_unavailable")
    assert int(refused.headers["Retry-After"]) > 3500
    assert len(vodka.events("password.wrong")) == 2
    assert len(vodka.events("password.limited")) == 1


@pytest.mark.parametrize("how", ["changed", "removed", "signed out everywhere", "withdrawn"])
def test_what_the_person_ends_is_over_at_once(camille: Browser, how: str) -> None:
    """Tokens that came of a password end with it, with the consent, and with signing out everywhere; others stay."""
    vodka, club = camille.vodka, old_program(camille.vodka)
    agree(club, camille)
    by_password = ask(club).get_json()["access_token"]
    by_browser = club.tokens(camille, scope=SCOPE)["access_token"]
    token = hidden_value(camille.get("/").text, "csrf_token")
    if how == "changed":
        give(camille, "fünf Worte auf dem Berg")
    elif how == "removed":
        camille.post("/account/password/remove", data={"csrf_token": token})
    elif how == "withdrawn":
        camille.post(f"/account/sites/{SITE}/withdraw", data={"csrf_token": token})
    else:
        vodka.write("UPDATE users SET epoch = epoch + 1")
    assert club.userinfo(by_password).status_code == 401
    assert (club.userinfo(by_browser).status_code == 200) is (how in ("changed", "removed"))
