"""Authorization requests that their client signed: by value and by reference (RFC 9101, OIDC Core §6)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.forging import encoded, hmac_signed, segment
from tests.oauth.relying_party import claims_in
from tests.oauth.signing import OBJECT_URI, SigningParty, key_for, public
from tests.vodka_under_test import SITE, VodkaUnderTest
from vodka.oauth.algorithms import SIGNED_BY_CLIENTS

ELSEWHERE = "https://evil.ch/cb"


@pytest.fixture
def party(vodka: VodkaUnderTest) -> SigningParty:
    """A client that signs, its key inline."""
    return SigningParty.with_key(vodka)


def only_inside(party: SigningParty, **more: Any) -> dict[str, Any]:
    """An authorization request that is nothing but an object (RFC 9101 §5)."""
    return dict.fromkeys(party.parameters()) | {"client_id": party.client_id} | more


def test_an_object_may_hold_the_whole_request(party: SigningParty) -> None:
    """RFC 9101 §5: client_id beside it is all that is needed; what it says is what counts."""
    signed = party.object(state="from inside", nonce="signed", scope="openid email")
    answer = party.answer(party.authorize(party.vodka.signed_in(), **only_inside(party, request=signed)))
    assert answer["state"] == "from inside"
    tokens = party.exchange(answer["code"]).get_json()
    assert claims_in(tokens["id_token"])["nonce"] == "signed"
    assert tokens["scope"] == "openid email"


def test_what_is_inside_goes_over_what_is_outside(party: SigningParty) -> None:
    """OIDC Core §6.1: the two are assembled; whoever changes the address in the browser changes nothing that is signed."""
    sparse = party.object(**dict.fromkeys(("nonce", "code_challenge", "code_challenge_method")), state="inside")
    answer = party.answer(party.authorize(party.vodka.signed_in(), request=sparse, state="outside", nonce="outside"))
    assert answer["state"] == "inside"
    assert claims_in(party.exchange(answer["code"]).get_json()["id_token"])["nonce"] == "outside"


def test_values_that_are_no_text_become_what_they_stand_for(party: SigningParty) -> None:
    """RFC 9101 §4: numbers and JSON objects are members of the object; several resources are a list; null is nothing."""
    wanted = {"userinfo": {"given_name": {"essential": True}}}
    signed = party.object(
        claims=wanted, max_age=600, resource=[f"https://{SITE}/a", f"https://{SITE}/b"], extra=True, display=None
    )
    answer = party.authorize(party.vodka.signed_in(), request=signed)
    tokens = party.exchange(party.answer(answer)["code"]).get_json()
    assert set(claims_in(tokens["access_token"])["aud"]) >= {f"https://{SITE}/a", f"https://{SITE}/b"}
    assert party.userinfo(tokens["access_token"]).get_json()["given_name"] == "Camille"


@pytest.mark.parametrize("algorithm", SIGNED_BY_CLIENTS)
def test_objects_are_signed_with_any_of_the_algorithms_that_discovery_names(
    vodka: VodkaUnderTest, algorithm: str
) -> None:
    """RFC 9101 §6.2; `none` is not among them."""
    party = SigningParty.with_key(vodka, algorithm)
    assert "code" in party.answer(party.authorize(vodka.signed_in(), request=party.object()))
    document = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert document["request_object_signing_alg_values_supported"] == list(SIGNED_BY_CLIENTS)
    for name in ("request_parameter_supported", "request_uri_parameter_supported", "require_request_uri_registration"):
        assert document[name] is True


def test_oidcc_ensure_request_object_with_redirect_uri(party: SigningParty) -> None:
    """OIDC Core §6.1: a wrong address outside and a good one inside: the one inside counts."""
    answer = party.authorize(party.vodka.signed_in(), request=party.object(), redirect_uri=ELSEWHERE)
    assert "code" in party.answer(answer)


def test_oau_14_an_address_inside_that_is_not_registered_is_never_gone_to(party: SigningParty) -> None:
    """RFC 6749 §4.1.2.1: although the one outside is good, the one that counts is not."""
    answer = party.ask(party.vodka.browser(), request=party.object(redirect_uri=ELSEWHERE))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


WRONG: list[Any] = [
    pytest.param({"iss": "another"}, "iss", id="another issuer"),
    pytest.param({"aud": "https://other.epfl.ch"}, "aud", id="another audience"),
    pytest.param({"aud": []}, "aud", id="no audience in the list"),
    pytest.param({"aud": 5}, "aud", id="a number as audience"),
    pytest.param({"client_id": "another"}, "client_id", id="another client"),
    pytest.param({"response_type": "id_token"}, "response_type", id="another response type than outside"),
    pytest.param({"sub": "client"}, "sub", id="a subject, as of an assertion"),
    pytest.param({"request": "object"}, "another one", id="an object inside"),
    pytest.param({"request_uri": OBJECT_URI}, "another one", id="a reference inside"),
    pytest.param({"scope": "a\x00b"}, "characters", id="NUL"),
    pytest.param({"scope": "a\ud800b"}, "characters", id="half a character"),
    pytest.param({"exp": 1}, "exp is over", id="over"),
    pytest.param({"exp": "soon"}, "whole seconds", id="an end that is a text"),
    pytest.param({"exp": 10**30}, "whole seconds", id="an end after time"),
    pytest.param({"iat": 3_999_999_999}, "future", id="from the future"),
    pytest.param({"nbf": 3_999_999_999}, "future", id="not yet good"),
]


@pytest.mark.parametrize(("changed", "why"), WRONG)
def test_tok_12_an_object_that_does_not_fit_is_refused(party: SigningParty, changed: dict[str, Any], why: str) -> None:
    """RFC 9101 §6.2, OIDC Core §6.1: the client learns why, at the registered address that it sent outside."""
    changed = {name: party.client_id if value == "client" else value for name, value in changed.items()}
    error, description = party.error_of(party.ask(party.vodka.browser(), request=party.object(**changed)))
    assert error == "invalid_request_object"
    assert why in description


def test_an_object_that_is_refused_is_no_way_to_an_unregistered_address(party: SigningParty) -> None:
    """The page says what is wrong."""
    for outside in ({"redirect_uri": ELSEWHERE}, {"redirect_uri": None}):
        answer = party.ask(party.vodka.browser(), request=party.object(iss="another"), **outside)
        assert answer.status_code == 400
        assert "The iss of the request object must be the client_id." in answer.text


@pytest.mark.parametrize("aud", [["{}", "https://other.epfl.ch"], "{}/oauth/authorize"], ids=["a list", "the endpoint"])
def test_an_object_may_name_us_in_these_ways(party: SigningParty, aud: Any) -> None:
    """OIDC Core §6.1: the issuer SHOULD be among them; and an audience may be missing."""
    origin = party.vodka.origin
    ours = [name.format(origin) for name in aud] if isinstance(aud, list) else aud.format(origin)
    browser = party.vodka.signed_in()
    assert "code" in party.answer(party.authorize(browser, request=party.object(aud=ours)))
    assert "code" in party.answer(party.authorize(browser, request=party.object(aud=None, iss=None, client_id=None)))


def test_tok_05_no_character_of_an_object_can_be_changed(party: SigningParty) -> None:
    """Every seventh in turn becomes another, and the bits at the end that stand for nothing."""
    signed, browser = party.object(), party.vodka.browser()
    for place in range(0, len(signed), 7):
        new = "A" if signed[place] != "A" else "B"
        error, _ = party.error_of(party.ask(browser, request=signed[:place] + new + signed[place + 1 :]))
        assert error == "invalid_request_object", place


@pytest.mark.parametrize("algorithm", ["None", "NONE", "", None, "HS256"], ids=lambda name: f"alg {name!r}")
def test_tok_06_tok_07_an_object_without_the_clients_signature_is_refused(
    vodka: VodkaUnderTest, algorithm: str | None
) -> None:
    """RFC 8725 §3.1, §3.2: neither unsigned nor under the public key as a secret."""
    party = SigningParty.with_key(vodka, "RS256")
    header = {} if algorithm is None else {"alg": algorithm}
    tokens = [
        f"{segment(header)}.{segment(party.parameters())}.",
        f"{segment(header)}.{segment(party.parameters())}.AAAA",
    ]
    if algorithm == "HS256":
        pem = party.key.as_pem(private=False)
        tokens = [hmac_signed(header, party.parameters(), pem), hmac_signed(header, party.parameters(), b"secret")]
    for token in tokens:
        assert party.error_of(party.ask(vodka.browser(), request=token))[0] == "invalid_request_object"


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(party: SigningParty) -> None:
    """OIDC Core §6.1: `none` is refused as not supported, and never ignored."""
    unsigned = f"{segment({'alg': 'none'})}.{segment(party.parameters())}."
    error, description = party.error_of(party.ask(party.vodka.browser(), request=unsigned))
    assert error == "request_not_supported"
    assert "Sign it" in description


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit"])
def test_tok_08_tok_10_nothing_that_comes_along_is_trusted(party: SigningParty, name: str) -> None:
    """RFC 8725 §3.10, RFC 7515 §4.1.11."""
    value: Any = {"jwk": public(key_for("ES256", 1)), "x5c": ["MII"], "crit": ["exp"]}.get(name, OBJECT_URI)
    header = {"alg": "ES256", name: value, "exp": 1}
    token = f"{segment(header)}.{segment(party.parameters())}.{encoded(b'x' * 64)}"
    error, description = party.error_of(party.ask(party.vodka.browser(), request=token))
    assert error == "invalid_request_object"
    assert "jku" in description


def test_tok_09_tok_11_tok_14_what_is_no_short_compact_jws_is_refused(party: SigningParty) -> None:
    """JSON, five parts, a space, an odd kid, and more than 12,288 characters."""
    signed = party.object()
    header, claims, signature = signed.split(".")
    odd = f"{segment({'alg': 'ES256', 'kid': ['k']})}.{claims}.{signature}"
    long = f"{header}.{encoded(b'x' * 12_288)}.{signature}"
    encrypted = f"{header}.{claims}.{signature}.{claims}.{signature}"
    for token in (
        json.dumps({"payload": claims}),
        encrypted,
        f"{signed} ",
        odd,
        long,
        "x",
        "[" * 2000,
        f"{segment([1])}..",
    ):
        error, _ = party.error_of(party.ask(party.vodka.browser(), request=token))
        assert error == "invalid_request_object"


def test_another_kind_of_jwt_is_no_request(party: SigningParty) -> None:
    """RFC 9101 §10.8: nor is a client assertion, which has no type of its own."""
    browser = party.vodka.signed_in()
    for typ in (None, "JWT", "application/oauth-authz-req+jwt"):
        assert "code" in party.answer(party.authorize(browser, request=party.object({"typ": typ})))
    for token in (party.object({"typ": "dpop+jwt"}), party.assertion()):
        assert party.error_of(party.ask(browser, request=token))[0] == "invalid_request_object"


def test_the_registered_algorithm_is_the_only_one(vodka: VodkaUnderTest) -> None:
    """OIDC Registration §2: request_object_signing_alg; all others MUST be rejected."""
    party = SigningParty.with_key(vodka, "RS256", request_object_signing_alg="PS256")
    error, description = party.error_of(party.ask(vodka.browser(), request=party.object()))
    assert (error, "PS256" in description) == ("invalid_request_object", True)
    party.algorithm = "PS256"
    assert "code" in party.answer(party.authorize(vodka.signed_in(), request=party.object()))


def test_a_client_may_register_that_it_signs(vodka: VodkaUnderTest) -> None:
    """RFC 9101 §10.5, §6.3: nothing unsigned is believed then, not even beside an object."""
    party = SigningParty.with_key(vodka, require_signed_request_object=True)
    assert party.error_of(party.ask(vodka.browser()))[0] == "invalid_request"
    signed = party.object(scope="openid", nonce=None)
    answer = party.answer(party.authorize(vodka.signed_in(), request=signed, nonce="changed", scope="openid email"))
    tokens = party.exchange(answer["code"]).get_json()
    assert "nonce" not in claims_in(tokens["id_token"])
    assert tokens["scope"] == "openid"


def test_request_and_request_uri_exclude_each_other(party: SigningParty) -> None:
    """RFC 9101 §5."""
    answer = party.ask(party.vodka.browser(), request=party.object(), request_uri=OBJECT_URI)
    assert party.error_of(answer)[0] == "invalid_request"


@pytest.mark.parametrize("client_id", ["nobody", None], ids=["an unknown client", "no client"])
def test_whose_object_it_is_stands_beside_it(party: SigningParty, client_id: str | None) -> None:
    """RFC 9101 §5: client_id is REQUIRED; without it there are no keys to check with, and nobody to tell."""
    for more in ({"request": party.object()}, {}):
        answer = party.ask(party.vodka.browser(), client_id=client_id, **more)
        assert answer.status_code == 400
        assert "Location" not in answer.headers


def test_an_object_may_come_by_post(party: SigningParty) -> None:
    """OIDC Core §3.1.2.1: what counts travels sealed to the GET, where it is read again and not the object."""
    browser = party.vodka.signed_in()
    sent = party.parameters(request=party.object(state="inside"))
    onward = browser.post("/oauth/authorize", data=sent, headers={"Origin": f"https://{SITE}"})
    assert onward.status_code == 303
    answer = party.answer(party.decide(browser, browser.get(onward.headers["Location"])))
    assert answer["state"] == "inside"
    bad = browser.post("/oauth/authorize", data=party.parameters(request="bad"), headers={"Origin": f"https://{SITE}"})
    assert party.error_of(bad)[0] == "invalid_request_object"


def test_the_end_of_an_object_holds_to_the_second(freezer: FrozenDateTimeFactory, party: SigningParty) -> None:
    """RFC 7519 §4.1.4; what was read in time is not over while somebody signs in."""
    browser = party.vodka.browser()
    signed = party.object(exp=int(time.time()) + 60, iat=int(time.time()) + 60)
    freezer.tick(59)
    assert party.ask(browser, request=signed).headers["Location"].startswith("/login")
    freezer.tick(1)
    assert "over" in party.error_of(party.ask(browser, request=signed))[1]
