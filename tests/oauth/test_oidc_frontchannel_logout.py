"""Clients hear through the browser that a session has ended (OpenID Connect Front-Channel Logout 1.0)."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.oauth.leaving import BYE, STATE, Login, is_signed_out
from tests.oauth.relying_party import RelyingParty
from tests.vodka_under_test import SITE, VodkaUnderTest

HEARS = f"https://{SITE}/front"


def frames(response: TestResponse) -> list[str]:
    """The addresses that a page loads where nobody sees them."""
    found = re.findall(r'<iframe src="([^"]*)" title="" hidden sandbox="([^"]*)">', response.text)
    assert {sandbox for _, sandbox in found} <= {"allow-forms allow-same-origin allow-scripts"}
    return [unescape(address) for address, _ in found]


def framed_origins(response: TestResponse) -> list[str]:
    """What the policy of a page lets it load in frames."""
    policy = dict(part.strip().partition(" ")[::2] for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    return policy.get("frame-src", "").split()


def hearing(vodka: VodkaUnderTest, uri: str = HEARS, **more: object) -> RelyingParty:
    """A client that wants to hear in the browser."""
    return RelyingParty.of(vodka, frontchannel_logout_uri=uri, post_logout_redirect_uris=[BYE], **more)


def test_oidcc_frontchannel_discovery_endpoint_verification(vodka: VodkaUnderTest) -> None:
    """Front-Channel Logout §3: vodka does it, and names issuer and session."""
    document = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert document["frontchannel_logout_supported"] is True
    assert document["frontchannel_logout_session_supported"] is True


def test_oidcc_frontchannel_rp_initiated_logout(vodka: VodkaUnderTest) -> None:
    """§2, §3: the page loads the client's address with `iss` and `sid` only, then goes on, by a script or by a button."""
    login = Login.at(hearing(vodka))
    response = login.leave(state=STATE)
    assert response.status_code == 200
    [frame] = frames(response)
    assert frame.startswith(f"{HEARS}?")
    assert parse_qsl(urlsplit(frame).query) == [("iss", vodka.origin), ("sid", login.claims["sid"])]
    assert framed_origins(response) == [f"https://{SITE}"]
    onward = f"{BYE}?state={STATE}"
    assert f'href="{onward}" id="onward" data-onward' in response.text
    is_signed_out(login)


def test_the_button_of_the_question_tells_as_well(vodka: VodkaUnderTest) -> None:
    """A logout without a hint, once the person has agreed."""
    login = Login.at(hearing(vodka))
    asked = {"client_id": login.club.client_id, "post_logout_redirect_uri": BYE}
    assert len(frames(login.confirm(**asked))) == 1


def test_each_client_of_the_session_is_loaded_once(vodka: VodkaUnderTest) -> None:
    """However often somebody signed in there; clients of other sessions, and those that do not ask, are not."""
    club = hearing(vodka, f"{HEARS}?a=1")
    other = hearing(vodka, "https://bike.ch:8443/bye", redirect_uris=["https://bike.ch:8443/cb"], domain="bike.ch")
    login = Login.at(club)
    for party in (club, other, RelyingParty.of(vodka)):
        Login.at(party, browser=login.browser)
    hearing(vodka)
    shown = login.leave()
    assert sorted(frame.partition("iss=")[0] for frame in frames(shown)) == [
        "https://bike.ch:8443/bye?",
        f"{HEARS}?a=1&",
    ]
    assert framed_origins(shown) == ["https://bike.ch:8443", f"https://{SITE}"]
    sids = {dict(parse_qsl(urlsplit(frame).query))["sid"] for frame in frames(shown)}
    assert len(sids) == 2


@pytest.mark.parametrize("path", ["/logout", "/account/sessions/end-all", "/oauth/logout/done"])
def test_vodkas_own_ways_out_tell_as_well(vodka: VodkaUnderTest, path: str) -> None:
    """§3: whenever the OP logs out the End-User."""
    login = Login.at(hearing(vodka))
    token = {"csrf_token": login.browser.cookie("csrftoken")}
    response = login.browser.get(path) if path == "/logout" else login.browser.post(path, data=token)
    assert "You are signed out" in response.text
    assert len(frames(response)) == 1
    assert framed_origins(response) == [f"https://{SITE}"]
    assert frames(login.browser.get("/logout")) == []


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("https://evil.ch/front", id="another domain"),
        pytest.param("https://sub.site.epfl.ch/front", id="a domain below"),
        pytest.param("https://site.epfl.ch:8443/front", id="another port"),
        pytest.param("https://site.epfl.ch/front#x", id="a fragment"),
        pytest.param("https://site.epfl.ch;script-src/front", id="a host that would write into the policy"),
        pytest.param("https://site.epfl.ch'/front", id="a quote in the host"),
    ],
)
def test_only_the_clients_own_origin_is_loaded(vodka: VodkaUnderTest, uri: str) -> None:
    """§2: domain, port and scheme MUST be the same as that of a registered redirect address."""
    login = Login.at(RelyingParty.of(vodka, post_logout_redirect_uris=[BYE]))
    vodka.write(
        "UPDATE clients SET details = replace(details, '\"client_name\"', :more)",
        more=f'"frontchannel_logout_uri": "{uri}", "client_name"',
    )
    answer = login.leave()
    assert (answer.status_code, answer.headers["Location"]) == (303, BYE)


def test_red_32_a_website_that_is_suspended_is_not_loaded(vodka: VodkaUnderTest) -> None:
    """Somebody else may answer there now."""
    login = Login.at(hearing(vodka))
    vodka.write("UPDATE websites SET suspended_at = verified_since")
    assert frames(login.browser.get("/logout")) == []
