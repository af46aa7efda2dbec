"""Where the example website has vodka's keys from: how long it believes them, when it asks again, and vodka being away."""

from __future__ import annotations

import json

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug import Response

from examples.website.app import create_app
from tests.examples.fake_vodka import JWKS, KEY, FakeVodka, ec_key
from tests.examples.visit import SITE, Visit, is_gentle
from tests.servers.components import free_port

YOUNGER = ec_key("ec-2")
BROKEN = [
    pytest.param(Response(json.dumps({"keys": [KEY.as_dict(private=False)]}), 500), id="an error"),
    pytest.param(Response(status=302, headers={"Location": "/elsewhere"}), id="a redirect"),
    pytest.param(Response("<h1>Maintenance</h1>"), id="a page"),
    pytest.param(Response("[]"), id="a list"),
    pytest.param(Response('{"keys": {}, "x": 1}'[:9]), id="half an answer"),
    pytest.param(Response('{"keys": ["k"]}'), id="keys that are none"),
    pytest.param(Response('{"keys": [{"alg": "ES256", "kty": "EC"}]}'), id="a key without a name"),
    pytest.param(Response('{"keys": [{"alg": "ES256", "kid": "a", "kty": "EC"}]}'), id="half a key"),
    pytest.param(Response('{"keys": 1}'), id="a number"),
]


@pytest.mark.parametrize("instead", BROKEN)
def test_broken_keys_are_nobody_s_fault(visit: Visit, instead: Response) -> None:
    """503 with a friendly page, no login, no request anywhere else; as soon as vodka is back, so is signing in."""
    visit.vodka.instead = instead
    answer = visit.sign_in()
    assert answer.status_code == 503
    assert "could not reach vodka" in answer.text
    assert "Sign in with vodka" in visit.home()
    assert visit.vodka.asked() == [JWKS]
    visit.vodka.instead = None
    assert visit.sign_in().status_code == 303


def test_nobody_listens_at_vodka(vodka: FakeVodka) -> None:
    """The same page when there is no connection at all; leaving for vodka needs none."""
    url = f"http://127.0.0.1:{free_port()}"
    visit = Visit(vodka, create_app({"VODKA_URL": url, "SITE_URL": SITE}).test_client())
    assert visit.sign_in(iss=url).status_code == 503


def test_unknown_kinds_of_keys_are_passed_over(visit: Visit) -> None:
    """RFC 7517 §5: a key that we cannot use does not spoil the others."""
    visit.vodka.keys[:0] = [
        {"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq"},
        {"kty": "oct", "k": "AAAA", "alg": "HS256"},
    ]
    assert visit.sign_in().status_code == 303


def test_keys_are_kept_for_five_minutes(visit: Visit, freezer: FrozenDateTimeFactory) -> None:
    """Vodka is asked once, also while it is away; after five minutes again, and a withdrawn key is refused (TOK-24)."""
    assert visit.sign_in().status_code == 303
    visit.vodka.instead = Response(status=500)
    freezer.tick(299)
    assert visit.sign_in(jti="j-2").status_code == 303
    assert visit.vodka.asked() == [JWKS]
    freezer.tick(1)
    assert visit.sign_in(jti="j-3").status_code == 503
    visit.vodka.instead, visit.vodka.keys = None, [YOUNGER.as_dict(private=False)]
    assert is_gentle(visit.sign_in(jti="j-4"))


def test_a_new_key_is_fetched_once(visit: Visit, freezer: FrozenDateTimeFactory) -> None:
    """After a rotation the first token under the new key makes the site ask once more."""
    visit.sign_in()
    visit.vodka.keys = [KEY.as_dict(private=False), YOUNGER.as_dict(private=False)]
    freezer.tick(30)
    assert visit.sign_in(key=YOUNGER, jti="j-2").status_code == 303
    assert visit.sign_in(key=YOUNGER, jti="j-3").status_code == 303
    assert visit.vodka.asked() == [JWKS, JWKS]


@pytest.mark.parametrize("instead", [None, Response(status=500)], ids=["vodka answers", "vodka fails"])
def test_tok_09_strange_keys_make_few_requests(
    visit: Visit, freezer: FrozenDateTimeFactory, instead: Response | None
) -> None:
    """However many tokens name unknown keys, vodka is asked at most every 30 s; known keys keep working."""
    visit.sign_in()
    visit.vodka.instead = instead
    freezer.tick(29)
    assert is_gentle(visit.sign_in(key=YOUNGER))
    assert visit.vodka.asked() == [JWKS]
    freezer.tick(1)
    assert [visit.sign_in(key=ec_key(f"k{n}")).status_code for n in range(3)] == [503 if instead else 400, 400, 400]
    assert visit.vodka.asked() == [JWKS, JWKS]
    assert visit.sign_in(jti="j-2").status_code == 303
