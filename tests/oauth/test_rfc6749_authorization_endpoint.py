"""The authorization endpoint (RFC 6749 §3.1, §4.1.1, §4.1.2.1): what is read, who is told what is wrong, and where."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from werkzeug.test import TestResponse

from tests.oauth import conditions
from tests.oauth.relying_party import CALLBACK, RelyingParty, challenge_of
from tests.vodka_under_test import VodkaUnderTest
from vodka.interaction import return_to

UNREGISTERED = "https://evil.ch/oidc"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka)


def refusal(club: RelyingParty, **changed: Any) -> dict[str, str]:
    """The error that the client is told."""
    answer = conditions.read_answer(club, club.ask(club.vodka.browser(), **changed), "query")
    conditions.check_answer(club, answer, "a state")
    conditions.check_error(answer, answer["error"])
    return answer


def stays(club: RelyingParty, **changed: Any) -> str:
    """Nobody is redirected: a page of ours, with status 400."""
    answer = club.ask(club.vodka.browser(), **changed)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "Location" not in answer.headers
    assert "This did not work" in answer.text
    assert "http-equiv" not in answer.text
    return answer.text


def without_salt(response: TestResponse) -> str:
    """Where it leads, without `session_state`, which is another one each time."""
    return re.sub("session_state=[^&]*", "", response.headers.get("Location", ""))


@pytest.mark.parametrize("method", ["client_secret_basic", "none"], ids=["confidential", "public"])
def test_oau_03_a_code_needs_a_challenge(vodka: VodkaUnderTest, method: str) -> None:
    """RFC 9700 §2.1.1: no PKCE, no code; for confidential clients too, unless the owner switched it off."""
    club = RelyingParty.of(vodka, token_endpoint_auth_method=method, grant_types=["authorization_code"])
    told = refusal(club, code_challenge=None, code_challenge_method=None)
    assert told["error"] == "invalid_request"
    assert "S256" in told["error_description"]


@pytest.mark.parametrize("method", ["plain", None, "s256", "S512"])
def test_oau_04_only_s256(club: RelyingParty, method: str | None) -> None:
    """RFC 7636 §4.3: `plain`, which a request without a method means, is refused where the code is asked for."""
    assert refusal(club, code_challenge_method=method)["error"] == "invalid_request"


@pytest.mark.parametrize("challenge", ["short", "x" * 129, challenge_of("x" * 43) + "=", "é" * 43])
def test_oau_04_a_challenge_has_43_to_128_characters_of_its_alphabet(club: RelyingParty, challenge: str) -> None:
    """RFC 7636 §4.2."""
    assert refusal(club, code_challenge=challenge)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        f"{CALLBACK}?next=evil",
        f"{CALLBACK}/",
        f"{CALLBACK}#fragment",
        CALLBACK.replace("oidc", "OIDC"),
        CALLBACK.replace("site", "SITE"),
        CALLBACK.replace("https", "http"),
        CALLBACK.replace(".ch/", ".ch:8443/"),
        CALLBACK.replace(".ch/", ".ch:443/"),
        CALLBACK.replace(".ch/", ".ch@evil.ch/"),
        CALLBACK.replace(".ch/", ".ch/../"),
        f"{CALLBACK}%20",
        f"{CALLBACK}\\@evil.ch",
        "https://site.epfl.ch",
        UNREGISTERED,
        "javascript:alert(1)",
        "/oidc",
    ],
)
def test_oau_12_an_address_that_is_not_the_registered_one_gets_nothing(club: RelyingParty, redirect_uri: str) -> None:
    """RFC 9700 §4.1.3: compared to the letter; nobody is redirected, whatever else is in the request."""
    stays(club, redirect_uri=redirect_uri)
    stays(club, redirect_uri=redirect_uri, response_mode="form_post", prompt="none")


def test_oau_12_of_several_addresses_one_must_be_named(vodka: VodkaUnderTest) -> None:
    """RFC 6749 §3.1.2.3: with one registered it is the one; with two the request has to say which."""
    club = RelyingParty.of(vodka)
    assert club.answer(club.authorize(vodka.signed_in(), redirect_uri=None))["code"]
    stays(RelyingParty.of(vodka, redirect_uris=[CALLBACK, f"{CALLBACK}/2"]), redirect_uri=None)
    stays(RelyingParty.of(vodka, redirect_uris=[], grant_types=["client_credentials"], response_types=[]))


@pytest.mark.parametrize("registered", ["http://127.0.0.1/cb", "http://[::1]/cb"])
def test_oau_12_the_port_of_a_loopback_address_is_the_programs(vodka: VodkaUnderTest, registered: str) -> None:
    """RFC 8252 §7.3: any port at the time of the request, and nothing else of the address."""
    program = RelyingParty.of(vodka, application_type="native", redirect_uris=[registered])
    host = registered.removesuffix("/cb")
    answer = program.authorize(vodka.signed_in(), redirect_uri=f"{host}:51004/cb")
    assert answer.headers["Location"].startswith(f"{host}:51004/cb?code=")
    stays(program, redirect_uri=f"{host}:51004/other")


@pytest.mark.parametrize("response_mode", ["query", "fragment", "form_post"])
@pytest.mark.parametrize("state", ["a state", "".join(map(chr, range(0x20, 0x7F))), "é & <b>\"' 日本 +%2B", None])
def test_oau_13_state_and_issuer_in_success_and_error(club: RelyingParty, response_mode: str, state: str) -> None:
    """RFC 6749 §4.1.2, RFC 9207 §2: `state` comes back exactly, `iss` is the issuer, in each mode and in each case."""
    browser = club.vodka.signed_in()
    asked: dict[str, Any] = {"response_mode": response_mode, "state": state}
    for response in (
        club.authorize(browser, **asked),
        club.authorize(browser, prompt="consent", decision="deny", **asked),
        club.ask(browser, prompt="nonsense", **asked),
        club.ask(browser, scope="openid", response_type="id_token", **asked),
        club.ask(club.vodka.browser(), prompt="none", **asked),
    ):
        said = "fragment" if response_mode == "query" and "response_type" in str(response.headers) else response_mode
        answer = conditions.read_answer(club, response, said)
        assert answer.get("state") == state
        assert answer["iss"] == club.vodka.origin
        assert ("code" in answer) != ("error" in answer)


@pytest.mark.parametrize(
    "wrong",
    [
        {"response_type": "foo"},
        {"response_type": "code foo"},
        {"response_type": "token"},
        {"response_type": None},
        {"scope": "openid sciper"},
        {"response_mode": "foo"},
        {"prompt": "none login"},
        {"code_challenge": None},
        {"claims": "{"},
        {"id_token_hint": "x"},
    ],
    ids=repr,
)
def test_oau_14_red_29_no_error_goes_to_a_wrong_address(club: RelyingParty, wrong: dict[str, Any]) -> None:
    """RFC 6749 §4.1.2.1: whatever else is wrong, an address that is not registered is never redirected to."""
    stays(club, redirect_uri=UNREGISTERED, **wrong)
    stays(club, client_id="nobody", **wrong)
    stays(club, client_id=None, **wrong)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "foo"}, "unsupported_response_type"),
        ({"response_type": "code foo"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "foo"}, "invalid_request"),
        ({"response_mode": "query.jwt"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"max_age": "9" * 11}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": "[" * 5000}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": '{"userinfo": []}'}, "invalid_request"),
        ({"resource": "https://evil.ch/"}, "invalid_target"),
        ({"id_token_hint": "x"}, "invalid_request"),
    ],
    ids=repr,
)
def test_what_is_wrong_is_told_to_the_client(club: RelyingParty, wrong: dict[str, Any], error: str) -> None:
    """RFC 6749 §4.1.2.1: the code of the error, and a sentence that says what to do."""
    told = refusal(club, **wrong)
    assert told["error"] == error
    assert len(told["error_description"]) > 15


@pytest.mark.parametrize("repeated", ["client_id", "redirect_uri", "scope", "state", "nonce", "prompt", "unheard_of"])
def test_oau_28_a_parameter_stands_once(club: RelyingParty, repeated: str) -> None:
    """RFC 6749 §3.1: twice the same parameter is refused, unknown ones too: the page says which."""
    pairs = [*club.parameters(prompt="login", unheard_of="1").items()]
    pairs.append((repeated, dict(pairs)[repeated]))
    for answer in (
        club.vodka.browser().get("/oauth/authorize", query_string=pairs),
        club.vodka.browser().post("/oauth/authorize", data=dict(pairs) | {repeated: ["1", "2"]}),
    ):
        assert answer.status_code == 400
        assert "A parameter was sent more than once" in answer.text or repeated in answer.text
        assert "Location" not in answer.headers


def test_oau_28_a_parameter_without_a_value_was_not_sent(club: RelyingParty) -> None:
    """RFC 6749 §3.1."""
    assert club.ask(club.vodka.browser(), prompt="", max_age="", claims="").status_code == 303
    assert "state" not in conditions.read_answer(club, club.ask(club.vodka.browser(), state="", prompt="none"), "query")


@pytest.mark.parametrize(
    "wrong", [{"redirect_uri": UNREGISTERED}, {"client_id": "nobody"}, {"response_type": "foo"}, {"prompt": "x"}]
)
def test_oau_29_the_same_checks_by_post(club: RelyingParty, wrong: dict[str, str]) -> None:
    """OIDC Core §3.1.2.1: by POST as by GET, from any page; it shows the same and decides nothing."""
    browser = club.vodka.signed_in()
    headers = {"Origin": "https://evil.ch", "Sec-Fetch-Site": "cross-site"}
    posted = browser.post("/oauth/authorize", data=club.parameters(**wrong), headers=headers)
    if posted.status_code == 303 and posted.headers["Location"].startswith("/"):
        posted = browser.get(posted.headers["Location"])
    got = club.ask(browser, **wrong)
    assert posted.status_code == got.status_code
    assert without_salt(posted) == without_salt(got)


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/consent", "/oauth/account"])
def test_oau_30_no_other_site_reads_the_pages(club: RelyingParty, path: str) -> None:
    """RFC 9700 §2.6: the authorization endpoint has no CORS, not for the website's own origin either."""
    browser = club.vodka.signed_in()
    for origin in ("https://site.epfl.ch", "https://evil.ch", "null"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for answer in (
            browser.request("OPTIONS", path, headers=asked),
            browser.get(path, query_string=club.parameters(), headers={"Origin": origin}),
            browser.post(path, data=club.parameters(), headers={"Origin": origin}),
        ):
            assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("bad", ["%00", "%EF%BF%BD"], ids=["NUL", "what a proxy left of bad bytes"])
@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "nonce", "scope", "login_hint", "new", "wish"])
def test_inp_03_what_no_database_keeps_is_refused(club: RelyingParty, name: str, bad: str) -> None:
    """NUL, and what stands for bytes that were no text: 400 in each parameter, by GET and by POST."""
    browser = club.vodka.signed_in()
    body = f"client_id={club.client_id}&response_type=code&redirect_uri={CALLBACK}&{name}x=1&{name}=a{bad}"
    body = body.replace(f"{name}={club.client_id}&", "").replace(f"{name}={CALLBACK}&", "")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for answer in (
        browser.get(f"/oauth/authorize?{body}"),
        browser.post("/oauth/authorize", data=body, headers=form),
    ):
        assert answer.status_code == 400
        assert "A parameter has characters that cannot be read." in answer.text
        assert "Location" not in answer.headers


@pytest.mark.parametrize("bad", ["%ED%A0%80", "%FF"], ids=["surrogate", "no UTF-8"])
@pytest.mark.parametrize("name", ["state", "nonce", "login_hint", "claims", "acr_values", "ui_locales"])
def test_inp_03_bytes_that_are_no_text_do_no_harm(club: RelyingParty, name: str, bad: str) -> None:
    """Lone surrogates and bytes outside UTF-8, encoded or in JSON: an answer that is plain ASCII, never a fault of ours."""
    query = urlencode(club.parameters(**{name: None, "prompt": "none"}))
    told = club.vodka.browser().get(f"/oauth/authorize?{query}&{name}=a{bad}")
    assert told.status_code == 303
    assert told.headers["Location"].isascii()
    asked = {"claims": '{"userinfo": {"\\ud800": null}, "id_token": {"sub": {"value": "\\ud800"}}}'}
    assert refusal(club, prompt="none", **asked)["error"] == "login_required"


@pytest.mark.parametrize("sealed", ["", "x", "AAAA", "é", "A" * 400, "=" * 5])
def test_a_sealed_request_that_is_none_ends_on_a_page(club: RelyingParty, sealed: str) -> None:
    """Only what vodka sealed itself is read again."""
    answer = club.vodka.signed_in().get("/oauth/authorize", query_string={"wish": sealed})
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_request_that_does_not_fit_into_an_address_is_refused(club: RelyingParty) -> None:
    """What would not survive the way through the login is refused before it."""
    longest = club.vodka.means.limits.request_length
    rest = sum(len(name) + len(value) for name, value in club.parameters(state="").items())
    fits = club.ask(club.vodka.browser(), state="s" * (longest - rest))
    assert return_to.parse(unquote(fits.headers["Location"].partition("redirect=")[2])) != return_to.HOME
    assert club.ask(club.vodka.browser(), state="s" * (longest - rest + 1)).status_code == 400
    many = "".join(chr(0x4E00 + number * 37 % 20_000) for number in range(3000))
    assert club.ask(club.vodka.browser(), state=many).status_code == 400
