"""Tokens that only the holder of a key can use (RFC 9449, attacks OAU-34)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from werkzeug.datastructures import Headers

from tests.forging import encoded, hmac_signed, segment
from tests.oauth.proving import Prover
from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import ORIGIN, VodkaUnderTest
from vodka.oauth.tokens import dpop

RSA = RSAKey.generate_key(2048)
ED = OKPKey.generate_key("Ed25519")
URL = f"{ORIGIN}/oauth/token"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client, which has a secret."""
    return RelyingParty.of(vodka)


def asked(club: RelyingParty, proof: str) -> dict[str, Any]:
    """What the token endpoint answers to a client that shows this proof."""
    answer = club.token(grant_type="client_credentials", headers={"DPoP": proof})
    assert answer.status_code in (200, 400)
    assert all(" " <= c <= "~" and c not in '"\\' for c in answer.get_json().get("error_description", ""))
    return answer.get_json()


KEYS = {
    "ES256": Prover(),
    "RS256": Prover(RSA, "RS256"),
    "PS256": Prover(RSA, "PS256"),
    "EdDSA": Prover(ED, "EdDSA"),
    "Ed25519": Prover(ED, "Ed25519"),
}


@pytest.mark.parametrize("prover", KEYS.values(), ids=KEYS)
def test_oau_34_a_token_is_bound_to_the_key_of_the_proof(club: RelyingParty, prover: Prover) -> None:
    """§5, §6.1: token_type DPoP, and in the token the thumbprint of the key."""
    answer = asked(club, prover.proof())
    assert answer["token_type"] == "DPoP"
    assert claims_in(answer["access_token"])["cnf"] == {"jkt": prover.thumbprint}


def test_the_metadata_names_the_algorithms(vodka: VodkaUnderTest) -> None:
    """§5.1: dpop_signing_alg_values_supported."""
    metadata = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert set(metadata["dpop_signing_alg_values_supported"]) == set(KEYS)


def test_without_a_proof_a_token_is_a_bearers(club: RelyingParty) -> None:
    """§5: a client that sends no proof gets what it always got."""
    answer = club.token(grant_type="client_credentials").get_json()
    assert answer["token_type"] == "Bearer"
    assert "cnf" not in claims_in(answer["access_token"])


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another method": {"htm": "GET"},
    "the method in small letters": {"htm": "post"},
    "no method": {"htm": None},
    "another endpoint": {"htu": f"{ORIGIN}/oauth/userinfo"},
    "another host": {"htu": "https://evil.ch/oauth/token"},
    "our host as a user": {"htu": "https://vodka.epfl.ch@evil.ch/oauth/token"},
    "plain http": {"htu": URL.replace("https", "http")},
    "another port": {"htu": URL.replace(".ch/", ".ch:8443/")},
    "no scheme": {"htu": "//vodka.epfl.ch/oauth/token"},
    "no address": {"htu": None},
    "a list of addresses": {"htu": [URL]},
    "letters outside ASCII": {"htu": URL + "?\u00e9"},
    "no time": {"iat": None},
    "a time as a text": {"iat": "1793610000"},
    "a time with a fraction": {"iat": 1793610000.5},
    "a time that is true": {"iat": True},
    "no number": {"jti": None},
    "an empty number": {"jti": ""},
    "a number that is one": {"jti": 7},
    "a number without end": {"jti": "x" * 257},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_oau_34_a_proof_of_something_else_is_refused(club: RelyingParty, wrong: dict[str, Any]) -> None:
    """§4.3, §5: invalid_dpop_proof, 400."""
    prover = Prover()
    assert asked(club, prover.signed(prover.header(), prover.claims() | wrong))["error"] == "invalid_dpop_proof"


GOOD_ADDRESSES = {
    "with a query": f"{URL}?x=y",
    "with a fragment": f"{URL}#x",
    "in capitals": URL.replace("https://vodka.epfl.ch", "HTTPS://VODKA.epfl.CH"),
    "with the usual port": URL.replace(".ch/", ".ch:443/"),
    "with an escaped letter": URL.replace("/token", "/%74oken"),
    "with dots": URL.replace("/token", "/./x/../token"),
}


@pytest.mark.parametrize("address", GOOD_ADDRESSES.values(), ids=GOOD_ADDRESSES)
def test_the_same_address_is_the_same_however_it_is_written(club: RelyingParty, address: str) -> None:
    """§4.3: query and fragment do not count, and syntax and scheme are normalised before the comparison."""
    assert asked(club, Prover().proof(htu=address))["token_type"] == "DPoP"


ADDRESSES = {
    "https://a.ch": "https://a.ch/",
    "HTTP://A.ch:80/x%2fy%7E%41?q#f": "http://a.ch/x%2fy~A",
    "http://a.ch:443/": "http://a.ch:443/",
    "ftp://a.ch/": None,
    "https://a b/": None,
    "https://a.ch\\b": None,
}


@pytest.mark.parametrize(("written", "usual"), ADDRESSES.items(), ids=ADDRESSES)
def test_normalising_keeps_what_means_something(written: str, usual: str | None) -> None:
    """RFC 3986 §6.2.2, §6.2.3: an escaped slash is no slash, another scheme's port is no usual one."""
    assert dpop.normalised(written) == usual


@pytest.mark.parametrize("offset", [-600, -60, 61, 600])
def test_oau_34_a_proof_of_another_time_is_refused(
    freezer: FrozenDateTimeFactory, club: RelyingParty, offset: int
) -> None:
    """§11.1: a minute after it was made it is over, to the second; a clock may be a minute ahead."""
    now = int(freezer().timestamp())
    assert asked(club, Prover().proof(iat=now + offset))["error"] == "invalid_dpop_proof"
    inside = offset + (1 if offset < 0 else -1)
    if abs(offset) < 600:
        assert asked(club, Prover().proof(iat=now + inside))["token_type"] == "DPoP"


def test_oau_34_a_proof_is_good_once(club: RelyingParty) -> None:
    """§11.1: the same jti a second time is refused, also in another proof of the same key; another key may have it."""
    prover = Prover()
    proof = prover.proof(jti="a number")
    assert asked(club, proof)["token_type"] == "DPoP"
    assert asked(club, proof)["error"] == "invalid_dpop_proof"
    assert asked(club, prover.proof(jti="a number"))["error"] == "invalid_dpop_proof"
    assert asked(club, Prover().proof(jti="a number"))["token_type"] == "DPoP"


def test_oau_34_two_headers_are_refused(club: RelyingParty) -> None:
    """§4.3: there is not more than one DPoP header."""
    headers = Headers([("Authorization", club.basic()), ("DPoP", Prover().proof()), ("DPoP", Prover().proof())])
    sent = {"grant_type": "client_credentials"}
    answer = club.vodka.app.test_client().post("/oauth/token", data=sent, headers=headers, base_url=ORIGIN)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_dpop_proof")


def forged(name: str) -> str:
    """A proof whose header or signature is wrong in this way."""
    prover = Prover()
    header, claims = prover.header(), prover.claims()
    public, private = header["jwk"], prover.key.as_dict(private=True)
    secret = OctKey.generate_key(256).as_dict()
    rsa, good = RSA.as_dict(private=False), prover.proof()
    headers: dict[str, dict[str, Any]] = {
        "another typ": header | {"typ": "JWT"},
        "no typ": {"alg": "ES256", "jwk": public},
        "an extension that is critical": header | {"crit": ["b64"], "b64": True},
        "an address of the key": header | {"jku": "https://evil.ch/keys"},
        "no key": {"typ": "dpop+jwt", "alg": "ES256"},
        "a key that is a text": header | {"jwk": "x"},
        "a key of no kind": header | {"jwk": public | {"kty": ["EC"]}},
        "a symmetric key": header | {"jwk": secret},
        "a private key": header | {"jwk": private},
        "a key on another curve": header | {"jwk": ECKey.generate_key("P-384").as_dict(private=False)},
        "a key beside its curve": header | {"jwk": public | {"x": public["y"]}},
        "a key with a number": header | {"jwk": public | {"x": 5}},
        "an algorithm of another key": header | {"alg": "RS256"},
        "an algorithm that is a list": header | {"alg": ["ES256"]},
        "a short RSA key": header | {"alg": "RS256", "jwk": rsa | {"n": rsa["n"][:300]}},
        "a long exponent": header | {"alg": "RS256", "jwk": rsa | {"e": rsa["n"]}},
        "the key of another": header | {"jwk": Prover().key.as_dict(private=False)},
        "alg none": header | {"alg": "none"},
    }
    match name:
        case "no signature":
            return f"{segment(header)}.{segment(claims)}."
        case "HS256 under the public key":
            return hmac_signed(header | {"alg": "HS256"}, claims, json.dumps(public).encode())
        case "no claims":
            return f"{segment(header)}.{encoded(b'[]')}.{good.split('.')[2]}"
        case "a header that is a list":
            return f"{segment([])}.{segment(claims)}.{good.split('.')[2]}"
        case "nothing":
            return "x"
        case "five parts":
            return f"{good}.x.y"
        case "ten megabytes of header":
            return f"{encoded(b' ' * 5000)}.x.y"
    content = segment(claims)
    return (
        f"{segment(headers[name])}.{content}.{good.split('.')[2]}"
        if name not in SIGNED
        else prover.signed(headers[name], claims)
    )


# With a signature that is right: it is the header alone that is refused.
SIGNED = ("another typ", "no typ", "a private key")
FORGED = [
    *("another typ", "no typ", "an extension that is critical", "an address of the key", "no key"),
    *("a key that is a text", "a key of no kind", "a symmetric key", "a private key", "a key on another curve"),
    *("a key beside its curve", "a key with a number", "an algorithm of another key", "an algorithm that is a list"),
    *("a short RSA key", "a long exponent", "the key of another", "alg none", "no signature"),
    *(
        "HS256 under the public key",
        "no claims",
        "a header that is a list",
        "nothing",
        "five parts",
        "ten megabytes of header",
    ),
]


@pytest.mark.parametrize("name", FORGED)
def test_oau_34_a_proof_that_proves_nothing_is_refused(club: RelyingParty, name: str) -> None:
    """§4.2, §4.3: typ, an asymmetric algorithm, a public key in the header and its signature; no private key, no crit."""
    assert asked(club, forged(name))["error"] == "invalid_dpop_proof"


def test_a_kid_beside_the_key_does_no_harm(club: RelyingParty) -> None:
    """RFC 7515 §4.1.4: a hint that is not needed is ignored."""
    prover = Prover()
    assert asked(club, prover.signed(prover.header() | {"kid": "1"}, prover.claims()))["token_type"] == "DPoP"


def test_what_was_seen_is_forgotten_when_it_is_refused_anyway(
    freezer: FrozenDateTimeFactory, club: RelyingParty
) -> None:
    """§11.1: a jti is kept for as long as its proof could come again."""
    asked(club, Prover().proof())
    (seen,) = club.vodka.rows("SELECT expires_at FROM seen_once")
    assert seen["expires_at"].startswith("2026-11-02 09:02:00")
