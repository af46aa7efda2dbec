"""Signing a device in from elsewhere (RFC 8628): two codes, a page, a decision, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from threading import Thread
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.oauth.device_flow import DEVICE_CODE, PAGE, Television
from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import SITE, Browser, VodkaUnderTest, hidden_value
from vodka.db import commit
from vodka.oauth.device.endpoint import DeviceAuthorization
from vodka.oauth.request import Request

USER_CODE = re.compile("[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}")


@pytest.fixture
def television(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> Television:
    """A television that waits; the clock stands still."""
    return Television.of(vodka)


@pytest.fixture
def camille(vodka: VodkaUnderTest) -> Browser:
    """Camille's phone, signed in."""
    return vodka.signed_in()


# ---- The device authorization endpoint (§3.1, §3.2)


def test_a_device_gets_its_two_codes(television: Television) -> None:
    """§3.2: device_code, user_code, verification_uri, verification_uri_complete, expires_in and interval, not to be kept."""
    answer = television.ask()
    codes = answer.get_json()
    page = f"{television.club.vodka.origin}{PAGE}"
    assert USER_CODE.fullmatch(codes["user_code"])
    assert len(codes["device_code"]) == 43
    assert (codes["verification_uri"], codes["expires_in"], codes["interval"]) == (page, 600, 5)
    assert codes["verification_uri_complete"] == f"{page}?user_code={codes['user_code']}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert codes["device_code"] != television.codes["device_code"]


def test_codes_are_not_stored(television: Television) -> None:
    """A stolen database holds a digest of the one and a MAC of the other."""
    (row,) = television.club.vodka.rows("SELECT digest, user_code FROM device_codes")
    assert len(row["digest"]) == len(row["user_code"]) == 32
    for code in television.codes["device_code"], television.codes["user_code"].replace("-", ""):
        assert code.encode() not in (row["digest"], row["user_code"])


@pytest.mark.parametrize(
    ("more", "form", "status", "error"),
    [
        pytest.param(
            {"grant_types": ["client_credentials"]}, {}, 400, "unauthorized_client", id="not registered for it"
        ),
        pytest.param({}, {"client_id": "nobody"}, 401, "invalid_client", id="an unknown client"),
        pytest.param({}, {"resource": "https://elsewhere.example/"}, 400, "invalid_target", id="an unknown resource"),
        pytest.param(
            {"token_endpoint_auth_method": "client_secret_post"},
            {"client_secret": "a wrong one", "headers": {"Authorization": ""}},
            401,
            "invalid_client",
            id="a wrong secret",
        ),
    ],
)
def test_who_may_not_ask_gets_no_code(
    vodka: VodkaUnderTest, more: dict[str, Any], form: dict[str, Any], status: int, error: str
) -> None:
    """§3.1: client authentication as at the token endpoint; errors are those of RFC 6749 §5.2."""
    usual = {"token_endpoint_auth_method": "none", "grant_types": [DEVICE_CODE]}
    club = RelyingParty.of(vodka, **{**usual, "response_types": [], "redirect_uris": [], **more})
    answer = club.post("/oauth/device_authorization", **{"client_id": club.client_id} | form)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert vodka.rows("SELECT 1 FROM device_codes") == []


def test_a_confidential_client_proves_itself(vodka: VodkaUnderTest, camille: Browser) -> None:
    """§3.1, §3.4: with its secret, at both endpoints."""
    television = Television.of(vodka, token_endpoint_auth_method="client_secret_basic")
    assert television.club.secret is not None
    assert "access_token" in television.tokens(camille)


def test_codes_for_anybody_are_counted(freezer: FrozenDateTimeFactory, start: Start) -> None:
    """Anybody can ask in the name of a client without a secret: so many times an hour and no more."""
    television = Television.of(start(limits={"device_codes_per_client_ip": 2}))
    television.begin()
    refused = television.ask()
    assert (refused.status_code, refused.get_json()["error"]) == (429, "temporarily_unavailable")
    assert int(refused.headers["Retry-After"]) == 3600
    freezer.tick(3600)
    assert television.ask().status_code == 200


class Unlucky(DeviceAuthorization):
    """An endpoint whose dice fall the same way twice."""

    codes: Iterator[str]

    def generate_user_code(self) -> str:
        return next(self.codes)


def test_two_devices_never_show_one_code(vodka: VodkaUnderTest, television: Television) -> None:
    """A code that another device shows is not given out a second time."""
    taken = television.codes["user_code"]
    endpoint = Unlucky(vodka.means.oauth)
    endpoint.codes = iter([taken, taken, "BCDF-GHJK"])
    request = Request(
        "POST", "https://vodka.epfl.ch/oauth/device_authorization", {}, [("client_id", television.club.client_id)]
    )
    request.ip = ip_address("192.0.2.1")
    with vodka.app.app_context():
        _, body, _ = endpoint.create_endpoint_response(request)
        commit()
    assert body["user_code"] == "BCDF-GHJK"
    assert body["verification_uri_complete"].endswith("/oauth/device?user_code=BCDF-GHJK")
    assert len(vodka.rows("SELECT 1 FROM device_codes")) == 2


# ---- Waiting (§3.4, §3.5)


def test_a_device_waits_until_its_person_decides(television: Television, camille: Browser) -> None:
    """§3.5: authorization_pending, and once the person agreed tokens, for what they agreed to."""
    assert television.error() == "authorization_pending"
    tokens = television.tokens(camille)
    claims = claims_in(tokens["id_token"])
    assert (claims["aud"], tokens["token_type"]) == (television.club.client_id, "Bearer")
    found = television.club.userinfo(tokens["access_token"]).get_json()
    assert (found["name"], found["sub"]) == ("Camille Exemple", claims["sub"])
    assert television.club.refresh(tokens["refresh_token"]).status_code == 200


def test_who_asks_too_soon_must_wait_longer(television: Television, freezer: FrozenDateTimeFactory) -> None:
    """§3.5: slow_down, and the interval is 5 seconds longer for this and all subsequent requests."""
    assert television.error() == "authorization_pending"
    freezer.tick(4)
    assert television.error() == "slow_down"
    freezer.tick(9)
    assert television.error() == "slow_down"
    freezer.tick(15)
    assert television.error() == "authorization_pending"
    freezer.tick(14)
    assert television.error() == "slow_down"


def test_at_the_interval_is_soon_enough(television: Television, freezer: FrozenDateTimeFactory) -> None:
    """§3.5: the client waits so many seconds between two requests, not more."""
    assert television.error() == "authorization_pending"
    freezer.tick(5)
    assert television.error() == "authorization_pending"


@pytest.mark.parametrize(("seconds", "error"), [(599, "authorization_pending"), (600, "expired_token")])
def test_a_code_lives_for_ten_minutes(
    television: Television, freezer: FrozenDateTimeFactory, seconds: int, error: str
) -> None:
    """§3.5: expired_token from expires_in on, to the second."""
    freezer.tick(seconds)
    assert television.error() == error


def test_a_person_who_says_no_is_heard(television: Television, camille: Browser) -> None:
    """§3.5: access_denied; the person reads that nothing was shared, and nothing was."""
    page = television.decide(camille, decision="deny")
    assert "Nothing was shared" in page.text
    assert television.error() == "access_denied"
    assert television.club.vodka.rows("SELECT 1 FROM grants") == []
    assert len(television.club.vodka.events("consent.denied")) == 1


def test_a_code_is_good_once(television: Television, camille: Browser) -> None:
    """§3.4 with RFC 6749 §10.5: the second use of a device_code gets nothing."""
    television.tokens(camille)
    assert television.error() == "invalid_grant"


def test_of_many_polls_at_once_one_gets_tokens(vodka_on_each: VodkaUnderTest) -> None:
    """A code is spent before anything is made from it (traps B 10)."""
    television = Television.of(vodka_on_each)
    television.decide(vodka_on_each.signed_in())
    statuses: list[int] = []
    threads = [Thread(target=lambda: statuses.append(television.poll().status_code)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 400, 400, 400, 400, 400]


def test_a_code_is_its_clients(television: Television, camille: Browser) -> None:
    """§3.4: a code of another client is told like one that never was, and is not used up."""
    other = Television.of(television.club.vodka)
    television.decide(camille)
    answers = [other.poll(device_code=code).get_json() for code in (television.codes["device_code"], "never was")]
    assert answers[0] == answers[1]
    assert answers[0]["error"] == "invalid_grant"
    assert television.poll().status_code == 200


@pytest.mark.parametrize(
    ("form", "grant_types", "error"),
    [
        pytest.param({"device_code": None}, [DEVICE_CODE], "invalid_request", id="no device_code"),
        pytest.param({}, ["client_credentials"], "unauthorized_client", id="a client that did not register for it"),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(
    vodka: VodkaUnderTest, form: dict[str, Any], grant_types: list[str], error: str
) -> None:
    """§3.4: device_code is REQUIRED, the grant type must be the client's."""
    club = RelyingParty.of(vodka, grant_types=grant_types, response_types=[], redirect_uris=[])
    answer = club.token(**{"grant_type": DEVICE_CODE, "device_code": "a code"} | form)
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)
    assert re.fullmatch(r"[ !#-\[\]-~]+", answer.get_json()["error_description"])


def test_what_was_withdrawn_before_the_device_asked_is_a_no(television: Television, camille: Browser) -> None:
    """The person may take it back in the seconds between: the device hears access_denied."""
    television.decide(camille)
    shown = camille.get(f"/account/sites/{SITE}")
    camille.post(f"/account/sites/{SITE}/withdraw", data={"csrf_token": hidden_value(shown.text, "csrf_token")})
    assert television.error() == "access_denied"


def test_a_device_lives_on_when_the_browser_signs_out(television: Television, camille: Browser) -> None:
    """Its tokens are its own; withdrawing, or signing out everywhere, ends them."""
    tokens = television.tokens(camille)
    camille.get("/auth/logout")
    assert camille.get("/").status_code == 303
    assert television.club.userinfo(tokens["access_token"]).status_code == 200
    television.club.vodka.write("UPDATE users SET epoch = epoch + 1")
    assert television.club.userinfo(tokens["access_token"]).status_code == 401


def test_a_resource_is_in_the_access_token(vodka: VodkaUnderTest, camille: Browser) -> None:
    """RFC 8707 §2.1: whom the token is for, as it was asked with the codes."""
    vodka.site("wiki.epfl.ch")
    television = Television.of(vodka, asks={"resource": "https://wiki.epfl.ch/"})
    assert "https://wiki.epfl.ch/" in claims_in(television.tokens(camille)["access_token"])["aud"]


def test_discovery_names_the_endpoint_and_the_grant(vodka: VodkaUnderTest) -> None:
    """§4: device_authorization_endpoint."""
    document = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert document["device_authorization_endpoint"] == f"{vodka.origin}/oauth/device_authorization"
    assert DEVICE_CODE in document["grant_types_supported"]
