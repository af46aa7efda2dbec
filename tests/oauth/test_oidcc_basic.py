"""The OpenID Foundation's Basic plan, module by module: the flow, UserInfo, nonce, scopes, display, prompt and max_age."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.oauth import conditions
from tests.oauth.plans import (
    ADDRESS,
    EMAIL,
    PHONE,
    PROFILE,
    STATE,
    Plan,
    path_of,
    plan,
    pytest_generate_tests,
    with_access_token,
    without_front_id_token,
)
from tests.oauth.relying_party import RelyingParty, header_of
from vodka.errors import InvalidInput

__all__ = ["plan", "pytest_generate_tests"]
PLANS = [("code", None)]
# What every ID Token may say; anything else is a claim that nobody asked for.
OF_TOKEN = {"iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "sid", "at_hash", "c_hash"}


def told(plan: Plan, scope: str, **claims: Any) -> None:
    """Every claim of the scope is told: at UserInfo, or in the ID Token where there is no access token (OIDC Core §5.4)."""
    found = plan.run(plan.vodka.signed_in(), scope=scope)
    if plan.parts == {"id_token"}:
        assert {name: value for name, value in found.claims.items() if name not in OF_TOKEN} == claims
        return
    assert {name: value for name, value in found.userinfo.items() if name != "sub"} == claims
    assert found.claims.keys() <= OF_TOKEN


def test_oidcc_server(plan: Plan) -> None:
    """OIDC Core §3: the whole flow, with every check there is; nothing in the ID Token that was not asked for."""
    found = plan.run(plan.vodka.browser())
    assert found.seen == ["login", "consent"]
    assert found.claims.keys() <= OF_TOKEN
    assert found.userinfo.keys() <= {"sub"}


def test_oidcc_response_type_missing(plan: Plan) -> None:
    """RFC 6749 §3.1.1: without response_type there is an error, in the query, whatever the client is used to."""
    plan.refused(plan.ask(plan.vodka.browser(), response_type=None), "invalid_request", mode="query")


def test_oidcc_idtoken_signature(plan: Plan) -> None:
    """OIDC Core §2: RS256 for a client that said nothing else, and the header names the key."""
    header = header_of(plan.run(plan.vodka.signed_in()).id_token)
    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in conditions.check_keys(plan.rp)["keys"]}


def test_oidcc_idtoken_unsigned(plan: Plan) -> None:
    """`none` is no algorithm of ours: it is not advertised, and a client that registers it is refused."""
    document = plan.vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert "none" not in document["id_token_signing_alg_values_supported"]
    with pytest.raises(InvalidInput, match="client_metadata_bad"):
        RelyingParty.of(plan.vodka, id_token_signed_response_alg="none")


@with_access_token
def test_oidcc_userinfo_get(plan: Plan) -> None:
    """OIDC Core §5.3.1: GET with the token in the header."""
    found = plan.run(plan.vodka.signed_in())
    assert found.access_token is not None
    assert plan.rp.userinfo(found.access_token).get_json() == {"sub": found.userinfo["sub"]}


@with_access_token
def test_oidcc_userinfo_post_header(plan: Plan) -> None:
    """OIDC Core §5.3.1: POST with the token in the header."""
    found = plan.run(plan.vodka.signed_in())
    headers = {"Authorization": f"Bearer {found.access_token}"}
    client = plan.vodka.app.test_client()
    answer = client.post("/oauth/userinfo", headers=headers, base_url=plan.vodka.origin)
    conditions.check_userinfo(answer, found.userinfo["sub"])


@with_access_token
def test_oidcc_userinfo_post_body(plan: Plan) -> None:
    """RFC 6750 §2.2: POST with the token in the form."""
    found = plan.run(plan.vodka.signed_in())
    client = plan.vodka.app.test_client()
    form = {"access_token": found.access_token}
    answer = client.post("/oauth/userinfo", data=form, base_url=plan.vodka.origin)
    conditions.check_userinfo(answer, found.userinfo["sub"])


@without_front_id_token
def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(plan: Plan) -> None:
    """OIDC Core §3.1.2.1: nonce is optional where no ID Token comes from the authorization endpoint."""
    assert "nonce" not in plan.run(plan.vodka.signed_in(), nonce=None).claims


def test_oidcc_scope_profile(plan: Plan) -> None:
    """OIDC Core §5.4: fourteen claims."""
    assert len(PROFILE) == 14
    told(plan, "openid profile", **PROFILE)


def test_oidcc_scope_email(plan: Plan) -> None:
    """OIDC Core §5.4: the address and that it was verified, and no name."""
    told(plan, "openid email", **EMAIL)


def test_oidcc_scope_address(plan: Plan) -> None:
    """OIDC Core §5.1.1: an object."""
    told(plan, "openid address", address=ADDRESS)


def test_oidcc_scope_phone(plan: Plan) -> None:
    """OIDC Core §5.4."""
    told(plan, "openid phone", **PHONE)


def test_oidcc_scope_all(plan: Plan) -> None:
    """All four at once: with `sub` all twenty standard claims."""
    told(plan, "openid profile email address phone", **PROFILE, **EMAIL, **PHONE, address=ADDRESS)


def test_oidcc_alternate_happy_flow(plan: Plan) -> None:
    """Neither the order of scopes nor that of parameters counts, nor that of the words of response_type."""
    browser = plan.vodka.signed_in()
    turned = " ".join(reversed(plan.response_type.split()))
    sent = plan.rp.parameters(**plan.parameters(scope="email openid", response_type=turned))
    response = browser.get("/oauth/authorize", query_string=list(reversed(sent.items())))
    found = plan.run(browser, response)
    assert (found.claims if plan.parts == {"id_token"} else found.userinfo)["email"] == EMAIL["email"]


def test_oidcc_display_page(plan: Plan) -> None:
    """OIDC Core §3.1.2.1."""
    assert plan.run(plan.vodka.browser(), display="page").seen == ["login", "consent"]


def test_oidcc_display_popup(plan: Plan) -> None:
    """OIDC Core §3.1.2.1: the pages fit into a small window as they are."""
    assert plan.run(plan.vodka.browser(), display="popup").seen == ["login", "consent"]


def test_oidcc_prompt_login(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """OIDC Core §3.1.2.1: who is signed in signs in again, once, and auth_time says so."""
    browser = plan.vodka.browser()
    first = plan.run(browser)
    freezer.tick(60)
    second = plan.run(browser, prompt="login")
    assert second.seen[0] == "login"
    assert second.seen.count("login") == 1
    assert second.claims["auth_time"] == first.claims["auth_time"] + 60
    assert second.claims["sub"] == first.claims["sub"]


def test_oidcc_prompt_none_not_logged_in(plan: Plan) -> None:
    """OIDC Core §3.1.2.6: without a page there is an error, with all 128 characters of the state."""
    assert len(STATE) == 128
    plan.refused(plan.ask(plan.vodka.browser(), prompt="none"), "login_required")


def test_oidcc_prompt_none_logged_in(plan: Plan) -> None:
    """OIDC Core §3.1.2.1: who signed in and agreed a moment ago is not asked; the same person, the same login."""
    browser = plan.vodka.browser()
    first = plan.run(browser)
    second = plan.run(browser, prompt="none")
    assert second.seen == []
    assert [second.claims[name] for name in ("sub", "auth_time")] == [
        first.claims[name] for name in ("sub", "auth_time")
    ]


def test_oidcc_max_age_1(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """OIDC Core §3.1.2.1: a login of a minute ago is too old, and auth_time is of the new one."""
    browser = plan.vodka.browser()
    first = plan.run(browser)
    freezer.tick(60)
    second = plan.run(browser, max_age=1)
    assert second.seen[0] == "login"
    assert second.claims["auth_time"] == first.claims["auth_time"] + 60


def test_oidcc_max_age_10000(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """OIDC Core §3.1.2.1: a login of a minute ago is fresh enough."""
    browser = plan.vodka.browser()
    first = plan.run(browser, max_age=10_000)
    freezer.tick(60)
    second = plan.run(browser, max_age=10_000)
    assert second.seen == []
    assert second.claims["auth_time"] == first.claims["auth_time"]


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(plan: Plan) -> None:
    """RFC 6749 §3.1: unrecognized request parameters are ignored."""
    assert plan.run(plan.vodka.signed_in(), extra="foobar").claims


def test_a_stranger_is_sent_to_the_login(plan: Plan) -> None:
    """Nothing is answered before somebody signed in."""
    assert path_of(plan.ask(plan.vodka.browser())) == "/login"
