"""Access tokens as JWTs (RFC 9068), for resources (RFC 8707), and what is never taken for one (TOK-05 to TOK-14)."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.oauth.relying_party import RelyingParty, claims_in, header_of
from tests.vodka_under_test import ORIGIN, SITE, VodkaUnderTest
from vodka.db import commit
from vodka.keys.tokens import mint
from vodka.websites import registry

API, OTHER = f"https://{SITE}/api", "https://other.ch/api?x=y"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka, scope="openid email play offline_access")


def test_what_stands_in_it(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """§2.1, §2.2: typ at+jwt, a published key; iss, exp, aud, sub, client_id, iat, jti, auth_time, acr, amr, scope; no nonce."""
    browser = club.vodka.signed_in()
    now = int(freezer().timestamp())
    tokens = club.tokens(browser, scope="openid email")
    token = tokens["access_token"]
    header = header_of(token)
    assert (header["typ"], header.keys()) == ("at+jwt", {"alg", "kid", "typ"})
    keys = KeySet.import_key_set(browser.get("/.well-known/jwks.json").get_json())
    claims = jwt.decode(token, keys, algorithms=[header["alg"]]).claims
    assert claims.pop("jti")
    assert claims.pop("grant")
    assert claims == {
        "iss": ORIGIN,
        "exp": now + 600,
        "aud": ORIGIN,
        "sub": claims_in(tokens["id_token"])["sub"],
        "client_id": club.client_id,
        "iat": now,
        "auth_time": now,
        "acr": "https://refeds.org/profile/sfa",
        "amr": ["otp"],
        "scope": "openid email",
    }


def test_of_a_client_by_itself(club: RelyingParty) -> None:
    """§2.2: sub is the client, and nothing is said of a login; a scope of no words is not said (RFC 6749 §3.3)."""
    claims = claims_in(club.token(grant_type="client_credentials").get_json()["access_token"])
    assert claims["sub"] == claims["client_id"] == club.client_id
    assert {"auth_time", "acr", "amr", "scope"}.isdisjoint(claims)


def test_no_two_are_the_same(club: RelyingParty) -> None:
    """§2.2: jti is a name of its own."""
    tokens = [club.token(grant_type="client_credentials").get_json()["access_token"] for _ in range(3)]
    assert len({claims_in(token)["jti"] for token in tokens}) == 3


def signed(club: RelyingParty, token: str, typ: str = "at+jwt", **changed: Any) -> str:
    """A token under vodka's own key that says something else; None leaves a claim out."""
    claims = claims_in(token) | changed
    with club.vodka.app.app_context():
        key = club.vodka.means.keyring.signing()
        return mint(key, typ, {name: value for name, value in claims.items() if value is not None})


NEVER: dict[str, dict[str, Any]] = {
    "no exp": {"exp": None},
    "an exp that is over": {"exp": 1},
    "an exp as a text": {"exp": "4102444800"},
    "an exp with a fraction": {"exp": 4102444800.5},
    "an exp before time": {"exp": -1},
    "an exp beyond time": {"exp": 10**30},
    "no iat": {"iat": None},
    "an iat in the future": {"iat": 4102444800},
    "an nbf in the future": {"nbf": 4102444800},
    "another issuer": {"iss": "https://evil.ch"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "https://other.ch"},
    "a grant that there is not": {"grant": "x"},
    "no grant": {"grant": None},
    "a grant that is a list": {"grant": ["x"]},
    "another typ": {"typ": "JWT"},
    "the typ of a session": {"typ": "session+jwt"},
}


@pytest.mark.parametrize("changed", NEVER.values(), ids=NEVER)
def test_tok_12_what_we_did_not_mean_is_refused_even_under_our_key(club: RelyingParty, changed: dict[str, Any]) -> None:
    """§4, RFC 7519 §4.1: every claim is looked at, and typ keeps the kinds apart (RFC 8725 §3.11)."""
    token = club.tokens(club.vodka.signed_in())["access_token"]
    assert club.userinfo(signed(club, token)).status_code == 200
    assert club.userinfo(signed(club, token, **changed)).status_code == 401


def test_tok_12_a_clock_may_be_a_minute_ahead(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """RFC 7519 §4.1.5: small leeway for iat and nbf, none for exp."""
    now, token = int(freezer().timestamp()), club.tokens(club.vodka.signed_in())["access_token"]
    assert club.userinfo(signed(club, token, iat=now + 60, nbf=now + 60)).status_code == 200
    assert club.userinfo(signed(club, token, iat=now + 61)).status_code == 401
    assert club.userinfo(signed(club, token, nbf=now + 61)).status_code == 401


def test_tok_24_a_withdrawn_key_vouches_for_nothing(club: RelyingParty) -> None:
    """ASVS 11.1.1: tokens under it are dead at once."""
    token = club.tokens(club.vodka.signed_in())["access_token"]
    with club.vodka.app.app_context():
        assert club.vodka.means.keyring.withdraw(header_of(token)["kid"])
        commit()
    assert club.userinfo(token).status_code == 401


def audience_of(answer: dict[str, Any]) -> Any:
    """Whom a token is for."""
    return claims_in(answer["access_token"])["aud"]


def test_resources_are_the_audience(vodka: VodkaUnderTest, club: RelyingParty) -> None:
    """RFC 8707 §2, RFC 9068 §3: several may be asked for, on any verified website; with openid UserInfo is another one."""
    vodka.site("other.ch")
    browser = vodka.signed_in()
    assert audience_of(club.tokens(browser, resource=API)) == [API, ORIGIN]
    assert audience_of(club.tokens(browser, resource=[API, OTHER], scope="play")) == [API, OTHER]
    assert audience_of(club.tokens(browser, resource=API, scope="play")) == API


def test_a_token_may_be_for_less(vodka: VodkaUnderTest, club: RelyingParty) -> None:
    """RFC 8707 §2.2: of the resources that were granted each token request picks; a refresh may pick others."""
    vodka.site("other.ch")
    code = club.code(vodka.signed_in(), resource=[API, OTHER], scope="play offline_access")
    tokens = club.exchange(code, resource=OTHER).get_json()
    assert audience_of(tokens) == OTHER
    fresh = club.refresh(tokens["refresh_token"], resource=API).get_json()
    assert audience_of(fresh) == API
    assert audience_of(club.refresh(fresh["refresh_token"]).get_json()) == [API, OTHER]


NO_RESOURCE = {
    "plain http": f"http://{SITE}/api",
    "a fragment": f"{API}#x",
    "no address": "api",
    "an address without a host": "https:///api",
    "a user": f"https://a@{SITE}/",
    "another slash": f"https://{SITE}\\@evil.ch/",
    "a line break": f"{API}\n",
    "capitals": API.upper(),
    "a website that nobody proved": "https://unknown.ch/",
    "a sub-domain": f"https://sub.{SITE}/",
    "an address without end": f"{API}/{'x' * 300}",
    "this machine": "http://localhost:5000/",
}


@pytest.mark.parametrize("resource", NO_RESOURCE.values(), ids=NO_RESOURCE)
def test_what_is_no_resource_is_refused(club: RelyingParty, resource: str) -> None:
    """RFC 8707 §2: an absolute https address without a fragment, on a verified website; else invalid_target, everywhere."""
    answer = club.answer(club.ask(club.vodka.signed_in(), resource=resource))
    assert answer["error"] == "invalid_target"
    itself = club.token(grant_type="client_credentials", resource=resource)
    assert (itself.status_code, itself.get_json()["error"]) == (400, "invalid_target")


def test_four_resources_and_no_more(club: RelyingParty) -> None:
    """A token has to fit into a header."""
    four = [f"{API}/{number}" for number in range(4)]
    answer = club.token(grant_type="client_credentials", resource=four)
    assert audience_of(answer.get_json()) == four
    five = club.token(grant_type="client_credentials", resource=[*four, API])
    assert five.get_json()["error"] == "invalid_target"


def test_red_32_a_suspended_website_is_no_resource(vodka: VodkaUnderTest, club: RelyingParty) -> None:
    """At once."""
    vodka.site("other.ch")
    vodka.change_site("other.ch", lambda site: registry.suspend(site, "operator"))
    answer = club.token(grant_type="client_credentials", resource=OTHER)
    assert answer.get_json()["error"] == "invalid_target"


def test_a_resource_that_was_not_granted_is_refused(vodka: VodkaUnderTest, club: RelyingParty) -> None:
    """RFC 8707 §2.2: what the authorization request did not name."""
    vodka.site("other.ch")
    code = club.code(vodka.signed_in(), resource=API)
    answer = club.exchange(code, resource=OTHER)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_target")


@pytest.mark.parametrize(("scope", "afterwards"), [("openid", 401), ("openid offline_access", 200)])
def test_tokens_are_over_with_the_login_unless_they_are_offline(
    freezer: FrozenDateTimeFactory, club: RelyingParty, scope: str, afterwards: int
) -> None:
    """OIDC Core §11: what was got on the last of a login's seven days does not outlive the login, without offline_access."""
    browser = club.vodka.signed_in()
    freezer.tick(7 * 86400 - 300)
    token = club.tokens(browser, scope=scope)["access_token"]
    freezer.tick(299)
    assert club.userinfo(token).status_code == 200
    freezer.tick(1)
    assert club.userinfo(token).status_code == afterwards
