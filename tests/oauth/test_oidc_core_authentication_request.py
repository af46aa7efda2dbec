"""What a request says about the login itself (OIDC Core §3.1.2.1, §5.5): prompt, max_age, hints, acr, and values of claims."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.oauth.plans import Plan, certifying, register
from tests.oauth.relying_party import claims_in
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, hidden_value
from vodka.oauth import acr


@pytest.fixture
def plan(start: Start) -> Plan:
    """A client that asks for codes."""
    return register(certifying(start), "code")


def with_passkey(plan: Plan, email: str = CAMILLE) -> Browser:
    """A browser whose login was by a key in hand: as if a passkey had been used."""
    browser = plan.vodka.signed_in(email)
    plan.vodka.write("UPDATE sessions SET methods = 'hwk user'")
    return browser


def test_oau_24_prompt_login_is_satisfied_by_the_login_after_the_request(
    freezer: FrozenDateTimeFactory, plan: Plan
) -> None:
    """One new login and no more: the page is loaded again, the consent is awaited, and nobody goes round in circles."""
    browser = plan.vodka.browser()
    first = plan.run(browser)
    freezer.tick(60)
    asked = plan.ask(browser, prompt="login consent")
    freezer.tick(60)
    page, seen = plan.walk(browser, browser.get(asked.headers["Location"]))
    assert seen == ["login", "consent"]
    assert claims_in(plan.rp.exchange(plan.rp.answer(page)["code"], code_verifier=None).get_json()["id_token"])[
        "auth_time"
    ] == (first.claims["auth_time"] + 120)


def test_oau_24_a_login_page_that_was_left_open_is_still_good(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """max_age counts up to the request: who takes long over the consent page is not sent back to the login."""
    browser = plan.vodka.browser()
    asked = plan.ask(browser, max_age=1)
    browser.log_in()
    consent = browser.get(way_back(asked))
    freezer.tick(300)
    assert "code" in plan.rp.answer(plan.rp.decide(browser, consent))


def way_back(asked: TestResponse) -> str:
    """The page that a login leads back to."""
    return parse_qs(urlsplit(asked.headers["Location"]).query)["redirect"][0]


def test_oau_24_an_old_login_that_grew_too_old_at_the_consent_page(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """The login was from before the request, and when the person agrees it is older than max_age: first a new one."""
    browser = plan.vodka.signed_in()
    freezer.tick(31)
    consent = plan.ask(browser, max_age=100)
    assert 'action="/oauth/consent"' in consent.text
    freezer.tick(70)
    landed, seen = plan.walk(browser, plan.rp.decide(browser, consent))
    assert seen == ["login", "consent"]
    assert "code" in plan.rp.answer(landed)


@pytest.mark.parametrize(("age", "pages"), [(100, []), (101, ["login", "consent"])])
def test_oau_24_max_age_to_the_second(freezer: FrozenDateTimeFactory, plan: Plan, age: int, pages: list[str]) -> None:
    """Signed in as long ago as allowed, and a second longer; auth_time is in each ID Token."""
    browser = plan.vodka.browser()
    first = plan.run(browser)
    freezer.tick(age)
    found = plan.run(browser, max_age=100)
    assert found.seen == pages
    assert found.claims["auth_time"] == first.claims["auth_time"] + (age if pages else 0)


def test_oau_24_the_clients_own_max_age(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """OIDC Registration §2: default_max_age counts where the request says nothing, and auth_time is always there."""
    strict = register(plan.vodka, "code", default_max_age=100, require_auth_time=True)
    browser = plan.vodka.browser()
    assert "auth_time" in strict.run(browser).claims
    freezer.tick(101)
    assert strict.run(browser, max_age=1000).seen == []
    assert strict.run(browser).seen == ["login", "consent"]


def test_oau_24_select_account_asks_once(plan: Plan) -> None:
    """Who is signed in says which account is meant, and then goes on."""
    found = plan.run(plan.vodka.signed_in(), prompt="select_account")
    assert found.seen == ["account", "consent"]


def test_oau_24_another_account_may_be_chosen(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """The page names the account, and leads to the login for another one."""
    browser = plan.vodka.signed_in()
    freezer.tick(60)
    page = plan.ask(browser, prompt="select_account")
    assert CAMILLE in page.text
    assert "site.epfl.ch" in page.text
    other = page.text.partition('href="/login?')[2].partition('"')[0].replace("&amp;", "&")
    freezer.tick(60)
    landed, seen = plan.walk(browser, browser.get(f"/login?{other}"), ROBIN)
    assert seen == ["login", "consent"]
    tokens = plan.rp.exchange(plan.rp.answer(landed)["code"], code_verifier=None).get_json()
    assert plan.rp.userinfo(tokens["access_token"]).get_json()["sub"] == claims_in(tokens["id_token"])["sub"]


@pytest.mark.parametrize("prompt", ["login", "consent", "select_account", "login consent select_account"])
def test_oau_24_prompt_none_excludes_every_other(plan: Plan, prompt: str) -> None:
    """OIDC Core §3.1.2.1."""
    plan.refused(plan.ask(plan.vodka.signed_in(), prompt=f"none {prompt}"), "invalid_request")


def test_oau_24_silently_and_not_agreed(plan: Plan) -> None:
    """OIDC Core §3.1.2.6: what would need a page is an error; other claims than were agreed need one."""
    browser = plan.vodka.signed_in()
    plan.refused(plan.ask(browser, prompt="none"), "consent_required")
    plan.run(browser)
    plan.refused(plan.ask(browser, prompt="none", scope="openid email"), "consent_required")


def test_oau_24_a_hint_of_somebody_else(plan: Plan) -> None:
    """OIDC Core §3.1.2.2: no answer for another person, silently or after a login."""
    mine = plan.run(plan.vodka.signed_in()).id_token
    robin = plan.vodka.signed_in(ROBIN)
    plan.run(robin)
    plan.refused(plan.ask(robin, prompt="none", id_token_hint=mine), "login_required")
    to_login = plan.ask(robin, id_token_hint=mine)
    assert "again=1" in to_login.headers["Location"]
    stranger = plan.vodka.browser()
    landed, seen = plan.walk(stranger, plan.ask(stranger, id_token_hint=mine), ROBIN)
    assert seen == ["login"]
    plan.refused(landed, "login_required")


def test_oau_24_a_hint_that_was_not_issued_to_this_client(plan: Plan) -> None:
    """OIDC Core §3.1.2.1: another client's ID Token is no hint, an altered one neither."""
    other = register(plan.vodka, "code")
    browser = plan.vodka.signed_in()
    hint = other.run(browser).id_token
    plan.refused(plan.ask(browser, id_token_hint=hint), "invalid_request")
    head, body, signature = plan.run(browser).id_token.split(".")
    turned = "A" if signature[10] != "A" else "B"
    altered = f"{head}.{body}.{signature[:10]}{turned}{signature[11:]}"
    plan.refused(plan.ask(browser, id_token_hint=altered), "invalid_request")
    plan.refused(plan.ask(browser, id_token_hint=plan.run(browser).tokens["access_token"]), "invalid_request")


def test_oau_24_a_hint_that_is_over_is_a_hint(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """OIDC Core §3.1.2.1: it may be older than its exp."""
    browser = plan.vodka.browser()
    hint = plan.run(browser).id_token
    freezer.tick(7200)
    assert plan.run(browser, prompt="none", id_token_hint=hint).seen == []


@pytest.mark.parametrize("place", ["id_token", "userinfo"])
def test_a_subject_that_was_asked_for_is_the_only_one_answered(plan: Plan, place: str) -> None:
    """OIDC Core §5.5.1: `sub` with a value is answered for that person only, `values` for one of them."""
    browser = plan.vodka.signed_in()
    sub = plan.run(browser).claims["sub"]
    mine = [{"value": sub}, {"values": ["x", sub]}, {"essential": True}, None]
    for wanted in mine:
        assert plan.run(browser, claims=json.dumps({place: {"sub": wanted}}), prompt="none").claims["sub"] == sub
    for wanted in ({"value": "x"}, {"values": ["x", "y"]}, {"values": []}, {"value": 7}, {"values": "x"}):
        asked = plan.ask(browser, claims=json.dumps({place: {"sub": wanted}}), prompt="none")
        plan.refused(asked, "login_required")


def test_a_subject_and_a_hint_must_agree(plan: Plan) -> None:
    """Where both name somebody it is the same person, or nobody."""
    browser = plan.vodka.signed_in()
    first = plan.run(browser)
    both = {"id_token_hint": first.id_token, "prompt": "none"}
    mine = json.dumps({"id_token": {"sub": {"value": first.claims["sub"]}}})
    assert plan.run(browser, claims=mine, **both).seen == []
    plan.refused(plan.ask(browser, claims='{"id_token": {"sub": {"value": "x"}}}', **both), "login_required")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        pytest.param({}, acr.MULTI_FACTOR, id="nothing asked for: the surest"),
        pytest.param({"acr_values": acr.SINGLE_FACTOR}, acr.SINGLE_FACTOR, id="less is enough"),
        pytest.param({"acr_values": f"1 {acr.SINGLE_FACTOR} {acr.MULTI_FACTOR}"}, acr.SINGLE_FACTOR, id="in its order"),
        pytest.param({"acr_values": f"{acr.MULTI_FACTOR} {acr.SINGLE_FACTOR}"}, acr.MULTI_FACTOR, id="the other order"),
        pytest.param({"acr_values": "1 2"}, acr.MULTI_FACTOR, id="nothing that there is"),
        pytest.param(
            {"claims": json.dumps({"id_token": {"acr": {"values": [acr.SINGLE_FACTOR]}}})},
            acr.SINGLE_FACTOR,
            id="claim",
        ),
    ],
)
def test_the_acr_is_one_of_those_asked_for(plan: Plan, asked: dict[str, str], told: str) -> None:
    """OIDC Core §3.1.2.1: the first of the wanted values that the login satisfies; a refreshed ID Token says the same."""
    found = plan.run(with_passkey(plan), scope="openid offline_access", **asked)
    assert found.claims["acr"] == told
    assert claims_in(found.tokens["access_token"])["acr"] == told
    assert claims_in(plan.rp.refresh(found.tokens["refresh_token"]).get_json()["id_token"])["acr"] == told


def test_the_clients_own_acr_values(plan: Plan) -> None:
    """OIDC Registration §2: default_acr_values count where the request says nothing."""
    modest = register(plan.vodka, "code", default_acr_values=[acr.SINGLE_FACTOR])
    browser = with_passkey(plan)
    assert modest.run(browser).claims["acr"] == acr.SINGLE_FACTOR
    assert modest.run(browser, acr_values=acr.MULTI_FACTOR).claims["acr"] == acr.MULTI_FACTOR


def test_an_essential_acr_is_a_condition(freezer: FrozenDateTimeFactory, plan: Plan) -> None:
    """OIDC Core §5.5.1.1: a login that is not as sure is tried once more, and then it is a failed authentication."""
    sure = json.dumps({"id_token": {"acr": {"essential": True, "values": [acr.MULTI_FACTOR]}}})
    assert plan.run(with_passkey(plan), claims=sure).claims["acr"] == acr.MULTI_FACTOR
    modest = json.dumps({"id_token": {"acr": {"essential": True, "value": acr.SINGLE_FACTOR}}})
    assert plan.run(with_passkey(plan, ROBIN), claims=modest).claims["acr"] == acr.SINGLE_FACTOR
    freezer.tick(60)
    browser = plan.vodka.signed_in()
    plan.refused(plan.ask(browser, claims=sure, prompt="none"), "unmet_authentication_requirements")
    freezer.tick(60)
    landed, seen = plan.walk(browser, plan.ask(browser, claims=sure))
    assert seen == ["login"]
    plan.refused(landed, "unmet_authentication_requirements")


def test_a_claim_asked_for_in_the_id_token_is_there_alone(plan: Plan) -> None:
    """OIDC Core §5.5: by name and by place; what nobody knows, or vodka never heard of, is left out."""
    asked = {"id_token": {"email": None, "made_up": {"essential": True}}, "userinfo": {"nickname": None}, "other": 7}
    found = plan.run(plan.vodka.signed_in(), claims=json.dumps(asked))
    assert found.claims["email"] == CAMILLE
    assert "made_up" not in found.claims
    assert found.userinfo == {"sub": found.claims["sub"], "nickname": "Cam"}


@pytest.mark.parametrize(
    ("wanted", "accepts", "language"),
    [("fr-CH en", "en", "fr"), ("se de", "fr", "fr"), ("en", "fr", "en"), ("", "fr", "fr")],
)
def test_the_language_that_a_website_expects(plan: Plan, wanted: str, accepts: str, language: str) -> None:
    """OIDC Core §3.1.2.1: ui_locales, at the login and at the consent page, as long as the person chose nothing here."""
    browser = plan.vodka.browser(language=accepts)
    login = browser.get(plan.ask(browser, ui_locales=wanted).headers["Location"])
    assert f'<html lang="{language}">' in login.text
    signed_in = plan.vodka.signed_in(language=accepts)
    assert f'<html lang="{language}">' in plan.ask(signed_in, ui_locales=wanted).text


def test_the_language_that_the_person_chose_stays(plan: Plan) -> None:
    """A website changes nothing that was chosen on our pages."""
    browser = plan.vodka.browser()
    browser.get("/login?lang=en")
    login = browser.get(plan.ask(browser, ui_locales="fr").headers["Location"])
    assert '<html lang="en">' in login.text
    browser.log_in()
    assert '<html lang="en">' in plan.ask(browser, ui_locales="fr").text


@pytest.mark.parametrize(
    ("hint", "shown"),
    [(CAMILLE, CAMILLE), ("x" * 254, "x" * 254), ("x" * 255, ""), ('"><script>', "&#34;&gt;&lt;script")],
)
def test_the_login_page_is_prefilled(plan: Plan, hint: str, shown: str) -> None:
    """OIDC Core §3.1.2.1: login_hint is a suggestion for the field, and the page says who waits."""
    browser = plan.vodka.browser()
    page = browser.get(plan.ask(browser, login_hint=hint).headers["Location"])
    assert f'value="{shown}' in page.text
    assert "site.epfl.ch" in page.text
    assert "<script>" not in page.text
    assert hidden_value(page.text, "redirect").startswith("/oauth/authorize?wish=")


def test_oau_25_an_id_token(plan: Plan) -> None:
    """OIDC Core §2: for whom, from whom, when, of which request and of which login; one audience, so no azp is needed."""
    found = plan.run(plan.vodka.signed_in())
    claims = found.claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (plan.vodka.origin, plan.rp.client_id, plan.nonce)
    assert claims["exp"] - claims["iat"] == plan.vodka.means.limits.id_token_lifetime
    assert claims["auth_time"] <= claims["iat"]
    assert claims["at_hash"]
    assert claims["amr"] == ["otp"]
