"""The DATA_JWT as it leaves vodka, and the one function that checks tokens (SPEC authorization 3a, RFC 8725)."""

from __future__ import annotations

import base64
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from freezegun.api import FrozenDateTimeFactory
from joserfc.jws import serialize_compact

from tests.conftest import BEGINNING, Start
from tests.forging import encoded, hmac_signed, opened, segment
from tests.vodka_under_test import CAMILLE, ORIGIN, ROBIN, SITE, Browser, VodkaUnderTest
from vodka import clock
from vodka.accounts.fields import Wanted
from vodka.db import commit
from vodka.keys.ring import AnyKey, Held, generate_key
from vodka.keys.tokens import Kind, TokenRefused, mint, verify

DATA = Kind("vodka-data+jwt", ("ES256",), leeway=60)
AUDIENCE = "https://site.epfl.ch"
NOW = int(BEGINNING.timestamp())
KEY = generate_key("ES256")
HELD = Held("a-kid", "ES256", BEGINNING, lambda: KEY)
CLAIMS: dict[str, Any] = {"iss": ORIGIN, "aud": AUDIENCE, "sub": "s", "iat": NOW, "exp": NOW + 60, "jti": "j"}
HEADER = {"alg": "ES256", "kid": "a-kid", "typ": DATA.typ}


def token_at(browser: Browser, domain: str = SITE, **query: str) -> str:
    """The token that a website receives after Accept."""
    location = browser.authorize(f"https://{domain}/cb", **query).headers["Location"]
    return location.partition("token=")[2].partition("&")[0]


def check(token: str, audience: str = AUDIENCE) -> dict[str, Any]:
    """What the verifier says; it is asked for a key by kid once, and looks nowhere else."""
    keys: dict[str, AnyKey] = {HELD.kid: HELD.key}
    return verify(token, DATA, keys.get, issuer=ORIGIN, audience=audience)


def signed(header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token under the right key with any header and claims; a claim of `...` is left out."""
    whole = {name: value for name, value in (CLAIMS | claims).items() if value is not ...}
    return serialize_compact(HEADER | (header or {}), json.dumps(whole), HELD.key, algorithms=["ES256"])


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_tok_01_the_header_names_algorithm_type_and_key(start: Start, algorithm: str) -> None:
    """An asymmetric algorithm, a typ of its own, and a kid that the JWKS holds."""
    vodka = start(data_jwt_algorithm=algorithm)
    vodka.site()
    browser = vodka.signed_in()
    header = opened(token_at(browser))[0]
    published = browser.get("/.well-known/jwks.json").get_json(force=True)["keys"]
    assert header == {"alg": algorithm, "typ": "vodka-data+jwt", "kid": header["kid"]}
    assert [key["alg"] for key in published if key["kid"] == header["kid"]] == [algorithm]


def test_tok_02_the_claims_are_exactly_these(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """Issuer, audience, subject, times and id; `user` holds what was accepted; it lives for at most 60 seconds."""
    vodka.site()
    browser = vodka.signed_in()
    freezer.tick(100)
    claims = opened(token_at(browser, state="s1", nonce="n1"))[1]
    assert {name: claims[name] for name in ("iss", "aud", "iat", "exp", "auth_time", "state", "nonce")} == {
        "iss": ORIGIN,
        "aud": AUDIENCE,
        "iat": NOW + 100,
        "exp": NOW + 160,
        "auth_time": NOW,
        "state": "s1",
        "nonce": "n1",
    }
    assert claims["user"]["email"] == CAMILLE
    assert set(claims) - {"iss", "aud", "iat", "exp", "auth_time", "state", "nonce"} == {"sub", "jti", "user", "grade"}


def test_tok_02_every_token_has_an_id_of_its_own(vodka: VodkaUnderTest) -> None:
    """Two tokens for the same person and site differ in jti."""
    vodka.site()
    browser = vodka.signed_in()
    first, second = (opened(token_at(browser))[1]["jti"] for _ in range(2))
    assert first != second


def test_the_verifier_takes_what_is_right(freezer: FrozenDateTimeFactory) -> None:
    """All the refusals below are refusals of one thing that was changed."""
    assert check(signed()) == CLAIMS
    assert check(mint(HELD, DATA.typ, CLAIMS)) == CLAIMS


def test_tok_05_every_changed_character_is_refused(freezer: FrozenDateTimeFactory) -> None:
    """Each character of header, claims and signature, changed in turn: refused, and never another error."""
    token = signed()
    for place, character in enumerate(token):
        for other in ("A" if character != "A" else "B", "-", "_", "="):
            if other != character:
                with pytest.raises(TokenRefused):
                    check(token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, [], 0, "ES384", "RS256", "es256"])
@pytest.mark.parametrize("with_signature", [True, False], ids=["with a signature", "without one"])
def test_tok_06_the_token_does_not_choose_the_algorithm(
    freezer: FrozenDateTimeFactory, algorithm: object, with_signature: bool
) -> None:
    """`none` in any spelling, another algorithm or no text at all: refused (RFC 8725 §3.1)."""
    head = HEADER | {"alg": algorithm}
    signature = signed().rpartition(".")[2] if with_signature else ""
    with pytest.raises(TokenRefused):
        check(f"{segment(head)}.{segment(CLAIMS)}.{signature}")


def test_tok_06_a_header_without_algorithm_is_refused(freezer: FrozenDateTimeFactory) -> None:
    """A missing alg, kid or typ, or one too many, is no header of ours."""
    for missing in HEADER:
        head = {name: value for name, value in HEADER.items() if name != missing}
        with pytest.raises(TokenRefused):
            check(f"{segment(head)}.{segment(CLAIMS)}.{signed().rpartition('.')[2]}")


def public_forms() -> list[bytes]:
    """The public key in every form that somebody may have it in."""
    raw = HELD.key.public_key
    spki = PublicFormat.SubjectPublicKeyInfo
    return [
        raw.public_bytes(Encoding.PEM, spki),
        raw.public_bytes(Encoding.PEM, spki).strip(),
        raw.public_bytes(Encoding.DER, spki),
        json.dumps(HELD.key.as_dict(private=False)).encode(),
        b"",
    ]


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_tok_07_the_public_key_is_no_secret(freezer: FrozenDateTimeFactory, algorithm: str) -> None:
    """A MAC under the published key, as PEM, DER or JWK: refused (RFC 8725 §2.1)."""
    for key in public_forms():
        with pytest.raises(TokenRefused):
            check(hmac_signed(HEADER | {"alg": algorithm}, CLAIMS, key))


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": HELD.key.as_dict(private=False)},
        {"jku": "https://evil.ch/jwks.json"},
        {"x5u": "https://evil.ch/cert.pem"},
        {"x5c": ["MIIB"]},
        {"x5t": "AAAA"},
        {"crit": ["b64"], "b64": False},
        {"crit": ["x"]},
        {"crit": []},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"typ": "JWT"},
        {"typ": "vodka-session+jwt"},
        {"typ": ["vodka-data+jwt"]},
    ],
    ids=lambda extra: "+".join(extra),
)
def test_tok_08_tok_10_no_header_parameter_is_followed(freezer: FrozenDateTimeFactory, extra: dict[str, Any]) -> None:
    """A key, an address or an extension in the header: refused before anything is looked at (RFC 8725 §3.10)."""
    forged = f"{segment(HEADER | extra)}.{segment(CLAIMS)}.{signed().rpartition('.')[2]}"
    with pytest.raises(TokenRefused, match=r"header parameters|algorithm or typ"):
        check(forged)


KIDS = [
    "other",
    "",
    "../../etc/passwd",
    "' OR 1=1 --",
    "\x00",
    "é",
    "k" * 65,
    "k" * 100_000,
    7,
    None,
    ["a-kid"],
    {},
    True,
]


@pytest.mark.parametrize("kid", KIDS, ids=[f"{str(kid)[:16]!r} {type(kid).__name__}" for kid in KIDS])
def test_tok_09_an_odd_kid_finds_nothing(freezer: FrozenDateTimeFactory, kid: object) -> None:
    """Unknown, hostile, huge or no text: refused."""
    with pytest.raises(TokenRefused):
        check(f"{segment(HEADER | {'kid': kid})}.{segment(CLAIMS)}.{signed().rpartition('.')[2]}")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_tok_11_size_is_looked_at_first(freezer: FrozenDateTimeFactory, part: int) -> None:
    """Ten megabytes in any part: refused in less than 10 ms."""
    parts = signed().split(".")
    parts[part] += "A" * 10_000_000
    token = ".".join(parts)
    started = time.process_time()
    with pytest.raises(TokenRefused):
        check(token)
    assert time.process_time() - started < 0.05


BAD_TIMES: list[tuple[str, dict[str, Any]]] = [
    ("no exp", {"exp": ...}),
    ("exp now", {"exp": NOW}),
    ("exp past", {"exp": NOW - 1}),
    ("exp a text", {"exp": str(NOW + 60)}),
    ("exp a float", {"exp": NOW + 0.5}),
    ("exp negative", {"exp": -NOW}),
    ("exp true", {"exp": True}),
    ("exp null", {"exp": None}),
    ("exp beyond all time", {"exp": 10**30}),
    ("no iat", {"iat": ...}),
    ("iat a text", {"iat": str(NOW)}),
    ("iat negative", {"iat": -1}),
    ("iat in 61 seconds", {"iat": NOW + 61, "exp": NOW + 120}),
    ("nbf in 61 seconds", {"nbf": NOW + 61, "exp": NOW + 120}),
    ("nbf a text", {"nbf": "now"}),
    ("another issuer", {"iss": "https://evil.ch"}),
    ("no issuer", {"iss": ...}),
    ("another audience", {"aud": "https://evil.ch"}),
    ("audiences", {"aud": [AUDIENCE, "https://evil.ch"]}),
    ("no audience", {"aud": ...}),
]


@pytest.mark.parametrize("changed", [case[1] for case in BAD_TIMES], ids=[case[0] for case in BAD_TIMES])
def test_tok_12_every_claim_is_checked(freezer: FrozenDateTimeFactory, changed: dict[str, Any]) -> None:
    """Our own signature does not make a token that is over, early, elsewhere or malformed a good one (traps T14)."""
    with pytest.raises(TokenRefused):
        check(signed(**changed))


def test_tok_12_clocks_may_differ_by_a_minute_but_not_at_the_end(freezer: FrozenDateTimeFactory) -> None:
    """iat and nbf have 60 seconds of leeway, exp has none: good in the last second, over at the next."""
    assert check(signed(iat=NOW + 60, nbf=NOW + 60, exp=NOW + 120))
    token = signed()
    freezer.tick(timedelta(seconds=59))
    assert check(token)
    freezer.tick(timedelta(seconds=1))
    with pytest.raises(TokenRefused):
        check(token)


def in_other_shape(token: str) -> list[str]:
    """The same token as something that is no compact JWS."""
    head, claims, signature = token.split(".")
    general = {"payload": claims, "signatures": [{"protected": head, "signature": signature}]}
    flat = {"payload": claims, "protected": head, "signature": signature}
    padded = [".".join((head + "=" * (-len(head) % 4 or 4), claims, signature)), f"{token}=", f"{token}=="]
    spaced = [
        f"{token}\n",
        f" {token}",
        f"{token}  ",
        f"{head}. {claims}.{signature}",
        f"{head}.\n{claims}.{signature}",
    ]
    counted = [
        f"{head}.{claims}",
        head,
        f"{token}.",
        f"{token}.x",
        f"{token}.x.y",
        f"{token}.x.y.z",
        "",
        ".",
        "..",
        "...",
    ]
    odd = [token.replace("e", "é", 1), base64.b64encode(b"\xff").decode() + f".{claims}.{signature}"]
    deep = encoded(b"[" * 2900)
    heads = [segment([HEADER]), segment("ES256"), encoded(b"{"), deep, encoded(b'{"alg":"ES256"')]
    return [json.dumps(general), json.dumps(flat), *padded, *spaced, *counted, *odd] + [
        f"{other}.{claims}.{signature}" for other in heads
    ]


def test_tok_14_only_the_compact_form_is_read(freezer: FrozenDateTimeFactory) -> None:
    """JSON forms, other numbers of parts, padding, white space, headers that are no object: refused."""
    for shape in in_other_shape(signed()):
        with pytest.raises(TokenRefused):
            check(shape)


def test_tok_14_claims_that_are_no_object_are_refused(freezer: FrozenDateTimeFactory) -> None:
    """A good signature over something that is not JSON, or not an object."""
    for payload in ("[]", "null", '"x"', "{", "\xff", "[" * 2000):
        token = serialize_compact(HEADER, payload.encode("latin-1"), HELD.key, algorithms=["ES256"])
        with pytest.raises(TokenRefused):
            check(token)


def subjects(vodka: VodkaUnderTest, browsers: list[Browser], domains: list[str]) -> list[list[str]]:
    """The `sub` of each browser's person at each site."""
    return [[opened(token_at(browser, domain))[1]["sub"] for domain in domains] for browser in browsers]


def test_tok_16_the_subject_is_stable_at_a_site_and_different_elsewhere(
    vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory
) -> None:
    """One person, two sessions, two spellings of the address: one sub for each site, never the mail (OIDC Core §8.1)."""
    domains = [SITE, "other.epfl.ch"]
    for domain in domains:
        vodka.site(domain, wanted=(Wanted("email", True, ""),))
    first = vodka.signed_in()
    freezer.tick(31)
    second = vodka.browser()
    second.ask(CAMILLE.upper())
    second.answer(second.code())
    found = subjects(vodka, [first, second, vodka.signed_in(ROBIN)], domains)
    assert found[0] == found[1]
    assert len({sub for row in found for sub in row}) == 4
    assert all("@" not in sub and "camille" not in sub and "399001" not in sub for row in found for sub in row)


def test_tok_24_a_withdrawn_key_is_dead_at_once(vodka: VodkaUnderTest) -> None:
    """After an emergency our verifier refuses its tokens, the JWKS no longer shows it, and a new key signs."""
    vodka.site()
    browser = vodka.signed_in()
    token = token_at(browser)
    kid = opened(token)[0]["kid"]
    ring = vodka.means.keyring

    def verdict() -> dict[str, Any]:
        with vodka.app.app_context():
            return verify(token, DATA, ring.find, issuer=ORIGIN, audience=AUDIENCE)

    assert verdict()["iat"] <= clock.epoch()
    with vodka.app.app_context():
        assert ring.withdraw(kid)
        ring.ensure()
        commit()
    with pytest.raises(TokenRefused):
        verdict()
    published = [key["kid"] for key in browser.get("/.well-known/jwks.json").get_json(force=True)["keys"]]
    assert kid not in published
    assert opened(token_at(browser))[0]["kid"] in published
