"""The keys that a client's signatures are checked with: inline, or fetched from its jwks_uri (RFC 7517, OIDC Core §10.1.1)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BufferedIOBase
from threading import Event
from typing import Any

import pytest
from authlib.oauth2.rfc7523 import client_secret_jwt_sign, private_key_jwt_sign
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.oauth.proving import Prover
from tests.oauth.relying_party import RelyingParty
from tests.oauth.signing import JWKS_PATH, JWKS_URI, SigningParty, key_for, key_set, public, publish, publishing, visits
from tests.servers.https import HttpsSite
from tests.vodka_under_test import SITE, VodkaUnderTest

QUICK = {"client_fetch_timeout": 0.5}


@pytest.fixture
def reading(start: Start) -> Iterator[tuple[VodkaUnderTest, HttpsSite]]:
    """A vodka that reads the club's https server."""
    with publishing(start) as both:
        yield both


@pytest.fixture
def hurried(start: Start) -> Iterator[tuple[VodkaUnderTest, HttpsSite]]:
    """The same, with half a second for a look, which a look that fails takes whole."""
    with publishing(start, limits=QUICK) as both:
        yield both


def refused(answer: TestResponse) -> str:
    """What an answer says that does not believe who asks."""
    assert answer.status_code == 401, answer.text
    return str(answer.get_json()["error_description"])


def hanging(let_go: Event, came: Event) -> Callable[[BufferedIOBase], None]:
    """A page that answers with the right keys, but only once it is let go."""

    def answer(wire: BufferedIOBase) -> None:
        came.set()
        assert let_go.wait(20)
        body = json.dumps(key_set(public(key_for("ES256"), kid="one"))).encode()
        wire.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    return answer


def test_oidcc_registration_jwks_uri(reading: tuple[VodkaUnderTest, HttpsSite]) -> None:
    """The keys behind jwks_uri are read once, and prove the client from then on."""
    vodka, site = reading
    party = SigningParty.with_key(vodka, "RS256", jwks_uri=JWKS_URI)
    publish(site, public(party.key, kid="one", use="sig", alg="RS256"))
    party.kid = "one"
    tokens = party.tokens(vodka.signed_in(), scope="openid")
    assert tokens["id_token"]
    assert party.ask_for_itself().status_code == 200
    assert visits(site) == 1


def test_oidcc_refresh_token_rp_key_rotation(
    freezer: FrozenDateTimeFactory, reading: tuple[VodkaUnderTest, HttpsSite]
) -> None:
    """OIDC Core §10.1.1: the client's key is another one now: an unknown kid has the keys read again."""
    vodka, site = reading
    party = SigningParty.with_key(vodka, "RS256", jwks_uri=JWKS_URI)
    publish(site, public(party.key, kid="one"))
    party.kid = "one"
    tokens = party.tokens(vodka.signed_in(), scope="openid offline_access")
    party.key, party.kid = key_for("RS256", 1), "two"
    publish(site, public(party.key, kid="two"))
    freezer.tick(60)
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_tok_09_unknown_kids_bring_one_look_in_half_a_minute(
    freezer: FrozenDateTimeFactory, reading: tuple[VodkaUnderTest, HttpsSite]
) -> None:
    """Whoever knows a client_id could otherwise have vodka call a website all day."""
    vodka, site = reading
    party = SigningParty.with_key(vodka, jwks_uri=JWKS_URI)
    publish(site, public(party.key, kid="one"))
    for _ in range(3):
        assert "signature" in refused(party.prove(party.assertion({"kid": "unknown"})))
    assert visits(site) == 1
    freezer.tick(29)
    refused(party.prove(party.assertion({"kid": "unknown"})))
    assert visits(site) == 1
    freezer.tick(1)
    refused(party.prove(party.assertion({"kid": "unknown"})))
    assert visits(site) == 2
    # A key that is known is not looked for, whatever it signed.
    freezer.tick(30)
    party.key = key_for("ES256", 1)
    refused(party.prove(party.assertion({"kid": "one"})))
    assert visits(site) == 2


def test_without_a_kid_the_keys_are_read_again_when_none_fits(
    freezer: FrozenDateTimeFactory, reading: tuple[VodkaUnderTest, HttpsSite]
) -> None:
    """A client whose keys have no id may replace them too."""
    vodka, site = reading
    party = SigningParty.with_key(vodka, jwks_uri=JWKS_URI)
    publish(site, public(party.key))
    assert party.ask_for_itself().status_code == 200
    party.key = key_for("ES256", 1)
    publish(site, public(party.key))
    freezer.tick(30)
    assert party.ask_for_itself().status_code == 200
    assert visits(site) == 2


def test_what_was_read_is_believed_for_ten_minutes(
    freezer: FrozenDateTimeFactory, reading: tuple[VodkaUnderTest, HttpsSite]
) -> None:
    """A key that was taken away is dead after that, to the second."""
    vodka, site = reading
    party = SigningParty.with_key(vodka, jwks_uri=JWKS_URI)
    publish(site, public(party.key, kid="one"))
    party.kid = "one"
    assert party.ask_for_itself().status_code == 200
    publish(site)
    freezer.tick(599)
    assert party.ask_for_itself().status_code == 200
    freezer.tick(1)
    refused(party.ask_for_itself())
    assert visits(site) == 2


def test_only_so_many_key_sets_are_kept(start: Start) -> None:
    """The one that was not used for longest is read again."""
    with publishing(start, limits={"client_keys_kept": 1}) as (vodka, site):
        one = SigningParty.with_key(vodka, jwks_uri=JWKS_URI)
        other = SigningParty.with_key(vodka, jwks_uri=f"{JWKS_URI}?other")
        publish(site, public(one.key))
        site.pages[f"{JWKS_PATH}?other"] = site.pages[JWKS_PATH]
        for party in (one, one, other, one):
            assert party.ask_for_itself().status_code == 200
        assert visits(site) == 3


UNREADABLE: list[Any] = [
    pytest.param((404, {}, b""), id="not there"),
    pytest.param((302, {"Location": "https://site.epfl.ch/other"}, b""), id="moved"),
    pytest.param((200, {}, b"{"), id="no JSON"),
    pytest.param((200, {}, b"[" * 30_000), id="JSON without end"),
    pytest.param((200, {}, b'{"keys":[' + b" " * 32_768 + b"]}"), id="more than 32 KiB"),
    pytest.param((200, {}, b"\xff\xfe\xff"), id="no text"),
]


@pytest.mark.parametrize("page", UNREADABLE)
def test_keys_that_cannot_be_read_prove_nothing(
    freezer: FrozenDateTimeFactory, hurried: tuple[VodkaUnderTest, HttpsSite], page: Any
) -> None:
    """The client learns that, and not why (attacks DOM-20); for half a minute nobody looks again."""
    vodka, site = hurried
    party = SigningParty.with_key(vodka, jwks_uri=JWKS_URI)
    site.pages[JWKS_PATH] = page
    assert "jwks_uri cannot be read" in refused(party.ask_for_itself())
    assert "a moment ago" in refused(party.ask_for_itself())
    assert visits(site) == 1
    publish(site, public(party.key))
    freezer.tick(30)
    assert party.ask_for_itself().status_code == 200


def test_oau_26_no_address_inside_is_visited_for_keys(hurried: tuple[VodkaUnderTest, HttpsSite]) -> None:
    """The guarded GET: a jwks_uri on a private address, or on another port."""
    vodka, site = hurried
    for uri in ("https://internal.epfl.ch/jwks", f"https://{SITE}:8443{JWKS_PATH}"):
        party = SigningParty.with_key(vodka, jwks_uri=uri)
        assert "jwks_uri cannot be read" in refused(party.ask_for_itself())
    assert visits(site) == 0


GOOD = public(key_for("ES256"))
ODD: list[Any] = [
    pytest.param([], id="no key"),
    pytest.param([{**GOOD, "use": "enc"}], id="a key for encryption"),
    pytest.param([{**GOOD, "alg": "ES384"}], id="a key for another algorithm"),
    pytest.param([{**GOOD, "kid": "other"}], id="a key of another id"),
    pytest.param([{**GOOD, "x": "AAAA"}], id="a point that is on no curve"),
    pytest.param([{**GOOD, "crv": "P-384"}], id="another curve"),
    pytest.param([{**GOOD, "x": 5}], id="a number for a text"),
    pytest.param([public(key_for("ES256", 1))] * 10 + [GOOD], id="the eleventh that fits"),
]


@pytest.mark.parametrize("keys", ODD)
def test_a_key_that_does_not_fit_is_not_used(vodka: VodkaUnderTest, keys: list[Any]) -> None:
    """RFC 7517 §4: its kind, its use, its algorithm and its id have to be right; ten are tried at most."""
    party = SigningParty.with_key(vodka, jwks={"keys": keys})
    party.kid = "one"
    assert "signature" in refused(party.ask_for_itself())


@pytest.mark.parametrize(
    "document",
    [[], {}, {"keys": None}, {"keys": {}}, key_set(key_for("ES256").as_dict(private=True)), {"keys": ["key", None, 5]}],
    ids=["a list", "no member", "null", "an object", "a private key", "keys that are no objects"],
)
def test_what_is_no_set_of_public_keys_holds_none(reading: tuple[VodkaUnderTest, HttpsSite], document: object) -> None:
    """RFC 7517 §5, RFC 9449 §4.3: a private key that somebody publishes proves nothing any more."""
    vodka, site = reading
    site.pages[JWKS_PATH] = (200, {}, json.dumps(document).encode())
    assert "signature" in refused(SigningParty.with_key(vodka, jwks_uri=JWKS_URI).ask_for_itself())


def test_a_short_rsa_key_is_not_used(vodka: VodkaUnderTest) -> None:
    """RFC 7518 §3.3: 2048 bits at least."""
    jwk = public(key_for("RS256"))
    party = SigningParty.with_key(vodka, "RS256", jwks=key_set({**jwk, "n": jwk["n"][:171]}))
    assert "signature" in refused(party.ask_for_itself())


def test_each_fitting_key_is_tried_without_a_kid(vodka: VodkaUnderTest) -> None:
    """Traps B 16: several keys, none of them named by the assertion; one that is broken is passed over."""
    keys = [{**GOOD, "x": "AAAA"}, public(key_for("RS256"), kid="a"), public(key_for("ES256", 1)), {**GOOD, "kid": "b"}]
    party = SigningParty.with_key(vodka, jwks=key_set(*keys))
    assert party.ask_for_itself().status_code == 200


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_is_locked_while_a_website_takes_its_time(
    start: Start, request: pytest.FixtureRequest, database: str
) -> None:
    """Something was written already, a DPoP proof; others write meanwhile, and whoever needs the same keys waits for them."""
    settings: dict[str, Any] = {"limits": {"client_fetch_timeout": 30.0, "client_fetches_at_once": 1}}
    if database == "postgresql":
        settings["database_url"] = request.getfixturevalue("postgres").create_database()
    let_go, came = Event(), Event()
    with publishing(start, **settings) as (vodka, site), ThreadPoolExecutor(3) as pool:
        site.pages[JWKS_PATH] = hanging(let_go, came)
        party, other = SigningParty.with_key(vodka, jwks_uri=JWKS_URI), RelyingParty.of(vodka)
        third = SigningParty.with_key(vodka, jwks_uri=f"{JWKS_URI}?third")
        try:
            waiting = [pool.submit(party.ask_for_itself, headers=Prover().at_token()) for _ in range(3)]
            assert came.wait(20)
            assert other.token(grant_type="client_credentials").status_code == 200
            busy = third.ask_for_itself()
            assert (busy.status_code, busy.get_json()["error"]) == (503, "temporarily_unavailable")
            assert busy.headers["Retry-After"]
        finally:
            let_go.set()
        assert [answer.result(30).status_code for answer in waiting] == [200, 200, 200]
        assert visits(site) == 1


def test_a_request_object_needs_keys(vodka: VodkaUnderTest) -> None:
    """A client that registered none is told so at its own address."""
    party = SigningParty(vodka, RelyingParty.of(vodka).client_id, None)
    answer = party.answer(party.ask(vodka.browser(), request=party.object()))
    assert (answer["error"], answer["state"]) == ("invalid_request_object", "a state")
    assert "neither jwks nor jwks_uri" in answer["error_description"]


def test_assertions_of_another_library_are_taken(vodka: VodkaUnderTest) -> None:
    """Authlib's client, as it comes: the token endpoint as audience, an hour of life, no kid."""
    party, secret = SigningParty.with_key(vodka, "RS256"), SigningParty.with_secret(vodka)
    endpoint = f"{vodka.origin}/oauth/token"
    assert party.prove(private_key_jwt_sign(party.key, party.client_id, endpoint)).status_code == 200
    assert secret.prove(client_secret_jwt_sign(secret.key, secret.client_id, endpoint)).status_code == 200
