"""UserInfo (OIDC Core §5.3), and how a token comes to it (RFC 6750)."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.oauth.relying_party import RelyingParty, claims_in, header_of
from tests.vodka_under_test import CAMILLE, ORIGIN, VodkaUnderTest

PATH = "/oauth/userinfo"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka)


@pytest.fixture
def token(club: RelyingParty) -> str:
    """An access token of Camille's."""
    return str(club.tokens(club.vodka.signed_in(), scope="openid email")["access_token"])


def asked(club: RelyingParty, method: str = "GET", path: str = PATH, **sent: Any) -> TestResponse:
    """What UserInfo answers."""
    answer = club.vodka.app.test_client().open(path, method=method, base_url=ORIGIN, **sent)
    assert answer.headers["Cache-Control"] == "no-store"
    return answer


def bearer(token: str) -> dict[str, str]:
    """RFC 6750 §2.1."""
    return {"Authorization": f"Bearer {token}"}


def test_oidcc_userinfo_get(club: RelyingParty, token: str) -> None:
    """OIDC Core §5.3.2: 200, application/json, `sub` and the claims of the scope."""
    answer = asked(club, headers=bearer(token))
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.get_json() == {"email": CAMILLE, "email_verified": True, "sub": claims_in(token)["sub"]}


def test_oidcc_userinfo_post_header(club: RelyingParty, token: str) -> None:
    """OIDC Core §5.3.1: the same by POST, whatever the body is."""
    assert asked(club, "POST", headers=bearer(token)).get_json()["email"] == CAMILLE
    assert asked(club, "POST", headers=bearer(token), json={"access_token": "x"}).status_code == 200


def test_oidcc_userinfo_post_body(club: RelyingParty, token: str) -> None:
    """RFC 6750 §2.2: the token as the form field access_token."""
    assert asked(club, "POST", data={"access_token": token}).get_json()["email"] == CAMILLE


@pytest.mark.parametrize("written", ["bearer", "BEARER", "Bearer "])
def test_the_word_before_the_token_may_be_written_in_any_case(club: RelyingParty, token: str, written: str) -> None:
    """RFC 9110 §11.1: scheme names are case-insensitive."""
    assert asked(club, headers={"Authorization": f"{written} {token}"}).status_code == 200


def test_a_form_is_read_in_its_own_encoding_only(club: RelyingParty, token: str) -> None:
    """RFC 6750 §2.2: application/x-www-form-urlencoded and no other; by GET a body is nothing."""
    multipart = asked(club, "POST", data={"access_token": token}, content_type="multipart/form-data")
    assert multipart.status_code == 401
    assert asked(club, "POST", json={"access_token": token}).status_code == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_token_no_error_is_named(club: RelyingParty, method: str) -> None:
    """RFC 6750 §3.1: 401 with the schemes, and SHOULD NOT include an error code (traps B 13)."""
    answer = asked(club, method, headers={"Authorization": "Basic eDp5"})
    assert (answer.status_code, answer.text) == (401, "")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer, DPoP algs=")
    assert "error" not in answer.headers["WWW-Authenticate"]


TWICE: dict[str, dict[str, Any]] = {
    "in the query": {"path": f"{PATH}?access_token=TOKEN"},
    "in the query and the header": {"path": f"{PATH}?access_token=TOKEN", "headers": bearer("TOKEN")},
    "empty in the query": {"path": f"{PATH}?access_token=", "headers": bearer("TOKEN")},
    "in header and form": {"method": "POST", "data": {"access_token": "TOKEN"}, "headers": bearer("TOKEN")},
    "empty in the form": {"method": "POST", "data": {"access_token": ""}, "headers": bearer("TOKEN")},
    "twice in the form": {"method": "POST", "data": {"access_token": ["TOKEN", "TOKEN"]}},
    "two in one header": {"headers": bearer("TOKEN, Bearer TOKEN")},
    "a header without one": {"headers": {"Authorization": "Bearer"}},
    "with a space in it": {"headers": bearer("TOKEN TOKEN")},
}


@pytest.mark.parametrize("sent", TWICE.values(), ids=TWICE)
def test_oau_20_a_token_comes_in_one_way(club: RelyingParty, token: str, sent: dict[str, Any]) -> None:
    """RFC 6750 §2, §3.1: not in the query, and not in more ways than one: 400 invalid_request."""
    filled = {name: _filled(value, token) for name, value in sent.items()}
    answer = asked(club, **filled)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_request", error_description="')


def _filled(value: Any, token: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, token) for name, inner in value.items()}
    return [token for _ in value] if isinstance(value, list) else value.replace("TOKEN", token)


def refused(answer: TestResponse) -> bool:
    """Whether a token was refused as RFC 6750 §3.1 says, and as if it had never been."""
    challenge = answer.headers["WWW-Authenticate"]
    return answer.status_code == 401 and challenge.startswith('Bearer error="invalid_token", error_description="')


def test_oau_21_no_other_token_opens_it(club: RelyingParty) -> None:
    """RFC 9068 §4, RFC 8725 §3.11: ID token, DATA_JWT, refresh token, code, session, SSO cookie: all 401."""
    browser = club.vodka.signed_in()
    tokens = club.tokens(browser, scope="openid email offline_access")
    data_jwt = browser.authorize().headers["Location"].partition("token=")[2]
    others = [tokens["id_token"], tokens["refresh_token"], data_jwt, club.code(browser), club.secret]
    others += [browser.cookie("SESSION_ID"), "x", "x.y.z", "e30.e30.e30"]
    assert all(others)
    for other in others:
        assert refused(asked(club, headers=bearer(str(other))))


def test_oau_21_a_cookie_alone_opens_nothing(club: RelyingParty) -> None:
    """The session of a browser is no token here."""
    assert club.vodka.signed_in().get(PATH).status_code == 401


def test_a_token_for_another_service_does_not_open_it(club: RelyingParty) -> None:
    """RFC 9068 §4: the audience must be us; with `openid` a token for a resource is for UserInfo too (§3)."""
    browser, resource = club.vodka.signed_in(), "https://site.epfl.ch/api"
    other = club.token(grant_type="client_credentials", resource=resource).get_json()["access_token"]
    assert claims_in(other)["aud"] == resource
    assert refused(asked(club, headers=bearer(other)))
    both = club.tokens(browser, scope="openid", resource=resource)["access_token"]
    assert claims_in(both)["aud"] == [resource, ORIGIN]
    assert asked(club, headers=bearer(both)).status_code == 200


def test_a_token_without_openid_is_not_enough(club: RelyingParty) -> None:
    """RFC 6750 §3.1: 403 insufficient_scope, with the scope that is needed."""
    token = club.token(grant_type="client_credentials").get_json()["access_token"]
    answer = asked(club, headers=bearer(token))
    assert (answer.status_code, answer.get_json()["error"]) == (403, "insufficient_scope")
    assert 'scope="openid"' in answer.headers["WWW-Authenticate"]


def test_oau_19_a_narrower_token_shows_less(club: RelyingParty) -> None:
    """RFC 6749 §6: a refresh for `openid` alone gives a token that shows `sub` alone, although the person agreed to more."""
    tokens = club.tokens(club.vodka.signed_in(), scope="openid email offline_access")
    narrow = club.refresh(tokens["refresh_token"], scope="openid").get_json()["access_token"]
    assert list(club.userinfo(narrow).get_json()) == ["sub"]


def test_a_token_lives_for_ten_minutes(freezer: FrozenDateTimeFactory, club: RelyingParty, token: str) -> None:
    """To the second."""
    freezer.tick(599)
    assert asked(club, headers=bearer(token)).status_code == 200
    freezer.tick(1)
    assert refused(asked(club, headers=bearer(token)))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_oidcc_userinfo_rs256(vodka: VodkaUnderTest, algorithm: str) -> None:
    """OIDC Core §5.3.2: application/jwt, signed as registered, with iss and aud; no nonce, and no exp, so it is no ID Token."""
    club = RelyingParty.of(vodka, userinfo_signed_response_alg=algorithm)
    browser = vodka.signed_in()
    answer = club.userinfo(club.tokens(browser, scope="openid email")["access_token"])
    assert (answer.status_code, answer.mimetype) == (200, "application/jwt")
    keys = KeySet.import_key_set(browser.get("/.well-known/jwks.json").get_json())
    claims = jwt.decode(answer.text, keys, algorithms=[algorithm]).claims
    assert header_of(answer.text)["alg"] == algorithm
    assert (claims["iss"], claims["aud"], claims["email"]) == (ORIGIN, club.client_id, CAMILLE)
    assert claims.keys() == {"iss", "aud", "sub", "email", "email_verified"}
    metadata = browser.get("/.well-known/openid-configuration").get_json()
    assert algorithm in metadata["userinfo_signing_alg_values_supported"]
    assert refused(asked(club, headers=bearer(answer.text)))


def test_oau_30_pages_of_listed_origins_may_ask(club: RelyingParty, token: str) -> None:
    """RFC 9700 §2.6: with the headers of OAuth; others may not, and a preflight at the authorization endpoint says nothing."""
    listed = "https://site.epfl.ch"
    club.vodka.write("UPDATE websites SET origins = :own", own=f'["{listed}"]')
    client, said = club.vodka.app.test_client(), "Access-Control-Allow-"
    asks = {"Origin": listed, "Access-Control-Request-Method": "GET", "Sec-Fetch-Site": "cross-site"}
    for path, methods in {PATH: "GET, POST", "/oauth/token": "POST", "/oauth/revoke": "POST"}.items():
        answer = client.options(path, headers=asks, base_url=ORIGIN)
        assert answer.headers[f"{said}Origin"] == listed
        assert answer.headers[f"{said}Methods"] == methods
        assert answer.headers[f"{said}Headers"] == "authorization, content-type, dpop"
        assert f"{said}Origin" not in client.options(path, headers=asks | {"Origin": "https://a.ch"}).headers
    for closed in ("/oauth/authorize", "/oauth/introspect"):
        assert f"{said}Origin" not in client.options(closed, headers=asks, base_url=ORIGIN).headers
    origin = {"Origin": listed, "Sec-Fetch-Site": "cross-site"}
    answer = asked(club, headers=bearer(token) | origin)
    assert (answer.status_code, answer.headers[f"{said}Origin"]) == (200, listed)
    lost = asked(club, headers=origin)
    assert lost.headers["Access-Control-Expose-Headers"] == "www-authenticate"
    assert f"{said}Credentials" not in lost.headers


def test_an_outage_is_told_in_the_words_of_oauth(start: Start) -> None:
    """503 temporarily_unavailable, and nothing of what is inside."""
    club = RelyingParty.of(start())
    token = club.tokens(club.vodka.signed_in())["access_token"]
    club.vodka.write("ALTER TABLE grants RENAME TO gone")
    answer = asked(club, headers=bearer(token))
    assert (answer.status_code, answer.get_json()["error"]) == (503, "temporarily_unavailable")
