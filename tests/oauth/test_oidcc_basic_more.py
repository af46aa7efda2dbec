"""The OpenID Foundation's Basic plan, module by module: hints, acr, codes, request objects, claims, refresh tokens, PKCE."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.oauth import conditions
from tests.oauth.plans import STATE, Plan, path_of, plan, pytest_generate_tests, register, with_code
from tests.oauth.relying_party import CALLBACK, VERIFIER, challenge_of, claims_in
from vodka.oauth import acr

__all__ = ["plan", "pytest_generate_tests"]
PLANS = [("code", None)]


def unsigned(claims: dict[str, object]) -> str:
    """A request object of alg none (OIDC Core §6.1)."""
    parts = [{"alg": "none"}, claims]
    encoded = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return f"{'.'.join(encoded)}."


def test_oidcc_id_token_hint(plan: Plan) -> None:
    """OIDC Core §3.1.2.1: with prompt=none and an ID Token of the person who is signed in, a silent answer."""
    browser = plan.vodka.browser()
    first = plan.run(browser)
    second = plan.run(browser, prompt="none", id_token_hint=first.id_token)
    assert (second.seen, second.claims["sub"]) == ([], first.claims["sub"])


def test_oidcc_login_hint(plan: Plan) -> None:
    """OIDC Core §3.1.2.1: whatever it says, it is only a hint."""
    assert plan.run(plan.vodka.browser(), login_hint="buffy@localhost.emobix.co.uk").seen == ["login", "consent"]


def test_oidcc_ui_locales(plan: Plan) -> None:
    """OIDC Core §3.1.2.1: no error for a language that nobody speaks here."""
    assert plan.run(plan.vodka.browser(), ui_locales="se").seen == ["login", "consent"]


def test_oidcc_claims_locales(plan: Plan) -> None:
    """OIDC Core §5.2: likewise."""
    assert plan.run(plan.vodka.browser(), claims_locales="se").seen == ["login", "consent"]


@pytest.mark.parametrize("turned", [False, True], ids=["as advertised", "the other way round"])
def test_oidcc_ensure_request_with_acr_values_succeeds(plan: Plan, *, turned: bool) -> None:
    """OIDC Core §3.1.2.1: of what was asked for, the ID Token says what the login reached."""
    document = plan.vodka.browser().get("/.well-known/openid-configuration").get_json()
    wanted = document["acr_values_supported"]
    found = plan.run(plan.vodka.browser(), acr_values=" ".join(reversed(wanted) if turned else wanted))
    assert found.claims["acr"] in wanted
    assert found.claims["acr"] == acr.SINGLE_FACTOR


@with_code
def test_oidcc_codereuse(plan: Plan) -> None:
    """RFC 6749 §4.1.2: a code is good once."""
    found = plan.run(plan.vodka.signed_in())
    conditions.check_refusal(plan.rp.exchange(found.answer["code"], code_verifier=None), "invalid_grant")


@with_code
def test_oidcc_codereuse_30seconds(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """RFC 6749 §4.1.2: nor 30 seconds later, and then the tokens that came of it have ended."""
    found = plan.run(plan.vodka.signed_in())
    freezer.tick(30)
    assert plan.rp.userinfo(found.tokens["access_token"]).status_code == 200
    conditions.check_refusal(plan.rp.exchange(found.answer["code"], code_verifier=None), "invalid_grant")
    assert plan.rp.userinfo(found.tokens["access_token"]).status_code == 401


def test_oidcc_ensure_registered_redirect_uri(plan: Plan) -> None:
    """OIDC Core §3.1.2.1: an address that is not registered gets nothing; the person sees a page."""
    answer = plan.ask(plan.vodka.browser(), redirect_uri=f"{CALLBACK}/unregistered")
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "This did not work" in answer.text


def test_oidcc_ensure_post_request_succeeds(plan: Plan) -> None:
    """OIDC Core §3.1.2.1: the request by POST, from a form of the website."""
    browser = plan.vodka.browser()
    headers = {"Origin": "https://site.epfl.ch", "Sec-Fetch-Site": "cross-site"}
    sent = plan.rp.parameters(**plan.parameters())
    found = plan.run(browser, browser.post("/oauth/authorize", data=sent, headers=headers))
    assert found.seen == ["login", "consent"]


@with_code
def test_oidcc_server_client_secret_post(plan: Plan) -> None:
    """RFC 6749 §2.3.1: the secret as a form field."""
    post = register(plan.vodka, plan.response_type, plan.response_mode, token_endpoint_auth_method="client_secret_post")
    form = {"client_id": post.rp.client_id, "client_secret": post.rp.secret, "headers": {"Authorization": ""}}
    assert post.run(plan.vodka.signed_in(), credentials=form).claims


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(plan: Plan) -> None:
    """OIDC Core §6.2: an unsigned object by reference is not for us, and nobody fetches it (attacks OAU-26)."""
    answer = plan.ask(plan.vodka.browser(), request_uri="https://site.epfl.ch/requests/1#hash")
    plan.refused(answer, "request_uri_not_supported", "invalid_request_uri")


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(plan: Plan) -> None:
    """OIDC Core §6.1: an unsigned object is refused, never ignored."""
    answer = plan.ask(plan.vodka.browser(), request=unsigned({"state": STATE, "extra": "foobar"}))
    plan.refused(answer, "request_not_supported", "invalid_request_object")


def test_oidcc_claims_essential(plan: Plan) -> None:
    """OIDC Core §5.5: `name`, asked for by its name: at UserInfo, or in the ID Token where there is no access token."""
    place = "id_token" if plan.parts == {"id_token"} else "userinfo"
    found = plan.run(plan.vodka.signed_in(), claims=json.dumps({place: {"name": {"essential": True}}}))
    assert (found.claims if place == "id_token" else found.userinfo)["name"] == "Camille Exemple"
    assert "name" in found.claims or place == "userinfo"
    assert "name" not in found.claims or place == "id_token"


def test_oidcc_ensure_request_object_with_redirect_uri(plan: Plan) -> None:
    """OIDC Core §6.1: a wrong address outside and a good one in an unsigned object: a page, not a redirect."""
    inside = unsigned({"redirect_uri": CALLBACK, "client_id": plan.rp.client_id})
    answer = plan.ask(plan.vodka.browser(), request=inside, redirect_uri=f"{CALLBACK}/unregistered")
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@with_code
def test_oidcc_refresh_token(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """OIDC Core §12.2: new tokens for the same login; another client's refresh token is worth nothing."""
    found = plan.run(plan.vodka.signed_in(), scope="openid offline_access", prompt="consent")
    freezer.tick(2)
    answer = plan.rp.refresh(found.tokens["refresh_token"])
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    fresh = answer.get_json()
    conditions.check_tokens(fresh)
    assert fresh["access_token"] != found.tokens["access_token"]
    claims = claims_in(fresh["id_token"])
    assert all(claims.get(name) == found.back.get(name) for name in ("iss", "sub", "aud", "auth_time", "azp"))
    assert claims["iat"] > found.back["iat"]
    assert plan.rp.userinfo(fresh["access_token"]).get_json()["sub"] == claims["sub"]
    other = register(plan.vodka, plan.response_type, plan.response_mode)
    conditions.check_refusal(other.rp.refresh(fresh["refresh_token"]), "invalid_grant")


@with_code
def test_oidcc_ensure_request_with_valid_pkce_succeeds(plan: Plan) -> None:
    """RFC 7636 §4.6: a confidential client may use it too, and then it counts."""
    asked = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    browser = plan.vodka.browser()
    assert plan.run(browser, **asked, credentials={"code_verifier": VERIFIER}).claims
    landed, _ = plan.walk(browser, plan.ask(browser, **asked))
    code = conditions.read_answer(plan.rp, landed, plan.mode)["code"]
    conditions.check_refusal(plan.rp.exchange(code, code_verifier=VERIFIER[::-1]), "invalid_grant")


def test_a_hint_of_somebody_else_is_not_answered(plan: Plan) -> None:
    """OIDC Core §3.1.2.2: the login comes first, and if that is not who was meant, the client is told."""
    robin = plan.run(plan.vodka.signed_in("robin.modele@epfl.ch"))
    browser = plan.vodka.browser()
    plan.run(browser)
    plan.refused(plan.ask(browser, prompt="none", id_token_hint=robin.id_token), "login_required")
    asked = plan.ask(browser, id_token_hint=robin.id_token)
    assert path_of(asked) == "/login"
