"""The authorization code grant at the token endpoint (RFC 6749 §4.1.3, §5)."""

from __future__ import annotations

from typing import Any

import pytest
from authlib.oauth2.rfc6749 import InvalidGrantError
from freezegun.api import FrozenDateTimeFactory
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.oauth.relying_party import CALLBACK, VERIFIER, RelyingParty, claims_in
from tests.vodka_under_test import ORIGIN, SITE, Browser, VodkaUnderTest
from vodka.db import commit
from vodka.oauth.request import Request
from vodka.websites import registry

OTHER = "https://site.epfl.ch/other"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client, with two addresses."""
    return RelyingParty.of(vodka, redirect_uris=[CALLBACK, OTHER])


@pytest.fixture
def browser(club: RelyingParty) -> Browser:
    """Camille, signed in."""
    return club.vodka.signed_in()


def error_of(answer: TestResponse) -> str:
    """The error of an answer that is one, in the form of RFC 6749 §5.2."""
    assert answer.status_code == 400, answer.text
    said = answer.get_json()
    assert said.keys() <= {"error", "error_description"}
    assert said["error_description"]
    assert all(" " <= c <= "~" and c not in '"\\' for c in said["error_description"])
    return str(said["error"])


def test_oau_31_the_answer_may_not_be_kept(club: RelyingParty, browser: Browser) -> None:
    """§5.1: JSON, Cache-Control: no-store, Pragma: no-cache; how long it lives, and what it allows."""
    answer = club.exchange(club.code(browser, scope="openid"))
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    said = answer.get_json()
    assert said.keys() == {"access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token"}
    assert (said["expires_in"], said["scope"]) == (600, "openid")


def test_an_error_may_not_be_kept_either(club: RelyingParty) -> None:
    """§5.2: the same headers."""
    answer = club.exchange("x")
    assert error_of(answer) == "invalid_grant"
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")


def test_expires_in_is_never_more_than_the_login(
    freezer: FrozenDateTimeFactory, club: RelyingParty, browser: Browser
) -> None:
    """§5.1: a grant without offline_access ends a week after it was given, and its last token with it."""
    tokens = club.tokens(browser)
    freezer.tick(7 * 86400 - 100)
    club.vodka.write("UPDATE sessions SET expires_at = '2027-01-01'")
    answer = club.refresh(tokens["refresh_token"]).get_json()
    assert answer["expires_in"] == 100
    assert claims_in(answer["access_token"])["exp"] - claims_in(answer["access_token"])["iat"] == 100


def test_oau_07_a_code_that_comes_twice_ends_what_came_of_it(club: RelyingParty, browser: Browser) -> None:
    """§4.1.2, §10.5: the second time nothing is given, and the tokens of the first time are revoked; an alarm is raised."""
    code = club.code(browser, scope="openid offline_access")
    tokens = club.exchange(code).get_json()
    assert club.userinfo(tokens["access_token"]).status_code == 200
    assert error_of(club.exchange(code)) == "invalid_grant"
    assert club.userinfo(tokens["access_token"]).status_code == 401
    assert error_of(club.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert len(club.vodka.events("alarm.code_reused")) == 1
    assert error_of(club.exchange(code)) == "invalid_grant"


def test_oidcc_codereuse_30seconds(freezer: FrozenDateTimeFactory, club: RelyingParty, browser: Browser) -> None:
    """§4.1.2: also half a minute later."""
    code = club.code(browser)
    token = club.exchange(code).get_json()["access_token"]
    freezer.tick(30)
    assert error_of(club.exchange(code)) == "invalid_grant"
    assert club.userinfo(token).status_code == 401


def test_oau_08_of_two_that_found_the_code_good_one_gets_tokens(club: RelyingParty, browser: Browser) -> None:
    """§4.1.2, traps B 10: it is spent before anything is made from it, however far the other had come."""
    sent = {"grant_type": "authorization_code", "code": club.code(browser)}
    sent |= {"redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    with club.vodka.app.app_context():
        server, headers = club.vodka.means.oauth, {"Authorization": club.basic()}
        racers = [
            server.get_token_grant(Request("POST", f"{ORIGIN}/oauth/token", headers, sent.items())) for _ in range(2)
        ]
        for racer in racers:
            racer.validate_token_request()
        _status, tokens, _headers = racers[0].create_token_response()
        with pytest.raises(InvalidGrantError):
            racers[1].create_token_response()
        commit()
    assert club.userinfo(tokens["access_token"]).status_code == 401


def test_oau_09_a_code_of_another_client(club: RelyingParty, browser: Browser) -> None:
    """§4.1.3: it was issued to the client that shows it; a stranger's try changes nothing for the owner."""
    code = club.code(browser)
    others = [
        RelyingParty.of(club.vodka),
        RelyingParty.of(club.vodka, domain="other.ch"),
        RelyingParty.of(club.vodka, token_endpoint_auth_method="none"),
    ]
    for other in others:
        assert error_of(other.exchange(code, redirect_uri=CALLBACK)) == "invalid_grant"
    assert club.exchange(code).status_code == 200


@pytest.mark.parametrize("alter", [str.swapcase, lambda code: code[:-1], lambda code: code + "A", lambda _: "x"])
def test_oau_09_an_altered_code(club: RelyingParty, browser: Browser, alter: Any) -> None:
    """§4.1.3: unknown."""
    assert error_of(club.exchange(alter(club.code(browser)))) == "invalid_grant"


@pytest.mark.parametrize(
    "address", [None, OTHER, CALLBACK + "/", CALLBACK + "?x", CALLBACK.upper(), "https://evil.ch/"]
)
def test_oau_10_the_same_address_again(club: RelyingParty, browser: Browser, address: str | None) -> None:
    """§4.1.3: redirect_uri is what the authorization request had, to the letter; a wrong try spends nothing."""
    code = club.code(browser)
    assert error_of(club.exchange(code, redirect_uri=address)) == "invalid_grant"
    assert club.exchange(code).status_code == 200


def test_a_request_that_named_no_address_needs_none_here(vodka: VodkaUnderTest) -> None:
    """§4.1.3: REQUIRED only if it was in the authorization request."""
    club = RelyingParty.of(vodka)
    code = club.code(vodka.signed_in(), redirect_uri=None)
    assert club.exchange(code, redirect_uri=None).status_code == 200


def test_oau_11_a_code_lives_for_a_minute(freezer: FrozenDateTimeFactory, club: RelyingParty, browser: Browser) -> None:
    """§4.1.2, ASVS 10.4.3: to the second."""
    first, second = club.code(browser), club.code(browser)
    freezer.tick(59)
    assert club.exchange(first).status_code == 200
    freezer.tick(1)
    assert error_of(club.exchange(second)) == "invalid_grant"


def test_oau_13_state_and_issuer_come_back(club: RelyingParty, browser: Browser) -> None:
    """§4.1.2, RFC 9207 §2: in success and in error, exactly."""
    state = "a&b=c%20 ü" + "x" * 118
    for changed in ({}, {"decision": "deny"}, {"prompt": "none login"}, {"scope": "openid", "max_age": "x"}):
        answer = club.answer(club.authorize(browser, state=state, **changed))
        assert (answer["state"], answer["iss"]) == (state, ORIGIN)
        assert answer.keys() <= {"code", "error", "error_description", "state", "iss", "session_state"}
    assert "state" not in club.answer(club.authorize(browser, state=None))


def test_oau_17_a_grant_that_the_client_did_not_register(vodka: VodkaUnderTest) -> None:
    """§5.2: unauthorized_client; of one that nobody has, unsupported_grant_type; of none, invalid_request."""
    club = RelyingParty.of(vodka, grant_types=["authorization_code"])
    for grant_type in ("refresh_token", "client_credentials"):
        assert error_of(club.token(grant_type=grant_type, refresh_token="x")) == "unauthorized_client"
    machine = RelyingParty.of(vodka, grant_types=["client_credentials"], response_types=[], redirect_uris=[])
    assert error_of(machine.exchange("x")) == "unauthorized_client"
    for grant_type in ('a "strange\\ one', "\u00e9", "implicit"):
        assert error_of(club.token(grant_type=grant_type)) == "unsupported_grant_type"
    assert error_of(club.token(scope="x")) == "invalid_request"


def test_without_the_refresh_grant_there_is_no_refresh_token(vodka: VodkaUnderTest) -> None:
    """RFC 7591 §2: a client that did not register refresh_token gets none."""
    club = RelyingParty.of(vodka, grant_types=["authorization_code"])
    assert "refresh_token" not in club.tokens(vodka.signed_in(), scope="openid offline_access")


def test_a_public_client_asks_for_nobody(vodka: VodkaUnderTest) -> None:
    """§4.4: the client credentials grant type MUST only be used by confidential clients."""
    app = RelyingParty.of(vodka, token_endpoint_auth_method="none")
    assert error_of(app.token(grant_type="client_credentials")) == "unauthorized_client"


def test_oau_19_what_was_agreed_is_what_is_given(club: RelyingParty, browser: Browser) -> None:
    """§3.3: a scope at the token endpoint widens nothing, and the answer says what was granted."""
    answer = club.exchange(club.code(browser, scope="openid"), scope="openid email sciper").get_json()
    assert answer["scope"] == claims_in(answer["access_token"])["scope"] == "openid"
    itself = club.token(grant_type="client_credentials", scope="openid email x").get_json()
    assert "scope" not in itself
    assert "scope" not in claims_in(itself["access_token"])


REPEATED = ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "scope", "unknown"]


@pytest.mark.parametrize("name", REPEATED)
def test_oau_28_a_parameter_that_comes_twice(club: RelyingParty, browser: Browser, name: str) -> None:
    """§3.2: parameters MUST NOT be included more than once, not even with the same value; nothing is spent."""
    sent = {"grant_type": "authorization_code", "code": club.code(browser), "redirect_uri": CALLBACK}
    sent |= {"code_verifier": VERIFIER, "client_id": club.client_id, "scope": "openid", "unknown": "x"}
    twice = MultiDict([*sent.items(), (name, sent[name])])
    client, headers = club.vodka.app.test_client(), {"Authorization": club.basic()}
    answer = client.post("/oauth/token", data=twice, headers=headers, base_url=ORIGIN)
    assert error_of(answer) == "invalid_request"
    assert client.post("/oauth/token", data=sent, headers=headers, base_url=ORIGIN).status_code == 200


def test_what_is_empty_is_not_there(club: RelyingParty, browser: Browser) -> None:
    """§3.2: parameters sent without a value MUST be treated as if they were omitted."""
    assert error_of(club.exchange("")) == "invalid_request"
    assert club.exchange(club.code(browser), scope="", unknown="").status_code == 200


def test_a_target_that_was_not_granted_spends_nothing(club: RelyingParty, browser: Browser) -> None:
    """RFC 8707 §2.2: invalid_target, and the code is still good."""
    code = club.code(browser)
    assert error_of(club.exchange(code, resource="https://site.epfl.ch/api")) == "invalid_target"
    assert club.exchange(code).status_code == 200


NOT_FORMS: dict[str, dict[str, Any]] = {
    "JSON": {"json": {"grant_type": "client_credentials"}},
    "multipart": {"data": {"grant_type": "client_credentials"}, "content_type": "multipart/form-data"},
    "the query": {"path": "/oauth/token?grant_type=client_credentials"},
    "a byte that cannot be stored": {"data": {"grant_type": "client_credentials", "scope": "\x00"}},
    "bad UTF-8": {"data": b"grant_type=\xff", "content_type": "application/x-www-form-urlencoded"},
}


@pytest.mark.parametrize("sent", NOT_FORMS.values(), ids=NOT_FORMS)
def test_only_a_form_is_read(club: RelyingParty, sent: dict[str, Any]) -> None:
    """§3.2, Appendix B: parameters come in the body, as application/x-www-form-urlencoded in UTF-8."""
    headers = {"Authorization": club.basic()}
    answer = club.vodka.app.test_client().post(
        **{"path": "/oauth/token", "headers": headers, "base_url": ORIGIN} | sent
    )
    assert error_of(answer) == "invalid_request"


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE"])
def test_only_post_is_answered(club: RelyingParty, method: str) -> None:
    """§3.2: the client MUST use POST."""
    answer = club.vodka.app.test_client().open("/oauth/token", method=method, base_url=ORIGIN)
    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"OPTIONS", "POST"})


def test_oau_36_a_code_dies_with_what_it_stands_on(club: RelyingParty, browser: Browser) -> None:
    """ASVS 8.3.2: session, account, consent and website are looked at when the code is shown."""
    ends = ["UPDATE sessions SET revoked_at = expires_at", "UPDATE users SET disabled_at = created_at"]
    ends.append("UPDATE consents SET withdrawn_at = given_at")
    back = ["UPDATE sessions SET revoked_at = NULL", "UPDATE users SET disabled_at = NULL"]
    back.append("UPDATE consents SET withdrawn_at = NULL")
    for end, undo in zip(ends, back, strict=True):
        code = club.code(browser)
        club.vodka.write(end)
        assert error_of(club.exchange(code)) == "invalid_grant"
        club.vodka.write(undo)
        assert club.exchange(code).status_code == 200
    code = club.code(browser)
    club.vodka.change_site(SITE, lambda site: registry.suspend(site, "operator"))
    answer = club.exchange(code)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
