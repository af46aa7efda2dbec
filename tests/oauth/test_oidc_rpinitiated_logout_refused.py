"""Requests to sign somebody out that nobody should follow (RP-Initiated Logout §3, §4, §6; attacks RED, SES)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oauth.leaving import ASKS, BYE, STATE, Login, is_refused
from tests.oauth.relying_party import RelyingParty
from tests.set_cookies import set_cookies
from tests.vodka_under_test import VodkaUnderTest
from tests.web.test_sessions import CLICK, PICTURE


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client, with two addresses to come back to."""
    return RelyingParty.of(vodka, post_logout_redirect_uris=[BYE, f"{BYE}?from=vodka"])


@pytest.fixture
def login(club: RelyingParty) -> Login:
    """Camille, signed in at the chess club."""
    return Login.at(club)


# The vectors RED-02 to RED-20 around https://site.epfl.ch/bye: near misses, other spellings, other schemes.
HOSTILE = [
    "https://site.epfl.ch@evil.ch/",
    "https://user@site.epfl.ch/bye",
    "https://site.epfl.ch:443@evil.ch/",
    "https://site.epfl.ch\\@evil.ch/",
    "https://site.epfl.ch%5C@evil.ch/",
    "https://evil.ch\\.site.epfl.ch",
    "https:evil.ch",
    "https:/evil.ch",
    "https:///evil.ch",
    "//evil.ch",
    "/\\evil.ch",
    "\\\\\\evil.ch",
    "https://site.epfl.ch.evil.ch/bye",
    "https://evilsite.epfl.ch/bye",
    "https://sub.site.epfl.ch/bye",
    "https://siteaepfl.ch/bye",
    "http://site.epfl.ch/bye",
    "javascript:alert(1)",
    "data:text/html,x",
    "java\nscript:alert(1)",
    "https://site.epfl.ch/bye\t",
    "https://site.epfl.ch/bye\r\nSet-Cookie: a=b",
    " https://site.epfl.ch/bye",
    "https://site.epfl.ch/bye%0d%0aSet-Cookie:a=b",
    "https://site.epfl.ch/bye%00",
    "https://ſite.epfl.ch/bye",
    "https://site。epfl.ch/bye",
    "https://SITE.epfl.ch/bye",
    "https://site.epfl.ch./bye",
    "https://site.epfl.ch:443/bye",
    "https://site.epfl.ch:8443/bye",
    "https://127.0.0.1/bye",
    "https://[::1]/bye",
    "http://localhost/bye",
    "https://site.epfl.ch/bye#x",
    "https://site.epfl.ch/bye/",
    "https://site.epfl.ch/BYE",
    "https://site.epfl.ch/bye/../x",
    "https://site.epfl.ch/oidc",
]


@pytest.mark.parametrize("uri", HOSTILE, ids=[ascii(uri)[1:-1] for uri in HOSTILE])
def test_red_02_red_20_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(login: Login, uri: str) -> None:
    """§3: the OP MUST NOT redirect to an address that is not registered, however near it comes."""
    is_refused(login, login.leave(post_logout_redirect_uri=uri, state=STATE), "post_logout_redirect_uri is not")


@pytest.mark.parametrize("garbage", ["x", "a.b.c", "é", "x" * 3500], ids=lambda text: text[:5])
def test_a_hint_that_is_none_is_refused(login: Login, garbage: str) -> None:
    """Whatever it is made of."""
    is_refused(login, login.leave(id_token_hint=garbage), "id_token_hint is not an ID Token of this issuer.")


def test_an_access_token_is_no_hint(login: Login) -> None:
    """It is signed by us, and for something else (RFC 8725 §3.11)."""
    response = login.leave(id_token_hint=str(login.tokens["access_token"]))
    is_refused(login, response, "id_token_hint is not an ID Token of this issuer.")


def test_the_button_looks_at_everything_again(login: Login) -> None:
    """A form can be changed: the address is checked as if it had just come (attacks RED-31)."""
    parameters = {"client_id": login.club.client_id, "post_logout_redirect_uri": "https://evil.ch/"}
    is_refused(login, login.confirm(**parameters), "post_logout_redirect_uri is not registered")


def test_csr_01_the_button_needs_its_token(login: Login) -> None:
    """Another site cannot press it."""
    without = login.browser.post("/oauth/logout/done", data={"state": "x"})
    foreign = login.browser.post("/oauth/logout/done", data={"state": "x"}, headers={"Origin": "https://evil.ch"})
    assert (without.status_code, foreign.status_code) == (403, 403)
    assert login.is_alive()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"client_id": "nobody"}, "id_token_hint was not issued to this client_id."),
        ({"id_token_hint": None, "client_id": "nobody"}, "There is no client of this client_id."),
    ],
    ids=["another client's hint", "a client that is not there"],
)
def test_hint_and_client_belong_together(login: Login, changed: dict[str, Any], says: str) -> None:
    """§2: when both are present, the OP MUST verify that the Client Identifier matches."""
    is_refused(login, login.leave(**changed), says)


def test_red_24_a_parameter_that_stands_twice_is_refused(login: Login) -> None:
    """RFC 6749 §3.1, so that no two readers can choose differently."""
    query = f"client_id={login.club.client_id}&post_logout_redirect_uri={BYE}&post_logout_redirect_uri=https://evil.ch"
    is_refused(login, login.browser.get(f"/oauth/logout?{query}"), "post_logout_redirect_uri was sent more than once")


def test_red_32_a_website_that_is_suspended_gets_nobody_back(login: Login) -> None:
    """Its hint is still ours: without an address vodka asks, with one it refuses."""
    login.club.vodka.write("UPDATE websites SET suspended_at = verified_since")
    is_refused(login, login.leave(), "Send id_token_hint or client_id with post_logout_redirect_uri.")
    asked = login.leave(post_logout_redirect_uri=None)
    assert ASKS in asked.text
    assert login.is_alive()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(PICTURE, id="a picture"),
        pytest.param(PICTURE | {"Sec-Fetch-Site": "same-site"}, id="a picture on a sibling host"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"}, id="a frame on a sibling host"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "empty"}, id="a fetch on a sibling host"),
    ],
)
def test_ses_02_nobody_is_signed_out_behind_their_back(login: Login, headers: dict[str, str]) -> None:
    """Even with a good hint only the person's own way there counts."""
    response = login.leave(headers)
    assert "Location" not in response.headers
    assert set_cookies(response) == {}
    assert login.is_alive()


def test_ses_02_a_picture_without_our_cookie_changes_nothing_in_the_browser(login: Login) -> None:
    """A cross-site request brings no session: no cookie is taken, in particular not the one that frames read."""
    for path in ("/oauth/logout", "/oauth/logout/done", "/logout", "/auth/logout"):
        response = login.club.vodka.browser().get(path, headers=PICTURE)
        assert set_cookies(response) == {}, path
        assert "Clear-Site-Data" not in response.headers, path


def test_ses_03_a_click_on_another_site_only_asks(login: Login) -> None:
    """Without proof that the client knows this person: a page with a button."""
    response = login.leave(CLICK, id_token_hint=None, post_logout_redirect_uri=None)
    assert (response.status_code, ASKS in response.text) == (200, True)
    assert set_cookies(response) == {}
    assert login.is_alive()


def test_ses_03_a_head_request_signs_nobody_out(login: Login) -> None:
    """HEAD looks and does nothing (RFC 9110 §9.2.1)."""
    query = {"id_token_hint": login.hint, "post_logout_redirect_uri": BYE}
    assert login.browser.request("HEAD", "/oauth/logout", query_string=query).status_code == 200
    assert login.is_alive()


def test_a_post_that_fits_into_no_address_is_refused(login: Login) -> None:
    """At the limit it is sent on, beyond it the page says so."""
    most = login.club.vodka.means.limits.request_length - len("state=")
    sent = [login.browser.post("/oauth/logout", data={"state": "x" * size}) for size in (most, most + 1)]
    assert sent[0].status_code == 303
    is_refused(login, sent[1], "The request is too long.")
