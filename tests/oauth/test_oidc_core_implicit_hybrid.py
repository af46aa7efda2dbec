"""Tokens in the answer of the authorization endpoint (RFC 6749 §4.2, OIDC Core §3.2, §3.3): a switch, and what it brings."""

from __future__ import annotations

import pytest

from tests.conftest import Start
from tests.oauth import conditions
from tests.oauth.plans import STATE, Plan, certifying, register
from tests.oauth.relying_party import CALLBACK, VERIFIER, RelyingParty, challenge_of, claims_in
from tests.vodka_under_test import CAMILLE, VodkaUnderTest
from vodka.oauth.clients import HYBRID, IMPLICIT, NO_PKCE, SWITCHED_RESPONSE_TYPES
from vodka.oauth.metadata import RESPONSE_TYPES

EVERY_ONE = list(SWITCHED_RESPONSE_TYPES.items())
BOUND = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}


@pytest.fixture
def trial(start: Start) -> VodkaUnderTest:
    """A vodka whose directory knows everything about Camille."""
    return certifying(start)


def test_every_response_type_but_code_has_a_switch() -> None:
    """None of them comes by itself."""
    assert SWITCHED_RESPONSE_TYPES.keys() == RESPONSE_TYPES.keys() - {"code"}


@pytest.mark.parametrize(("response_type", "switch"), EVERY_ONE)
def test_oau_18_switched_off_unless_the_owner_switched_it_on(
    trial: VodkaUnderTest, response_type: str, switch: str
) -> None:
    """RFC 9700 §2.1.2: registered is not enough; the client is told where it is switched on, and the other switch is no help."""
    browser = trial.signed_in()
    others = tuple({IMPLICIT, HYBRID, NO_PKCE} - {switch})
    for legacy in ((), others):
        plan = register(trial, response_type, legacy=legacy)
        response = plan.ask(browser)
        answer = conditions.read_answer(plan.rp, response, "fragment")
        conditions.check_error(answer, "unauthorized_client")
        assert f"switch {switch} on" in answer["error_description"]
    assert trial.events("client.legacy_used") == []


@pytest.mark.parametrize(("response_type", "switch"), EVERY_ONE)
def test_oau_18_switched_on_but_not_registered(trial: VodkaUnderTest, response_type: str, switch: str) -> None:
    """The switch alone is not enough either."""
    club = RelyingParty.of(trial, legacy=(switch,))
    plan = Plan(club, response_type)
    plan.refused(plan.ask(trial.signed_in()), "unauthorized_client")


@pytest.mark.parametrize(("response_type", "switch"), EVERY_ONE)
def test_oau_18_each_use_is_written_down(trial: VodkaUnderTest, response_type: str, switch: str) -> None:
    """Whoever keeps the website sees that it lives dangerously."""
    plan = register(trial, response_type, legacy=(switch, NO_PKCE))
    browser = trial.signed_in()
    for times in (1, 2):
        landed, _ = plan.walk(browser, plan.ask(browser))
        assert "error" not in conditions.read_answer(plan.rp, landed, "fragment")
        used = trial.events("client.legacy_used")
        assert [(event["subject"], event["detail"]) for event in used] == [
            ("https://site.epfl.ch", f"{plan.rp.client_id} {response_type}")
        ] * times


def test_oau_18_the_implicit_grant_is_none_at_the_token_endpoint(trial: VodkaUnderTest) -> None:
    """RFC 6749 §4.2: there is no such grant type there, switched on or not."""
    plan = register(trial, "id_token")
    assert plan.rp.token(grant_type="implicit").get_json()["error"] == "unsupported_grant_type"


def test_oau_01_nothing_of_it_is_advertised(vodka: VodkaUnderTest) -> None:
    """RFC 9700 §2.1.2: only the certification profile says that it can do this."""
    document = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert document["response_types_supported"] == ["code"]
    assert not {"implicit", "password"} & set(document["grant_types_supported"])
    assert "plain" not in document["code_challenge_methods_supported"]


@pytest.mark.parametrize("response_type", SWITCHED_RESPONSE_TYPES)
@pytest.mark.parametrize("response_mode", [None, "fragment", "form_post"])
def test_the_answer_has_what_was_asked_for(trial: VodkaUnderTest, response_type: str, response_mode: str) -> None:
    """Multiple Response Types §3, §5: each part and no other, in the fragment or in a form; `token` alone without an ID Token."""
    plan = register(trial, response_type, response_mode)
    found = plan.run(trial.signed_in(), scope="openid email")
    parts = plan.parts
    if "token" in parts:
        assert (found.answer["token_type"], found.answer["scope"]) == ("Bearer", "openid email")
    assert ("at_hash" in found.front) == ({"token", "id_token"} <= parts)
    assert ("c_hash" in found.front) == ({"code", "id_token"} <= parts)
    assert (found.front.get("email") == CAMILLE) == (parts == {"id_token"})
    assert found.userinfo.get("email") == (CAMILLE if parts & {"code", "token"} else None)


@pytest.mark.parametrize("response_type", SWITCHED_RESPONSE_TYPES)
def test_no_token_ever_stands_in_a_query(trial: VodkaUnderTest, response_type: str) -> None:
    """Multiple Response Types §5: response_mode=query is refused, in the fragment."""
    plan = register(trial, response_type)
    plan.refused(plan.ask(trial.signed_in(), response_mode="query"), "invalid_request", mode="fragment")


@pytest.mark.parametrize("response_type", ["id_token", "id_token token", "token"])
def test_no_refresh_token_comes_through_the_browser(trial: VodkaUnderTest, response_type: str) -> None:
    """RFC 6749 §4.2.2, OIDC Core §11: offline_access means nothing here; the tokens end with the login."""
    plan = register(trial, response_type)
    browser = trial.signed_in()
    shown = plan.ask(browser, scope="openid offline_access")
    assert "while you are not there" not in shown.text
    found = plan.run(browser, shown)
    assert "refresh_token" not in found.answer
    assert trial.rows("SELECT is_offline, scope FROM grants") == [{"is_offline": 0, "scope": "openid"}]


@pytest.mark.parametrize("response_type", ["token", "id_token token"])
def test_a_token_of_the_answer_ends_with_the_login(trial: VodkaUnderTest, response_type: str) -> None:
    """It hangs on a grant like any other."""
    plan = register(trial, response_type)
    browser = trial.signed_in()
    found = plan.run(browser)
    assert found.access_token is not None
    trial.write("UPDATE sessions SET revoked_at = authenticated_at")
    assert plan.rp.userinfo(found.access_token).status_code == 401


def test_a_code_of_a_hybrid_answer_brings_a_refresh_token(trial: VodkaUnderTest) -> None:
    """OIDC Core §3.3: it is a code like any other, for the same grant."""
    plan = register(trial, "code id_token token")
    found = plan.run(trial.signed_in(), scope="openid offline_access")
    assert "refresh_token" in found.tokens
    assert claims_in(found.tokens["access_token"])["grant"] == claims_in(found.answer["access_token"])["grant"]
    assert plan.rp.exchange(found.answer["code"], code_verifier=None).status_code == 400
    assert plan.rp.userinfo(found.answer["access_token"]).status_code == 401


@pytest.mark.parametrize("response_type", ["code id_token", "code token", "code id_token token"])
def test_oau_03_the_code_of_a_hybrid_answer_needs_a_challenge_too(trial: VodkaUnderTest, response_type: str) -> None:
    """RFC 9700 §2.1.1."""
    plan = register(trial, response_type, legacy=(HYBRID,))
    browser = trial.signed_in()
    plan.refused(plan.ask(browser), "invalid_request")
    plan.refused(plan.ask(browser, **BOUND | {"code_challenge_method": "plain"}), "invalid_request")
    found = plan.run(browser, **BOUND, credentials={"code_verifier": VERIFIER})
    assert found.tokens
    landed, _ = plan.walk(browser, plan.ask(browser, **BOUND))
    code = conditions.read_answer(plan.rp, landed, "fragment")["code"]
    assert plan.rp.exchange(code, code_verifier=None).status_code == 400


@pytest.mark.parametrize("response_type", ["id_token", "id_token token", "code id_token", "code id_token token"])
def test_an_id_token_needs_the_scope_openid(trial: VodkaUnderTest, response_type: str) -> None:
    """OIDC Core §3.1.2.1: without it this is no OpenID request."""
    plan = register(trial, response_type)
    plan.refused(plan.ask(trial.signed_in(), scope="email"), "invalid_scope")


@pytest.mark.parametrize("response_type", ["token", "code token"])
def test_a_token_alone_needs_no_scope_openid(trial: VodkaUnderTest, response_type: str) -> None:
    """RFC 6749 §4.2: plain OAuth; such a token opens no UserInfo."""
    plan = register(trial, response_type)
    browser = trial.signed_in()
    landed, _ = plan.walk(browser, plan.ask(browser, scope="email"))
    answer = conditions.read_answer(plan.rp, landed, "fragment")
    assert plan.rp.userinfo(answer["access_token"]).status_code in (401, 403)


@pytest.mark.parametrize("response_type", SWITCHED_RESPONSE_TYPES)
def test_nobody_knows_this_client(trial: VodkaUnderTest, response_type: str) -> None:
    """RFC 6749 §4.2.2.1: unknown, or unnamed: a page."""
    plan = register(trial, response_type)
    for client_id in ("nobody", None):
        answer = plan.ask(trial.signed_in(), client_id=client_id)
        assert answer.status_code == 400
        assert "Location" not in answer.headers


@pytest.mark.parametrize("response_type", ["token", "id_token token", "code token"])
def test_a_token_of_the_answer_cannot_be_bound(trial: VodkaUnderTest, response_type: str) -> None:
    """RFC 9449 §5.2: a client that wants bound tokens gets no other; here it has no way to prove a key."""
    plan = register(trial, response_type)
    key = challenge_of("a key")
    plan.refused(plan.ask(trial.signed_in(), dpop_jkt=key), "invalid_request")
    bound = register(trial, response_type, dpop_bound_access_tokens=True)
    bound.refused(bound.ask(trial.signed_in()), "invalid_request")


def test_a_denial_is_told_in_the_same_way(trial: VodkaUnderTest) -> None:
    """RFC 6749 §4.2.2.1: in the fragment, with state and issuer."""
    plan = register(trial, "id_token token")
    browser = trial.signed_in()
    denied = plan.rp.decide(browser, plan.ask(browser), decision="deny")
    plan.refused(denied, "access_denied", state=STATE)
    assert CALLBACK in denied.headers["Location"]
    assert trial.rows("SELECT id FROM grants") == []
