"""Request objects by reference: the address of a signed request (RFC 9101 §5.2, OIDC Core §6.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Start
from tests.forging import segment
from tests.oauth.signing import (
    JWKS_PATH,
    JWKS_URI,
    OBJECT_PATH,
    OBJECT_URI,
    SigningParty,
    public,
    publish,
    publishing,
    visits,
)
from tests.servers.https import HttpsSite
from tests.vodka_under_test import SITE, VodkaUnderTest

HASH = "#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"


@pytest.fixture
def reading(start: Start) -> Iterator[tuple[VodkaUnderTest, HttpsSite]]:
    """A vodka that reads the club's https server, with half a second for a look."""
    with publishing(start, limits={"client_fetch_timeout": 0.5}) as both:
        yield both


def by_reference(vodka: VodkaUnderTest, *uris: str, **more: Any) -> SigningParty:
    """A client that registered these addresses of request objects."""
    return SigningParty.with_key(vodka, "RS256", request_uris=list(uris), **more)


def put(site: HttpsSite, content: str) -> None:
    """Publish a request object."""
    site.pages[OBJECT_PATH] = (200, {"Content-Type": "application/oauth-authz-req+jwt"}, content.encode())


def test_oidcc_request_uri_signed_rs256(reading: tuple[VodkaUnderTest, HttpsSite]) -> None:
    """OIDC Core §6.2: the object is read once, without the fragment, with keys that are read too; the page can be loaded again."""
    vodka, site = reading
    party = by_reference(vodka, OBJECT_URI + HASH, jwks_uri=JWKS_URI)
    publish(site, public(party.key, kid="one"))
    put(site, party.object({"kid": "one"}, state="inside") + "\n")
    browser = vodka.signed_in()
    onward = party.ask(browser, request_uri=OBJECT_URI + HASH)
    assert onward.status_code == 303
    for _ in range(2):
        shown = browser.get(onward.headers["Location"])
        assert shown.status_code == 200
    assert party.answer(party.decide(browser, shown))["state"] == "inside"
    assert [path for _, path in site.asked] == [OBJECT_PATH, JWKS_PATH]


@pytest.mark.parametrize(
    ("registered", "sent", "error"),
    [
        pytest.param((), OBJECT_URI, "request_uri_not_supported", id="a client that registered none"),
        pytest.param((), "https://internal.epfl.ch/", "request_uri_not_supported", id="a place inside"),
        pytest.param((OBJECT_URI,), f"https://{SITE}/other", "invalid_request_uri", id="another path"),
        pytest.param((OBJECT_URI,), OBJECT_URI + HASH, "invalid_request_uri", id="a fragment that is not registered"),
        pytest.param((OBJECT_URI + HASH,), OBJECT_URI, "invalid_request_uri", id="a fragment that is missing"),
        pytest.param((OBJECT_URI + HASH,), OBJECT_URI + "#x", "invalid_request_uri", id="another fragment"),
        pytest.param((OBJECT_URI,), OBJECT_URI + "?", "invalid_request_uri", id="a question mark more"),
        pytest.param((OBJECT_URI,), OBJECT_URI.upper(), "invalid_request_uri", id="capital letters"),
        pytest.param((OBJECT_URI,), "file:///etc/passwd", "invalid_request_uri", id="a file"),
    ],
)
def test_oau_26_nothing_is_fetched_that_is_not_registered(
    reading: tuple[VodkaUnderTest, HttpsSite], registered: tuple[str, ...], sent: str, error: str
) -> None:
    """OIDC Core §6.2, CVE-2020-10770: compared to the letter, fragment and all."""
    vodka, site = reading
    party = by_reference(vodka, *registered)
    put(site, party.object())
    assert party.error_of(party.ask(vodka.browser(), request_uri=sent))[0] == error
    assert visits(site) == 0


@pytest.mark.parametrize(
    "uri",
    ["https://internal.epfl.ch/object", f"https://{SITE}:8443{OBJECT_PATH}"],
    ids=["inside", "another port"],
)
def test_oau_26_a_registered_address_inside_is_not_visited(reading: tuple[VodkaUnderTest, HttpsSite], uri: str) -> None:
    """The guarded GET decides once more."""
    vodka, site = reading
    party = by_reference(vodka, uri)
    assert party.error_of(party.ask(vodka.browser(), request_uri=uri))[0] == "invalid_request_uri"
    assert visits(site) == 0


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param("", "invalid_request_object", id="empty"),
        pytest.param("é", "invalid_request_object", id="no ASCII"),
        pytest.param("x" * 12_289, "invalid_request_uri", id="too long"),
        pytest.param(f"{segment({'alg': 'none'})}.{segment({})}.", "request_uri_not_supported", id="unsigned"),
    ],
)
def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    reading: tuple[VodkaUnderTest, HttpsSite], content: str, error: str
) -> None:
    """OIDC Core §6.2: what is found there is checked like an object by value, and bounded."""
    vodka, site = reading
    party = by_reference(vodka, OBJECT_URI)
    put(site, content)
    assert party.error_of(party.ask(vodka.browser(), request_uri=OBJECT_URI))[0] == error


def test_an_object_that_is_not_there_is_told_to_the_client(reading: tuple[VodkaUnderTest, HttpsSite]) -> None:
    """RFC 9101 §7: invalid_request_uri."""
    vodka, _site = reading
    party = by_reference(vodka, OBJECT_URI)
    assert party.error_of(party.ask(vodka.browser(), request_uri=OBJECT_URI))[0] == "invalid_request_uri"
