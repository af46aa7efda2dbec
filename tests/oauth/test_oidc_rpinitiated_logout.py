"""A client signs somebody out (OpenID Connect RP-Initiated Logout 1.0), as the certification's plan tries it."""

from __future__ import annotations

import pytest
from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oidc.rpinitiated import EndSessionEndpoint
from freezegun.api import FrozenDateTimeFactory
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.forging import opened, segment
from tests.oauth.leaving import ASKS, BYE, SIGNED_OUT, STATE, Login, is_refused, is_signed_out
from tests.oauth.relying_party import RelyingParty
from tests.vodka_under_test import ROBIN, SITE, VodkaUnderTest
from tests.web.test_sessions import CLICK


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client, with two addresses to come back to."""
    return RelyingParty.of(vodka, post_logout_redirect_uris=[BYE, f"{BYE}?from=vodka"])


@pytest.fixture
def login(club: RelyingParty) -> Login:
    """Camille, signed in at the chess club."""
    return Login.at(club)


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(vodka: VodkaUnderTest) -> None:
    """RP-Initiated Logout §2.1: end_session_endpoint, over https."""
    document = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert document["end_session_endpoint"] == f"{vodka.origin}/oauth/logout"
    assert document["end_session_endpoint"].startswith("https://")


@pytest.mark.parametrize("headers", [{}, CLICK], ids=["a plain client", "a click on the website"])
def test_oidcc_rp_initiated_logout(login: Login, headers: dict[str, str]) -> None:
    """§2, §3: with an ID Token of this person the session ends at once; the address and the state come back as they were."""
    response = login.leave(headers, state=STATE)
    assert response.status_code == 303
    assert response.headers["Location"] == f"{BYE}?state={STATE}"
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    is_signed_out(login)


def test_oidcc_rp_initiated_logout_no_state(login: Login) -> None:
    """§3: no state was sent, so none comes back, and nothing else is added."""
    assert login.leave().headers["Location"] == BYE
    is_signed_out(login)


@pytest.mark.parametrize(
    ("uri", "state", "expected"),
    [
        (f"{BYE}?from=vodka", "x", f"{BYE}?from=vodka&state=x"),
        (f"{BYE}?from=vodka", None, f"{BYE}?from=vodka"),
        (BYE, "a b&c=d#é", f"{BYE}?state=a+b%26c%3Dd%23%C3%A9"),
    ],
    ids=["beside a query", "a query alone", "a state of any characters"],
)
def test_red_the_registered_address_stays_byte_for_byte(
    login: Login, uri: str, state: str | None, expected: str
) -> None:
    """What is sent to the browser is what was registered, with the state behind it (traps T3)."""
    assert login.leave(post_logout_redirect_uri=uri, state=state).headers["Location"] == expected


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(login: Login) -> None:
    """§3: the comparison includes the query."""
    is_refused(login, login.leave(post_logout_redirect_uri=f"{BYE}?foo=bar"), "post_logout_redirect_uri is not")


def test_oidcc_rp_initiated_logout_modified_id_token_hint(login: Login) -> None:
    """§2: a hint with `alg: none` was not issued by vodka, whatever it says."""
    header, claims = opened(login.hint)
    forged = f"{segment(header | {'alg': 'none'})}.{segment(claims)}."
    is_refused(login, login.leave(id_token_hint=forged), "id_token_hint is not an ID Token of this issuer.")


def test_oidcc_rp_initiated_logout_bad_id_token_hint(login: Login) -> None:
    """§2: nor is one that somebody else signed."""
    header, claims = opened(login.hint)
    forged = jwt.encode(header, claims, RSAKey.generate_key(2048, auto_kid=False))
    is_refused(login, login.leave(id_token_hint=forged), "id_token_hint is not an ID Token of this issuer.")


def test_oidcc_rp_initiated_logout_no_id_token_hint(login: Login) -> None:
    """§3: without a hint nothing says whose address it is."""
    is_refused(login, login.leave(id_token_hint=None, state=STATE), "Send id_token_hint or client_id")


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({}, id="oidcc-rp-initiated-logout-no-params"),
        pytest.param({"state": STATE}, id="oidcc-rp-initiated-logout-only-state"),
    ],
)
def test_oidcc_rp_initiated_logout_no_params_and_only_state(login: Login, parameters: dict[str, str]) -> None:
    """§6: without a hint the person is asked; after the button they are told that they are signed out."""
    asked = login.leave(id_token_hint=None, post_logout_redirect_uri=None, **parameters)
    assert asked.status_code == 200
    assert ASKS in asked.text
    assert 'id="logout-confirm"' in asked.text
    assert login.is_alive()
    assert "form-action" not in asked.headers["Content-Security-Policy"]
    answer = login.confirm(**parameters)
    assert (answer.status_code, SIGNED_OUT in answer.text) == (200, True)
    is_signed_out(login)


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(login: Login) -> None:
    """§2: the session ends with the hint alone, and a page says so."""
    response = login.leave(post_logout_redirect_uri=None)
    assert response.status_code == 200
    assert SIGNED_OUT in response.text
    is_signed_out(login)


def test_a_hint_that_is_over_is_as_good(freezer: FrozenDateTimeFactory, login: Login) -> None:
    """§2: the OP SHOULD accept ID Tokens even when the exp time has passed."""
    freezer.tick(86400)
    assert login.leave().headers["Location"] == BYE
    is_signed_out(login)


def test_a_hint_of_an_earlier_login_of_this_person_is_as_good(freezer: FrozenDateTimeFactory, login: Login) -> None:
    """§2: the End-User identified by the ID Token is the one who is signed in."""
    freezer.tick(60)
    login.browser.log_in()
    assert login.leave().headers["Location"] == BYE
    is_signed_out(login)


def test_a_hint_of_another_person_makes_vodka_ask(login: Login) -> None:
    """§2: who is signed in is not whom the client means; the button signs out all the same, and leads back."""
    robin = Login.at(login.club, ROBIN, login.club.vodka.signed_in(ROBIN, ip="192.0.2.20"))
    asked = robin.leave(id_token_hint=login.hint)
    assert (asked.status_code, ASKS in asked.text) == (200, True)
    assert robin.is_alive()
    answer = robin.confirm(id_token_hint=login.hint, post_logout_redirect_uri=BYE, state="x")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BYE}?state=x")
    assert not robin.is_alive()
    assert login.is_alive()


def test_a_client_id_alone_makes_vodka_ask(login: Login) -> None:
    """§3, §6: the client is known, its wish is not proven: the page names it, and the button leads back to it."""
    parameters = {"client_id": login.club.client_id, "post_logout_redirect_uri": BYE, "state": STATE}
    asked = login.leave(id_token_hint=None, **parameters)
    assert ASKS in asked.text
    assert f"<strong>{SITE}</strong>" in asked.text
    assert login.is_alive()
    assert login.confirm(**parameters).headers["Location"] == f"{BYE}?state={STATE}"
    is_signed_out(login)


def test_ref_07_the_tokens_of_the_session_die_with_it(login: Login) -> None:
    """Whatever the client still holds is worth nothing, but for what was granted for the time after (offline_access)."""
    online = Login.at(login.club, browser=login.browser, scope="openid")
    offline = Login.at(login.club, browser=login.browser, scope="openid offline_access")
    assert login.club.userinfo(online.tokens["access_token"]).status_code == 200
    login.leave()
    assert login.club.userinfo(online.tokens["access_token"]).status_code == 401
    assert login.club.refresh(offline.tokens["refresh_token"]).status_code == 200


def test_the_same_by_post(login: Login) -> None:
    """§2: sent on as GET, which brings the cookie; what is not of the specification is left behind."""
    form = {"id_token_hint": login.hint, "post_logout_redirect_uri": BYE, "state": STATE, "other": "x"}
    headers = {"Origin": f"https://{SITE}", "Sec-Fetch-Site": "cross-site"}
    stranger = login.club.vodka.browser()
    sent_on = stranger.post("/oauth/logout", data=form, headers=headers)
    assert sent_on.status_code == 303
    assert "other" not in sent_on.headers["Location"]
    response = login.browser.get(sent_on.headers["Location"], headers=CLICK)
    assert response.headers["Location"] == f"{BYE}?state={STATE}"
    is_signed_out(login)


def test_ses_05_who_is_signed_out_already_comes_back_at_once(login: Login) -> None:
    """With a hint the way back is the same; with a name alone there is a link, and nobody is sent anywhere."""
    login.leave()
    again = login.leave(state="x")
    assert (again.status_code, again.headers["Location"]) == (303, f"{BYE}?state=x")
    named = login.leave(id_token_hint=None, client_id=login.club.client_id)
    assert (named.status_code, SIGNED_OUT in named.text) == (200, True)
    assert f'href="{BYE}"' in named.text
    assert SIGNED_OUT in login.leave(id_token_hint=None, post_logout_redirect_uri=None).text


def test_the_page_after_the_button_can_be_had_again(login: Login) -> None:
    """In the other language, or from the history; who is signed in is asked."""
    assert login.browser.get("/oauth/logout/done").headers["Location"] == "/oauth/logout"
    login.confirm(state="x")
    assert SIGNED_OUT in login.browser.get("/oauth/logout/done").text
    assert '<html lang="fr">' in login.browser.get("/oauth/logout/done?lang=fr").text
    assert login.confirm().status_code == 200


def test_ui_locales_choose_the_language_of_the_question(login: Login) -> None:
    """§2: unless the person has chosen one here; what nobody speaks changes nothing."""
    nothing: dict[str, str | None] = {"id_token_hint": None, "post_logout_redirect_uri": None}
    assert 'lang="fr"' in login.leave(**nothing, ui_locales="de fr-CH en").text
    assert 'lang="en"' in login.leave(**nothing, ui_locales="de").text
    login.browser.get("/?lang=en")
    assert '<html lang="en">' in login.leave(**nothing, ui_locales="fr").text


def test_traps_b_5_authlib_finds_no_client_in_a_list(login: Login) -> None:
    """Why `aud` of our ID Tokens is one string: with a list, Authlib's end of a session knows no client and drops the way
    back. If an upgrade changes that, the reason is gone.
    """
    endpoint = EndSessionEndpoint(AuthorizationServer())
    assert endpoint.resolve_client_from_id_token_claims({"aud": [login.club.client_id]}) is None
    assert login.claims["aud"] == login.club.client_id
