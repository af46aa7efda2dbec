"""The example's `verify`, which site owners lift out: a table of every token that must not pass, and a few that must."""

from __future__ import annotations

import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from examples.website.app import Refused, SeenTokens, UnknownKey, verify
from tests.examples.fake_vodka import GONE, KEY, b64, claims_of, ec_key, header_of, sign

VODKA, SITE, NOW = "https://vodka.test", "https://club.epfl.ch", 1_800_000_000
PUBLIC = KEY.as_dict(private=False)
STRANGER = ec_key("ec-1")
HEADER, CLAIMS = header_of(), claims_of(iss=VODKA, aud=SITE, now=NOW)
GOOD = sign(HEADER, CLAIMS)
RSA = RSAKey.generate_key(2048, parameters={"kid": "k", "alg": "RS256"})


def check(token: str, *, keys: dict[str, Key] | None = None, seen: SeenTokens | None = None, now: int = NOW) -> Any:
    """`verify` as the site of these tests calls it."""
    known: dict[str, Key] = {"ec-1": ECKey.import_key(PUBLIC)} if keys is None else keys
    return verify(token, keys=known, issuer=VODKA, audience=SITE, nonce="n", now=now, seen=seen or SeenTokens())


def with_claims(**changed: Any) -> str:
    """A well signed token with other claims."""
    return sign(HEADER, {name: value for name, value in (CLAIMS | changed).items() if value is not GONE})


def with_header(**changed: Any) -> str:
    """A well signed token with another header."""
    return sign(header_of(**changed), CLAIMS)


def forged(algorithm: object, mac: bytes = b"", key: bytes = b"") -> str:
    """A token under a header of the forger's choice, with a made-up or an HMAC signature."""
    body = f"{b64(json.dumps(header_of(alg=algorithm)))}.{b64(json.dumps(CLAIMS))}"
    digest = str(algorithm).replace("HS", "sha")
    return f"{body}.{b64(hmac.new(key, body.encode(), digest).digest() if key else mac)}"


def refuses(token: str, **how: Any) -> None:
    """Refused, and by no other exception: so it ends on the friendly page, never in an error 500."""
    with pytest.raises(Refused):
        check(token, **how)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        pytest.param("ES256", ec_key("k"), id="ES256"),
        pytest.param("RS256", RSA, id="RS256"),
        pytest.param("Ed25519", OKPKey.generate_key("Ed25519", parameters={"alg": "Ed25519"}), id="Ed25519"),
        pytest.param("EdDSA", OKPKey.generate_key("Ed25519", parameters={"alg": "EdDSA"}), id="EdDSA, the older name"),
    ],
)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_tok_01_a_token_of_vodka_gives_its_claims(algorithm: str, key: Key) -> None:
    """Whichever algorithm vodka is set to, an honest token passes and its claims come out unchanged."""
    token = sign(header_of(alg=algorithm, kid="k"), CLAIMS, key, algorithm)
    assert check(token, keys={"k": key}) == CLAIMS


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"aud": "https://other.epfl.ch"}, id="for another site"),
        pytest.param({"aud": [SITE]}, id="audience as a list"),
        pytest.param({"aud": f"{SITE}/"}, id="audience with a slash"),
        pytest.param({"aud": SITE.upper()}, id="audience in capitals"),
        pytest.param({"aud": GONE}, id="no audience"),
        pytest.param({"iss": "https://vodka.evil.ch"}, id="from another issuer"),
        pytest.param({"iss": [VODKA]}, id="issuer as a list"),
        pytest.param({"iss": GONE}, id="no issuer"),
        pytest.param({"nonce": "of another sign-in"}, id="nonce of another sign-in"),
        pytest.param({"nonce": GONE}, id="no nonce"),
        pytest.param({"jti": GONE}, id="no jti"),
        pytest.param({"jti": 7}, id="jti is a number"),
        pytest.param({"sub": GONE}, id="no subject"),
        pytest.param({"sub": ["Zm9v"]}, id="subject is a list"),
        pytest.param({"user": GONE}, id="no user"),
        pytest.param({"user": "camille.exemple@epfl.ch"}, id="user is a text"),
    ],
)
def test_tok_03_a_token_that_is_not_for_this_sign_in_is_refused(changed: dict[str, Any]) -> None:
    """A good signature is not enough: site, issuer, sign-in, subject and user must be the expected ones."""
    refuses(with_claims(**changed))


def test_tok_04_a_token_works_once() -> None:
    """The second use of the same token is refused while it could still be valid."""
    seen = SeenTokens()
    check(GOOD, seen=seen)
    refuses(GOOD, seen=seen, now=NOW + 59)


def test_tok_04_of_many_uses_at_once_one_wins() -> None:
    """Parallel requests with one token give one login."""
    seen = SeenTokens()
    with ThreadPoolExecutor(8) as pool:
        wins = list(pool.map(lambda _: seen.first_time("j", NOW + 60, NOW), range(200)))
    assert wins.count(True) == 1


def test_tok_04_a_refused_token_is_not_used_up() -> None:
    """Whoever presents a stolen token in vain does not spoil it for its owner."""
    seen = SeenTokens()
    refuses(with_claims(nonce="of the thief"), seen=seen)
    assert check(GOOD, seen=seen) == CLAIMS


def test_a_token_that_is_over_is_forgotten() -> None:
    """The memory of used tokens does not grow for ever: at `exp` a token is refused by its time anyway."""
    seen = SeenTokens()
    assert seen.first_time("j", NOW + 60, NOW)
    assert not seen.first_time("j", NOW + 60, NOW + 59)
    assert seen.first_time("j", NOW + 120, NOW + 60)


@pytest.mark.parametrize("other", ["next", ".", "=", "é"])
def test_tok_05_flipping_any_character_is_refused(other: str) -> None:
    """Each character of the token, one after the other: another letter, a dot, padding, something that is not ASCII."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    following = dict(zip(alphabet, alphabet[1:] + "A", strict=True)) | {".": "A"}
    for place, character in enumerate(GOOD):
        flipped = following[character] if other == "next" else other
        if flipped != character:
            refuses(GOOD[:place] + flipped + GOOD[place + 1 :])


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, 0, ["none"], {}, GONE])
@pytest.mark.parametrize("mac", [b"", b"x" * 64], ids=["without a signature", "with one"])
def test_tok_06_no_algorithm_is_no_signature(algorithm: object, mac: bytes) -> None:
    """`alg: none` in every spelling, absent or of another type."""
    refuses(forged(algorithm, mac))
    refuses(with_header(alg=algorithm))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize(
    "secret",
    [KEY.as_pem(private=False), KEY.as_der(private=False), json.dumps(PUBLIC).encode()],
    ids=["PEM", "DER", "JWK"],
)
def test_tok_07_the_public_key_is_no_shared_secret(algorithm: str, secret: bytes) -> None:
    """An HMAC made with the public key, in any of its written forms, does not pass for vodka's signature."""
    refuses(forged(algorithm, key=secret))


@pytest.mark.parametrize(
    ("header", "key"),
    [
        pytest.param({"alg": "RS256"}, KEY, id="the token names another algorithm than its key"),
        pytest.param({"alg": "ES384"}, KEY, id="an algorithm that vodka never uses"),
        pytest.param(
            {}, ECKey.import_key({name: PUBLIC[name] for name in ("kty", "crv", "x", "y")}), id="key without alg"
        ),
        pytest.param({"alg": "ES256"}, RSA, id="a key of another type"),
        pytest.param({}, ECKey.import_key(PUBLIC | {"key_ops": ["sign"]}), id="key not for verifying"),
    ],
)
def test_the_algorithm_is_the_one_of_the_key(header: dict[str, Any], key: Key) -> None:
    """RFC 8725 §3.1: the key says how it is used, never the token."""
    refuses(with_header(**header), keys={"ec-1": key})


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"jwk": STRANGER.as_dict(private=False)}, id="jwk"),
        pytest.param({"jku": "https://evil.ch/keys"}, id="jku"),
        pytest.param({"x5u": "https://evil.ch/chain"}, id="x5u"),
        pytest.param({"x5c": ["MIIB"]}, id="x5c"),
        pytest.param({"x5t": "abc"}, id="x5t"),
    ],
)
@pytest.mark.parametrize("key", [KEY, STRANGER], ids=["signed by vodka", "signed by a stranger"])
def test_tok_08_a_key_inside_the_token_is_refused(header: dict[str, Any], key: Key) -> None:
    """RFC 8725 §3.10: the sender does not choose the key, whoever signed."""
    refuses(sign(header_of(**header), CLAIMS, key))


def test_a_shared_secret_among_the_keys_is_never_used() -> None:
    """Even if the published keys held one, an HMAC under it would not count."""
    secret = OctKey.import_key(b"s" * 32, {"kid": "ec-1", "alg": "HS256"})
    refuses(sign(header_of(alg="HS256"), CLAIMS, secret, "HS256"), keys={"ec-1": secret})


def test_a_stranger_s_signature_is_refused() -> None:
    """The right `kid` in the header is not the right key."""
    refuses(sign(HEADER, CLAIMS, STRANGER))


@pytest.mark.parametrize(
    "kid", ["../../etc/passwd", "' OR 1=1 --", "k" * 300, "k" * 100_000, "", "é", 1, None, ["ec-1"], {}]
)
def test_tok_09_a_kid_that_cannot_be_one_asks_for_nothing(kid: object) -> None:
    """A strange `kid` is refused at once; it is no UnknownKey, which would ask vodka again."""
    with pytest.raises(Refused) as refusal:
        check(with_header(kid=kid))
    assert not isinstance(refusal.value, UnknownKey)


@pytest.mark.parametrize("kid", ["ec-2", "EC-1"])
def test_tok_09_a_kid_that_could_be_one_is_an_unknown_key(kid: str) -> None:
    """The site may then ask vodka for newer keys."""
    with pytest.raises(UnknownKey):
        check(with_header(kid=kid))


@pytest.mark.parametrize("crit", [["x"], [], ["b64"], ["exp"], "alg", 1, None])
@pytest.mark.parametrize("extra", [{}, {"b64": False}, {"b64": True}, {"x": 1}], ids=["alone", "b64 false", "b64", "x"])
def test_tok_10_critical_extensions_are_refused(crit: object, extra: dict[str, Any]) -> None:
    """RFC 7515 §4.1.11: we understand no extension, so we accept none, not even an empty list of them."""
    refuses(with_header(crit=crit, **extra))


@pytest.mark.parametrize(
    "typ", ["JWT", "vodka-session+jwt", "VODKA-DATA+JWT", "application/vodka-data+jwt", 1, None, GONE]
)
def test_another_kind_of_token_is_refused(typ: object) -> None:
    """RFC 8725 §3.11: a session or ID token of vodka is no DATA_JWT."""
    refuses(with_header(typ=typ))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_tok_11_ten_megabytes_cost_nothing(place: int) -> None:
    """A huge header, payload or signature is refused in less than 10 ms, before anything is decoded."""
    parts = GOOD.split(".")
    parts[place] += "A" * 10_000_000
    token, begin = ".".join(parts), time.process_time()
    with pytest.raises(Refused):
        check(token)
    assert time.process_time() - begin < 0.05


@pytest.mark.parametrize("text", ["[" * 5000, '{"a":' * 1100, "1" * 5000], ids=["brackets", "braces", "digits"])
def test_deep_and_long_json_is_refused(text: str) -> None:
    """Nesting and numbers that Python's own reader gives up on, in the header or signed by vodka's own key."""
    refuses(sign(HEADER, text))
    refuses(sign(text[:380], CLAIMS))


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param({"exp": GONE}, id="no exp"),
        pytest.param({"iat": GONE}, id="no iat"),
        pytest.param({"exp": NOW}, id="over at this second"),
        pytest.param({"iat": NOW - 120, "exp": NOW - 60}, id="over since a minute"),
        pytest.param({"exp": str(NOW + 60)}, id="exp as text"),
        pytest.param({"exp": NOW + 60.0}, id="exp as a fraction"),
        pytest.param({"exp": float("nan")}, id="exp is no number"),
        pytest.param({"exp": True}, id="exp is true"),
        pytest.param({"exp": -1}, id="exp before 1970"),
        pytest.param({"exp": 10**30}, id="exp after the end of the world"),
        pytest.param({"exp": 10**30, "iat": 10**30}, id="both after the end of the world"),
        pytest.param({"exp": NOW + 121}, id="a life of more than two minutes"),
        pytest.param({"iat": NOW + 61, "exp": NOW + 121}, id="iat in the future"),
        pytest.param({"iat": 1.5}, id="iat as a fraction"),
        pytest.param({"nbf": NOW + 61}, id="nbf in the future"),
        pytest.param({"nbf": str(NOW)}, id="nbf as text"),
        pytest.param({"nbf": None}, id="nbf is null"),
    ],
)
def test_tok_12_wrong_times_are_refused(moments: dict[str, Any]) -> None:
    """T14: a library that decodes does not look at the clock; `verify` does."""
    refuses(with_claims(**moments))


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param({"iat": NOW - 59, "exp": NOW + 1}, id="its last second"),
        pytest.param({"exp": NOW + 120}, id="a life of two minutes"),
        pytest.param({"iat": NOW + 60, "exp": NOW + 120}, id="vodka's clock one minute ahead"),
        pytest.param({"nbf": NOW + 60}, id="nbf one minute ahead"),
    ],
)
def test_tok_12_times_at_the_limit_pass(moments: dict[str, Any]) -> None:
    """The second before a refusal is still good, and clocks may differ by a minute."""
    assert check(with_claims(**moments))["sub"] == "Zm9v"


def json_serialised() -> str:
    """The same signature in the JSON form of RFC 7515 §7.2.2."""
    protected, payload, signature = GOOD.split(".")
    return json.dumps({"protected": protected, "payload": payload, "signature": signature})


def encrypted() -> str:
    """A JWE for the site, by anybody who has its key."""
    key = ECKey.generate_key("P-256")
    return jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A128GCM"}, json.dumps(CLAIMS).encode(), key)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("..", id="three empty parts"),
        pytest.param("None", id="a word"),
        pytest.param("é.é.é", id="three parts that are not ASCII"),
        pytest.param("\ud800.\ud800.\ud800", id="half a character"),
        pytest.param(json_serialised(), id="JSON form"),
        pytest.param(encrypted(), id="encrypted"),
        pytest.param(GOOD.rpartition(".")[0], id="two parts"),
        pytest.param(f"{GOOD}.e30", id="four parts"),
        pytest.param(f"{GOOD}.e30.e30.e30", id="six parts"),
        pytest.param(f"{GOOD}==", id="padding"),
        pytest.param(f"{GOOD}\n", id="newline at the end"),
        pytest.param(f"  {GOOD}", id="two spaces before"),
        pytest.param(GOOD.replace(".", ".\n", 1), id="newline inside"),
        pytest.param(GOOD.replace("-", "+").replace("_", "/") + "+", id="the other base64 alphabet"),
        pytest.param(f"Bearer {GOOD}", id="with its scheme"),
        pytest.param(sign("null", CLAIMS), id="header is null"),
        pytest.param(sign(["alg", "kid", "typ"], CLAIMS), id="header is a list"),
        pytest.param(sign("{", CLAIMS), id="header is no JSON"),
        pytest.param(sign(HEADER, [CLAIMS]), id="payload is a list"),
        pytest.param(sign(HEADER, "{"), id="payload is no JSON"),
    ],
)
def test_tok_14_another_shape_is_refused(token: str) -> None:
    """Only the compact form with three parts, as vodka writes it."""
    refuses(token)
