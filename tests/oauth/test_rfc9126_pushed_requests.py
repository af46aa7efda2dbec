"""Pushed authorization requests (RFC 9126): the client sends its request by itself, the browser brings only its name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.oauth.proving import Prover
from tests.oauth.relying_party import CALLBACK, RelyingParty, claims_in
from tests.oauth.signing import OBJECT_URI, SigningParty
from tests.vodka_under_test import CAMILLE, SITE, Browser, VodkaUnderTest
from vodka import janitor
from vodka.db import commit

PREFIX = "urn:ietf:params:oauth:request_uri:"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client, with a secret."""
    return RelyingParty.of(vodka)


def pushed(club: RelyingParty, **changed: Any) -> TestResponse:
    """POST /oauth/par with a usual request."""
    return club.post("/oauth/par", **club.parameters(**changed))


def name_of(answer: TestResponse) -> str:
    """The request_uri in an answer."""
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["request_uri"])


def ask(club: RelyingParty, browser: Browser, uri: str, **more: str) -> TestResponse:
    """Go to the authorization endpoint with nothing but a name; the page that it leads to."""
    answer = browser.get("/oauth/authorize", query_string={"client_id": club.client_id, "request_uri": uri} | more)
    if answer.status_code == 303 and "/oauth/authorize?wish=" in answer.headers["Location"]:
        return browser.get(answer.headers["Location"])
    return answer


def error_of(answer: TestResponse) -> str:
    """The error of an answer to a program."""
    assert answer.status_code == 400, answer.text
    return str(answer.get_json()["error"])


def dead(answer: TestResponse) -> bool:
    """Whether a name was not taken: a page that says so, and no way onward."""
    return answer.status_code == 400 and "unknown, over, or was used before" in answer.text


def test_a_pushed_request_becomes_tokens(club: RelyingParty) -> None:
    """RFC 9126 §2.2, §4: 201, a name that cannot be guessed and its life; what was pushed is what counts."""
    answer = pushed(club, state="pushed", scope="openid email")
    assert answer.get_json().keys() == {"request_uri", "expires_in"}
    assert answer.get_json()["expires_in"] == 90
    assert answer.headers["Cache-Control"] == "no-store"
    uri = name_of(answer)
    assert uri.startswith(PREFIX)
    assert len(uri.removeprefix(PREFIX)) == 43
    browser = club.vodka.signed_in()
    shown = ask(club, browser, uri, state="changed", scope="openid phone", nonce="changed")
    answer_back = club.answer(club.decide(browser, shown))
    assert answer_back["state"] == "pushed"
    tokens = club.exchange(answer_back["code"]).get_json()
    assert tokens["scope"] == "openid email"
    assert claims_in(tokens["id_token"])["nonce"] == "a nonce"


def test_a_person_who_signs_in_first_takes_longer_than_the_name_lives(
    freezer: FrozenDateTimeFactory, club: RelyingParty
) -> None:
    """The name is spent at the first look, and the page can be loaded again while it is there."""
    browser = club.vodka.browser()
    to_login = ask(club, browser, name_of(pushed(club)))
    assert to_login.headers["Location"].startswith("/login?")
    page = browser.get(to_login.headers["Location"])
    freezer.tick(600)
    browser.post("/login", data={"email": CAMILLE, "redirect": page.request.args["redirect"]})
    back = browser.post("/login/code", data={"attempt": browser.code()})
    for _ in range(2):
        consent = browser.get(back.headers["Location"])
        assert consent.status_code == 200
    assert "code" in club.answer(club.decide(browser, consent))


def test_oau_27_a_name_is_good_once(club: RelyingParty) -> None:
    """RFC 9126 §4, §7.3: the second look finds nothing."""
    uri, browser = name_of(pushed(club)), club.vodka.signed_in()
    assert ask(club, browser, uri).status_code == 200
    assert dead(ask(club, browser, uri))
    # To an address that was sent beside it, the client is told.
    beside = ask(club, browser, uri, redirect_uri=CALLBACK)
    assert club.answer(beside)["error"] == "invalid_request_uri"
    assert dead(ask(club, browser, uri, redirect_uri="https://evil.ch/"))


def test_oau_27_of_parallel_looks_one_finds_it(vodka_on_each: VodkaUnderTest) -> None:
    """One conditional UPDATE decides."""
    club = RelyingParty.of(vodka_on_each)
    uri, browsers = name_of(pushed(club)), [vodka_on_each.browser() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda browser: ask(club, browser, uri).status_code, browsers))
    assert sorted(answers) == [303, 400, 400, 400, 400, 400]


def test_oau_27_a_name_is_the_clients_who_pushed(vodka: VodkaUnderTest) -> None:
    """RFC 9126 §2.2: bound to the client, and another one cannot spend it either."""
    club, other = RelyingParty.of(vodka), RelyingParty.of(vodka)
    uri, browser = name_of(pushed(club)), vodka.signed_in()
    assert dead(ask(other, browser, uri))
    assert ask(club, browser, uri).status_code == 200


def test_oau_27_a_name_lives_for_ninety_seconds(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """RFC 9126 §2.2, to the second; what is over is forgotten."""
    early, late, browser = name_of(pushed(club)), name_of(pushed(club)), club.vodka.browser()
    freezer.tick(89)
    assert ask(club, browser, early).status_code == 303
    freezer.tick(1)
    assert dead(ask(club, browser, late))
    freezer.tick(1)
    with club.vodka.app.app_context():
        assert janitor.clean(club.vodka.means.limits, club.vodka.means.vault)["pushed requests"] == 2
        commit()
    assert dead(ask(club, browser, early))


@pytest.mark.parametrize("uri", [PREFIX, f"{PREFIX}unknown", f"{PREFIX}{'x' * 5000}"], ids=["empty", "unknown", "long"])
def test_oau_27_a_name_that_nobody_gave_is_refused(club: RelyingParty, uri: str) -> None:
    """And nothing is fetched for it."""
    assert dead(ask(club, club.vodka.browser(), uri))


def test_only_digests_of_names_are_kept(club: RelyingParty) -> None:
    """ASVS 13.3.1; nor is what the client proved itself with."""
    uri = name_of(pushed(club, client_secret=None))
    party = SigningParty.with_key(club.vodka)
    name_of(party.post("/oauth/par", **party.parameters()))
    rows = club.vodka.rows("SELECT digest, parameters FROM pushed_requests")
    assert uri.removeprefix(PREFIX) not in str(rows)
    assert "client_assertion" not in str(rows)


BAD: list[Any] = [
    pytest.param({"redirect_uri": "https://evil.ch/"}, "invalid_request", id="an address that is not registered"),
    pytest.param({"response_type": None}, "invalid_request", id="no response type"),
    pytest.param({"response_type": "nonsense"}, "unsupported_response_type", id="an unknown response type"),
    pytest.param({"response_type": "id_token"}, "unauthorized_client", id="a response type it has not registered"),
    pytest.param({"code_challenge": None}, "invalid_request", id="no PKCE"),
    pytest.param({"prompt": "none login"}, "invalid_request", id="prompts that exclude each other"),
    pytest.param({"max_age": "soon"}, "invalid_request", id="a max_age that is no number"),
    pytest.param({"resource": "https://evil.ch/"}, "invalid_target", id="a resource on no website"),
    pytest.param({"claims": "{"}, "invalid_request", id="claims that are no JSON"),
    pytest.param({"request_uri": OBJECT_URI}, "invalid_request", id="a request_uri"),
    pytest.param({"request_uri": f"{PREFIX}x"}, "invalid_request", id="the name of another one"),
    pytest.param({"state": "s" * 4000}, "invalid_request", id="too long for an address"),
    pytest.param({"scope": "open\x00id"}, "invalid_request", id="NUL"),
    pytest.param({"redirect_uri": 'https://evil.ch/"\\é'}, "invalid_request", id="an address of odd characters"),
    pytest.param({"response_type": 'a"b'}, "unsupported_response_type", id="a response type of odd characters"),
]


@pytest.mark.parametrize(("changed", "error"), BAD)
def test_a_pushed_request_is_checked_as_the_browsers_would_be(
    club: RelyingParty, changed: dict[str, Any], error: str
) -> None:
    """RFC 9126 §2.1, §2.3: the client learns at once, as JSON, and nobody is redirected."""
    answer = pushed(club, **changed)
    assert error_of(answer) == error
    assert answer.get_json().keys() <= {"error", "error_description"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert not club.vodka.rows("SELECT 1 FROM pushed_requests")


def test_a_parameter_that_stands_twice_is_refused(club: RelyingParty) -> None:
    """RFC 6749 §3.1 (attacks OAU-28); a resource may (RFC 8707 §2)."""
    assert error_of(pushed(club, nonce=["one", "two"])) == "invalid_request"
    assert pushed(club, resource=[f"https://{SITE}/a", f"https://{SITE}/b"]).status_code == 201


def test_a_client_proves_itself_as_at_the_token_endpoint(vodka: VodkaUnderTest) -> None:
    """RFC 9126 §2.1: with a secret, a key, or none if it has none."""
    club, public = RelyingParty.of(vodka), RelyingParty.of(vodka, token_endpoint_auth_method="none")
    keyed, secret = SigningParty.with_key(vodka), SigningParty.with_secret(vodka)
    for party in (club, public, keyed, secret):
        assert ask(party, vodka.signed_in(), name_of(pushed(party))).status_code == 200
    wrong = pushed(club, headers={"Authorization": club.basic("wrong")})
    assert (wrong.status_code, wrong.get_json()["error"]) == (401, "invalid_client")
    nobody = pushed(public, client_id="nobody")
    assert (nobody.status_code, nobody.get_json()["error"]) == (401, "invalid_client")


def test_the_name_of_the_client_need_not_be_said_twice(club: RelyingParty) -> None:
    """RFC 6749 §2.3.1: the header says it; a second one must be the same."""
    assert pushed(club, client_id=None).status_code == 201
    assert error_of(pushed(club, client_id="another")) == "invalid_request"


def test_the_endpoint_takes_a_form_by_post(club: RelyingParty) -> None:
    """RFC 9126 §2.1: nothing in the query, no other media type, no other method."""
    client, base = club.vodka.app.test_client(), {"base_url": club.vodka.origin}
    headers = {"Authorization": club.basic()}
    assert error_of(client.post("/oauth/par", json=club.parameters(), headers=headers, **base)) == "invalid_request"
    in_query = client.post("/oauth/par", query_string=club.parameters(), headers=headers, **base)
    assert error_of(in_query) == "invalid_request"
    assert client.get("/oauth/par", **base).status_code == 405
    document = club.vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert document["pushed_authorization_request_endpoint"] == f"{club.vodka.origin}/oauth/par"


def test_a_client_may_register_that_it_pushes(vodka: VodkaUnderTest) -> None:
    """RFC 9126 §6: require_pushed_authorization_requests; a signed object in the browser is not enough then."""
    party = SigningParty.with_key(vodka, require_pushed_authorization_requests=True)
    browser = vodka.signed_in()
    for more in ({}, {"request": party.object()}):
        error, description = party.error_of(party.ask(browser, **more))
        assert (error, "pushes" in description) == ("invalid_request", True)
    assert ask(party, browser, name_of(pushed(party))).status_code == 200


def test_a_request_object_may_be_pushed(vodka: VodkaUnderTest) -> None:
    """RFC 9126 §3: checked at once; with one that is required, nothing unsigned is kept."""
    party = SigningParty.with_key(vodka, require_signed_request_object=True)
    answer = party.post("/oauth/par", request=party.object(state="signed"), state="unsigned")
    browser = vodka.signed_in()
    shown = ask(party, browser, name_of(answer))
    assert party.answer(party.decide(browser, shown))["state"] == "signed"
    assert error_of(pushed(party)) == "invalid_request"
    assert error_of(party.post("/oauth/par", request=party.object(iss="another"))) == "invalid_request_object"
    assert error_of(party.post("/oauth/par", request=party.object(client_id="another"))) == "invalid_request_object"
    assert (
        error_of(party.post("/oauth/par", request=party.object(redirect_uri="https://evil.ch/"))) == "invalid_request"
    )


def test_a_proof_with_the_pushed_request_binds_the_code(club: RelyingParty) -> None:
    """RFC 9449 §10.1: as dpop_jkt would; if both are there they must agree."""
    key, other = Prover(), Prover()
    headers = {"headers": key.at_token(htu=f"{club.vodka.origin}/oauth/par")}
    uri = name_of(pushed(club, **headers))
    browser = club.vodka.signed_in()
    code = club.answer(club.decide(browser, ask(club, browser, uri)))["code"]
    assert error_of(club.exchange(code)) == "invalid_grant"
    assert error_of(club.exchange(code, headers=other.at_token())) == "invalid_grant"
    assert club.exchange(code, headers=key.at_token()).get_json()["token_type"] == "DPoP"
    fresh = {"headers": key.at_token(htu=f"{club.vodka.origin}/oauth/par")}
    assert error_of(pushed(club, dpop_jkt=other.thumbprint, **fresh)) == "invalid_request"
    agreed = {"headers": key.at_token(htu=f"{club.vodka.origin}/oauth/par")}
    assert pushed(club, dpop_jkt=key.thumbprint, **agreed).status_code == 201
