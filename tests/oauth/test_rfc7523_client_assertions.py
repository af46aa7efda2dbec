"""Clients that prove themselves by a JWT (RFC 7521 §4.2, RFC 7523 §3, OIDC Core §9)."""

from __future__ import annotations

import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.forging import encoded, hmac_signed, segment
from tests.oauth.relying_party import RelyingParty
from tests.oauth.signing import SigningParty, key_for, key_set, public
from tests.vodka_under_test import VodkaUnderTest
from vodka import janitor
from vodka.db import commit
from vodka.errors import InvalidInput
from vodka.oauth import registry
from vodka.oauth.algorithms import SIGNED_BY_CLIENTS
from vodka.oauth.clients import find
from vodka.oauth.metadata import read


@pytest.fixture
def party(vodka: VodkaUnderTest) -> SigningParty:
    """A client of private_key_jwt whose key stands in its metadata."""
    return SigningParty.with_key(vodka)


def refused(answer: TestResponse) -> str:
    """What an answer says that does not believe who asks."""
    assert answer.status_code == 401, answer.text
    said = answer.get_json()
    assert said["error"] == "invalid_client"
    return str(said["error_description"])


@pytest.mark.parametrize("algorithm", SIGNED_BY_CLIENTS)
def test_a_client_proves_itself_with_its_own_key(vodka: VodkaUnderTest, algorithm: str) -> None:
    """RFC 7523 §2.2: RS256, PS256, ES256, and Ed25519 under its old name and its own (RFC 9864; traps B 7)."""
    party = SigningParty.with_key(vodka, algorithm)
    assert party.ask_for_itself().status_code == 200


def test_a_client_proves_itself_with_either_of_its_secrets(vodka: VodkaUnderTest) -> None:
    """client_secret_jwt: HS256 under each secret that lives, and no longer under one that was removed."""
    party = SigningParty.with_secret(vodka)
    [old] = vodka.rows("SELECT id FROM client_secrets")
    assert party.ask_for_itself().status_code == 200
    before = party.key
    with vodka.app.app_context():
        client = find(party.client_id)
        assert client is not None
        known = {"client_id": party.client_id, "by": None}
        tools = {"vault": vodka.means.vault, "limits": vodka.means.limits}
        party.key = type(before).import_key(registry.add_secret(client.row, client.metadata, **known, **tools))
        commit()
    assert party.ask_for_itself().status_code == 200
    assert all(row["last_used_at"] for row in vodka.rows("SELECT last_used_at FROM client_secrets"))
    party.key = before
    with vodka.app.app_context():
        registry.remove_secret(client.row, old["id"], client_id=party.client_id, by=None)
        commit()
    assert "signature" in refused(party.ask_for_itself())


def test_a_secret_that_cannot_be_unsealed_proves_nothing(vodka: VodkaUnderTest) -> None:
    """One sealed for another client is noise."""
    party = SigningParty.with_secret(vodka)
    vodka.write("UPDATE client_secrets SET sealed = :noise", noise=b"noise")
    assert "signature" in refused(party.ask_for_itself())


@pytest.mark.parametrize("path", ["", "/oauth/token"], ids=["the issuer", "the token endpoint"])
def test_oidcc_ensure_client_assertion_with_iss_aud_succeeds(party: SigningParty, path: str) -> None:
    """RFC 7523 §3: the issuer is as good an audience as the token endpoint."""
    assert party.prove(party.assertion(aud=party.vodka.origin + path)).status_code == 200


def test_an_audience_may_be_a_list_of_ours(party: SigningParty) -> None:
    """RFC 7519 §4.1.3; older clients name the issuer, the token endpoint and the endpoint that they call."""
    origin = party.vodka.origin
    both = [origin, f"{origin}/oauth/token"]
    assert party.prove(party.assertion(aud=both)).status_code == 200
    pushed = party.post("/oauth/par", **party.parameters(), client_assertion=party.assertion(aud=f"{origin}/oauth/par"))
    assert pushed.status_code == 201


WRONG: list[Any] = [
    pytest.param({"iss": "somebody else"}, "iss and sub", id="another issuer"),
    pytest.param({"iss": None}, "iss and sub", id="no issuer"),
    pytest.param({"sub": None}, "sub must be the client_id", id="no subject"),
    pytest.param({"sub": 5}, "sub must be the client_id", id="a subject that is no text"),
    pytest.param({"aud": None}, "aud must be", id="no audience"),
    pytest.param({"aud": []}, "aud must be", id="an empty list of audiences"),
    pytest.param({"aud": "https://other.epfl.ch"}, "aud must be", id="another audience"),
    pytest.param({"aud": ["https://vodka.epfl.ch", "https://evil.ch"]}, "nobody else", id="us and somebody else"),
    pytest.param({"aud": "https://vodka.epfl.ch/oauth/par"}, "aud must be", id="an endpoint that was not called"),
    pytest.param({"aud": {"vodka": 1}}, "aud must be", id="an audience that is an object"),
    pytest.param({"exp": None}, "send exp", id="without an end"),
    pytest.param({"exp": "soon"}, "whole seconds", id="an end that is a text"),
    pytest.param({"exp": 4_000_000_000.5}, "whole seconds", id="an end that is a float"),
    pytest.param({"exp": True}, "whole seconds", id="an end that is a truth value"),
    pytest.param({"exp": -1}, "whole seconds", id="an end before time began"),
    pytest.param({"exp": 10**30}, "whole seconds", id="an end after time"),
    pytest.param({"nbf": "now"}, "whole seconds", id="a beginning that is a text"),
    pytest.param({"jti": None}, "jti", id="without an identifier"),
    pytest.param({"jti": ""}, "jti", id="with an empty identifier"),
    pytest.param({"jti": 5}, "jti", id="with a number as identifier"),
    pytest.param({"jti": "j" * 257}, "jti", id="with an identifier of 257 characters"),
]


@pytest.mark.parametrize(("changed", "why"), WRONG)
def test_oau_16_tok_12_an_assertion_that_does_not_say_what_it_must_is_refused(
    party: SigningParty, changed: dict[str, Any], why: str
) -> None:
    """RFC 7523 §3: each claim is there and right; the answer says which is not."""
    assert why in refused(party.prove(party.assertion(**changed)))


def test_oau_16_an_assertion_is_good_once(freezer: FrozenDateTimeFactory, party: SigningParty) -> None:
    """OIDC Core §9: a jti MUST only be used once, by one client; it is remembered as long as the assertion lives."""
    assertion = party.assertion(jti="j" * 256)
    assert party.prove(assertion).status_code == 200
    assert "used before" in refused(party.prove(assertion))
    other = SigningParty.with_key(party.vodka)
    assert other.prove(other.assertion(jti="j" * 256)).status_code == 200
    freezer.tick(60)
    with party.vodka.app.app_context():
        assert janitor.clean(party.vodka.means.limits, party.vodka.means.vault)["used identifiers"] == 0
        freezer.tick(1)
        assert janitor.clean(party.vodka.means.limits, party.vodka.means.vault)["used identifiers"] == 2
        commit()
    assert "exp is over" in refused(party.prove(assertion))


def test_oau_16_of_parallel_uses_one_is_good(vodka_on_each: VodkaUnderTest) -> None:
    """The store decides, not a look before."""
    party = SigningParty.with_key(vodka_on_each)
    assertion = party.assertion()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: party.prove(assertion).status_code, range(6)))
    assert sorted(answers) == [200, 401, 401, 401, 401, 401]


def test_tok_12_the_times_hold_to_the_second(freezer: FrozenDateTimeFactory, party: SigningParty) -> None:
    """RFC 7523 §3: before exp, which is at most an hour ahead; iat and nbf at most a minute in the future."""
    now = int(time.time())
    assert party.prove(party.assertion(exp=now + 1)).status_code == 200
    assert "over" in refused(party.prove(party.assertion(exp=now)))
    assert party.prove(party.assertion(exp=now + 3660)).status_code == 200
    assert "ahead" in refused(party.prove(party.assertion(exp=now + 3661)))
    for name in ("iat", "nbf"):
        assert party.prove(party.assertion(**{name: now + 60})).status_code == 200
        assert "future" in refused(party.prove(party.assertion(**{name: now + 61})))


def test_tok_05_no_character_can_be_changed(party: SigningParty) -> None:
    """Each in turn becomes another: refused, and never an error of ours."""
    assertion = party.assertion(iat=None)
    for place, old in enumerate(assertion):
        new = "A" if old != "A" else "B"
        changed = assertion[:place] + new + assertion[place + 1 :]
        assert party.prove(changed).status_code == 401, place
    # The last character of a part has bits that stand for nothing (RFC 4648 §3.5).
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = last[last.index(assertion[-1]) ^ 1]
    assert party.prove(assertion[:-1] + twin).status_code == 401
    assert party.prove(assertion).status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None], ids=lambda name: f"alg {name!r}")
@pytest.mark.parametrize("signature", ["", "AAAA"], ids=["unsigned", "with a signature"])
def test_tok_06_an_unsigned_assertion_is_refused(party: SigningParty, algorithm: str | None, signature: str) -> None:
    """RFC 8725 §3.2."""
    header = {} if algorithm is None else {"alg": algorithm}
    refused(party.prove(f"{segment(header)}.{segment(party.claims())}.{signature}"))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_tok_07_the_public_key_is_no_secret(vodka: VodkaUnderTest, algorithm: str) -> None:
    """RFC 8725 §3.1: in whatever form it is used as one."""
    party = SigningParty.with_key(vodka, "RS256")
    jwk = public(party.key)
    forms = (party.key.as_pem(private=False), party.key.as_der(private=False), json.dumps(jwk).encode(), b"")
    for form in forms:
        assert "alg is not" in refused(party.prove(hmac_signed({"alg": algorithm}, party.claims(), form)))


@pytest.mark.parametrize(
    "header",
    [{"jwk": {}}, {"jku": "https://site.epfl.ch/evil"}, {"x5u": "https://site.epfl.ch/x"}, {"x5c": ["MII"]}],
    ids=lambda header: next(iter(header)),
)
def test_tok_08_a_key_that_comes_along_is_not_trusted(party: SigningParty, header: dict[str, Any]) -> None:
    """RFC 8725 §3.10: signed by a stranger's key or by the client's own."""
    if "jwk" in header:
        header = {"jwk": public(key_for("ES256", 1))}
    assert "jku" in refused(party.prove(party.assertion(header)))
    party.key = key_for("ES256", 1)
    refused(party.prove(party.assertion(header)))


@pytest.mark.parametrize(
    "kid",
    ["unknown", "../../etc/passwd", "' OR 1=1 --", "k" * 257, "", 5, ["k"], {"k": 1}],
    ids=["unknown", "a path", "SQL", "257 characters", "empty", "a number", "a list", "an object"],
)
def test_tok_09_a_kid_that_is_none_of_the_clients_is_refused(vodka: VodkaUnderTest, kid: object) -> None:
    """It is a text to compare, and nothing else."""
    party = SigningParty.with_key(vodka, jwks=key_set(public(key_for("ES256"), kid="one")))
    header = {"alg": "ES256", "kid": kid}
    token = f"{segment(header)}.{segment(party.claims())}.{encoded(b'x' * 64)}"
    refused(party.prove(token))


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "exp"], ids=["known", "b64", "empty", "no list"])
def test_tok_10_no_extension_is_understood(party: SigningParty, crit: object) -> None:
    """RFC 7515 §4.1.11."""
    token = f"{segment({'alg': 'ES256', 'crit': crit, 'exp': 1, 'b64': True})}.{segment(party.claims())}.AAAA"
    assert "crit" in refused(party.prove(token))


def test_tok_11_a_long_assertion_is_not_even_read(party: SigningParty) -> None:
    """4,096 characters are looked at; what does not fit into a body is not received."""
    longest = party.assertion(padding="x")
    longest = party.assertion(padding="x" * (1 + (4096 - len(longest)) * 3 // 4 - 4))
    assert len(longest) <= 4096
    assert party.prove(longest).status_code == 200
    refused(party.prove(party.assertion(padding="x" * 4096)))
    assert party.prove("a" * 10_000_000).status_code == 413


def shapes(token: str) -> dict[str, str]:
    """What is no compact JWS."""
    header, claims, signature = token.split(".")
    return {
        "JSON": json.dumps({"protected": header, "payload": claims, "signature": signature}),
        "four parts": f"{token}.{signature}",
        "five parts": f"{header}.{claims}.{signature}.{signature}.{signature}",
        "six parts": f"{token}.{token}",
        "two parts": f"{header}.{claims}",
        "padding": f"{header}=.{claims}.{signature}",
        "a newline": f"{token}\n",
        "spaces": f" {token}  ",
        "a part of one more character": f"{header}.{claims}.{signature}AAA",
        "a payload that is a list": f"{header}.{segment([1])}.{signature}",
        "a payload that is no JSON": f"{header}.{encoded(b'{')}.{signature}",
        "a payload without end": f"{header}.{encoded(b'[' * 2000)}.{signature}",
        "a header that is a list": f"{segment([1])}.{claims}.{signature}",
        "nothing": "",
    }


@pytest.mark.parametrize("shape", shapes("a.b.c"))
def test_tok_14_only_a_compact_jws_is_an_assertion(party: SigningParty, shape: str) -> None:
    """RFC 7515 §3.1, in the one spelling of base64url."""
    refused(party.prove(shapes(party.assertion())[shape]))


def test_tok_14_a_name_that_stands_twice_is_refused(vodka: VodkaUnderTest) -> None:
    """RFC 7519 §4: no reader can be made to see another value than we do."""
    party = SigningParty.with_secret(vodka)
    claims = json.dumps(party.claims())
    twice = claims[:-1] + ', "aud": "https://evil.ch"}'
    for header, payload in (('{"alg":"HS256"}', twice), ('{"alg":"none","alg":"HS256"}', claims)):
        content = f"{encoded(header.encode())}.{encoded(payload.encode())}"
        signature = hmac.digest(party.key.raw_value, content.encode(), "sha256")
        refused(party.prove(f"{content}.{encoded(signature)}"))


def test_the_registered_algorithm_is_the_only_one(vodka: VodkaUnderTest) -> None:
    """OIDC Registration §2: token_endpoint_auth_signing_alg, of the kind that the way of proving needs."""
    party = SigningParty.with_key(vodka, "RS256", token_endpoint_auth_signing_alg="PS256")
    assert "alg is not PS256" in refused(party.ask_for_itself())
    party.algorithm = "PS256"
    assert party.ask_for_itself().status_code == 200
    secret = SigningParty.with_secret(vodka, token_endpoint_auth_signing_alg="HS256")
    assert secret.ask_for_itself().status_code == 200
    for way, algorithm in (("client_secret_jwt", "RS256"), ("private_key_jwt", "HS256")):
        said = {"redirect_uris": ["https://site.epfl.ch/cb"], "jwks": key_set(), "token_endpoint_auth_method": way}
        with pytest.raises(InvalidInput, match="client_metadata_bad"):
            read(said | {"token_endpoint_auth_signing_alg": algorithm})


def test_another_kind_of_jwt_is_no_assertion(party: SigningParty) -> None:
    """RFC 8725 §3.11, RFC 9101 §10.8: typ is missing, JWT, or the assertion's own."""
    for typ in ("JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"):
        assert party.prove(party.assertion({"typ": typ})).status_code == 200
    for typ in ("oauth-authz-req+jwt", "dpop+jwt", "at+jwt"):
        assert "typ" in refused(party.prove(party.assertion({"typ": typ})))
    token = f"{segment({'alg': 'ES256', 'typ': 5})}.{segment(party.claims())}.AAAA"
    assert "typ" in refused(party.prove(token))


def test_a_header_parameter_that_nobody_knows_is_ignored(party: SigningParty) -> None:
    """RFC 7515 §4; some libraries send the digest of a certificate."""
    assert party.prove(party.assertion({"x5t": "digest", "example": 1})).status_code == 200


def test_oau_15_only_the_registered_way_counts(vodka: VodkaUnderTest) -> None:
    """RFC 6749 §2.3: an assertion of a client with a secret, a secret of a client with a key, both at once."""
    party, other = SigningParty.with_key(vodka), RelyingParty.of(vodka)
    stranger = {"iss": other.client_id, "sub": other.client_id, "client_id": other.client_id}
    sent = {"client_id": other.client_id, "client_assertion": party.assertion(**stranger)}
    refused(party.ask_for_itself(**sent))
    refused(party.ask_for_itself(client_id="nobody", client_assertion=party.assertion(sub="nobody")))
    without = {"client_assertion": None, "client_assertion_type": None}
    refused(party.ask_for_itself(**without))
    refused(party.ask_for_itself(headers={"Authorization": party.basic("secret")}, **without))
    both = party.ask_for_itself(headers={"Authorization": party.basic("secret")})
    assert (both.status_code, both.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"client_assertion_type": "urn:other"}, "client_assertion_type must be"),
        ({"client_assertion_type": None}, "client_assertion_type must be"),
        ({"client_assertion": None}, "sub must be the client_id"),
        ({"client_id": "another"}, "sub must be the client_id"),
    ],
    ids=["another type", "no type", "no assertion", "another client_id"],
)
def test_the_form_around_an_assertion_is_checked(party: SigningParty, changed: dict[str, Any], why: str) -> None:
    """RFC 7521 §4.2."""
    assert why in refused(party.ask_for_itself(**changed))


def test_discovery_names_the_ways_and_the_algorithms(vodka: VodkaUnderTest) -> None:
    """RFC 8414 §2: no `none`."""
    document = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert {"private_key_jwt", "client_secret_jwt"} <= set(document["token_endpoint_auth_methods_supported"])
    assert document["token_endpoint_auth_signing_alg_values_supported"] == [*SIGNED_BY_CLIENTS, "HS256"]
