"""Requests that another site caused (NOTES: csrftoken; ASVS 3.5), and what other sites may read: nothing here (CORS)."""

from __future__ import annotations

import re

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.vodka_under_test import ORIGIN, ROBIN, Browser, VodkaUnderTest

UNSAFE = ["/authorize", "/logout", "/account/sessions/end-all", "/account/sessions/end-others"]
END_ALL = "/account/sessions/end-all"
CLOSED = [
    "/login",
    "/authorize?redirect=https://site.epfl.ch/cb",
    "/data?domain=site.epfl.ch",
    "/auth/ask",
    "/auth/answer",
]
STRANGERS = [
    pytest.param("https://evil.ch", id="evil"),
    pytest.param("null", id="null"),
    pytest.param("https://sub.vodka.epfl.ch", id="a sub-domain"),
    pytest.param("https://vodka.epfl.ch.evil.ch", id="our name in front of theirs"),
    pytest.param("https://VODKA.EPFL.CH", id="our name in capitals"),
    pytest.param("http://vodka.epfl.ch", id="without the s"),
    pytest.param("https://vodka.epfl.ch:8443", id="another port"),
    pytest.param("https://vodka.epfl.ch.", id="a trailing dot"),
    pytest.param("https://vodka.epfl.ch/", id="a trailing slash"),
    pytest.param("", id="empty"),
]


def token_of(browser: Browser) -> str:
    """The csrftoken that this browser holds."""
    return browser.cookie("csrftoken") or ""


def test_csr_01_every_unsafe_route_is_guarded(vodka: VodkaUnderTest) -> None:
    """A route that takes POST, PUT, PATCH or DELETE either wants the token or says why it acts on no session."""
    browser = vodka.signed_in()
    unguarded = []
    for rule in vodka.app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            view = vodka.app.view_functions[rule.endpoint]
            excused = getattr(view, "no_csrf_token", "") or getattr(view, "from_anywhere", "")
            path = re.sub("<[^>]*>", "1", str(rule))
            answer = browser.request(method, path, headers={"Origin": ORIGIN}, data={"x": "y"})
            if not excused and answer.status_code != 403:
                unguarded.append((method, path, answer.status_code))
    assert unguarded == []
    assert browser.is_signed_in()


@pytest.mark.parametrize("path", UNSAFE)
@pytest.mark.parametrize("shown", [None, "", "wrong", "é", "\ud800"], ids=["none", "empty", "wrong", "odd", "broken"])
def test_csr_01_without_its_token_nothing_happens(vodka: VodkaUnderTest, path: str, shown: str | None) -> None:
    """A session alone is not enough for an unsafe method: 403, and the session lives."""
    browser = vodka.signed_in()
    form = {"decision": "accept"} if shown is None else {"csrf_token": shown.encode("utf-8", "surrogatepass")}
    response = browser.post(path, data=form)
    assert response.status_code == 403
    assert browser.is_signed_in()


def test_csr_02_the_token_of_another_session_is_worthless(vodka: VodkaUnderTest) -> None:
    """A token is bound to its session: another person's, however genuine, is 403, also as a planted cookie."""
    browser, other = vodka.signed_in(), vodka.signed_in(ROBIN, ip="192.0.2.20")
    browser.set_cookie("csrftoken", token_of(other))
    for sent in ({"data": {"csrf_token": token_of(other)}}, {"headers": {"X-CSRFToken": token_of(other)}}):
        assert browser.post(END_ALL, **({"data": {"x": ""}} | sent)).status_code == 403
    assert browser.is_signed_in()


def test_csr_04_the_token_changes_with_each_login(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """The token from before a new login no longer counts (ASVS 7.2.4)."""
    browser = vodka.signed_in()
    before = token_of(browser)
    freezer.tick(31)
    browser.log_in()
    assert token_of(browser) != before
    assert browser.post(END_ALL, data={"csrf_token": before}).status_code == 403
    assert browser.post(END_ALL, data={"csrf_token": token_of(browser)}).status_code == 200


@pytest.mark.parametrize("way", ["header", "form"])
def test_csr_05_the_token_is_taken_from_header_and_form(vodka: VodkaUnderTest, way: str) -> None:
    """NOTES: a custom header X-CSRFToken, or a hidden field; each is enough by itself."""
    browser = vodka.signed_in()
    token = token_of(browser)
    response = (
        browser.post("/logout", headers={"X-CSRFToken": token}, data={"scope": ""})
        if way == "header"
        else browser.post("/logout", data={"csrf_token": token})
    )
    assert response.status_code == 200
    assert not browser.is_signed_in()


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
def test_csr_06_a_method_cannot_be_put_on_like_a_hat(vodka: VodkaUnderTest, method: str) -> None:
    """X-HTTP-Method-Override and `_method` change nothing: the method is the one of the request line."""
    browser = vodka.signed_in()
    hats = {"X-HTTP-Method-Override": method, "X-Method-Override": method, "X-HTTP-Method": method}
    assert browser.get(f"{END_ALL}?_method={method}", headers=hats).status_code == 405
    form = {"csrf_token": token_of(browser), "_method": "GET"}
    # As the POST that it is, this form has a field too many.
    assert browser.post("/logout", data=form, headers={"X-HTTP-Method-Override": "GET"}).status_code == 400
    assert browser.is_signed_in()


@pytest.mark.parametrize("origin", STRANGERS)
def test_csr_07_a_foreign_origin_is_refused_even_with_the_token(vodka: VodkaUnderTest, origin: str) -> None:
    """Origin must be ours to the letter: 403 whatever else the request holds, no mail, and the session lives."""
    browser = vodka.signed_in()
    waiting = len(vodka.rows("SELECT * FROM outbox_mails"))
    for path in (*UNSAFE, "/auth/ask", "/auth/answer", "/login", "/login/code"):
        sent = {"data": {"csrf_token": token_of(browser)}} if path in UNSAFE else {"json": {"email": ROBIN}}
        response = browser.post(path, headers={"Origin": origin}, **sent)
        assert response.status_code == 403, path
    assert browser.is_signed_in()
    assert len(vodka.rows("SELECT * FROM outbox_mails")) == waiting


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="no Origin, as plain clients"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="no Origin, same-origin"),
        pytest.param({"Sec-Fetch-Site": "none"}, 200, id="no Origin, typed by the person"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="no Origin, from a sibling host"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="no Origin, cross-site"),
        pytest.param({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, 403, id="our Origin, and yet cross-site"),
        pytest.param({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200, id="null, as our own pages send it"),
        pytest.param({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403, id="null, from a sandbox elsewhere"),
        pytest.param({"Origin": "null", "Sec-Fetch-Site": "none"}, 403, id="null, from nowhere"),
    ],
)
def test_csr_07_a_missing_origin_counts_only_with_the_token(
    vodka: VodkaUnderTest, headers: dict[str, str], status: int
) -> None:
    """Without Origin the bound token is enough, and without the token it is always 403."""
    browser = vodka.signed_in()
    without = browser.request("POST", END_ALL, headers=headers, data={"x": ""})
    assert without.status_code == 403
    response = browser.request("POST", END_ALL, headers=headers, data={"csrf_token": token_of(browser)})
    assert response.status_code == status


def allowances(response: TestResponse) -> list[str]:
    """The headers of an answer by which it would let other sites in."""
    return [name for name in response.headers.keys() if name.lower().startswith("access-control-")]  # noqa: SIM118


@pytest.mark.parametrize("origin", [*STRANGERS, pytest.param("https://site.epfl.ch", id="a verified website")])
def test_cor_02_cor_04_other_sites_may_read_nothing(vodka: VodkaUnderTest, origin: str) -> None:
    """No answer of these routes names any origin, neither to a request nor to a preflight, signed in or not."""
    vodka.site()
    browser = vodka.signed_in()
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-csrftoken"}
    for path in (*CLOSED, "/auth/logout", "/nothing", "/logout"):
        read = browser.get(path, headers={"Origin": origin})
        preflight = browser.request("OPTIONS", path, headers=asked)
        assert allowances(read) == allowances(preflight) == [], path
        assert preflight.status_code in (200, 404), path


def test_cor_04_what_everybody_may_read_is_sent_without_credentials(browser: Browser) -> None:
    """The keys are for every origin, and exactly therefore never with credentials (Fetch standard)."""
    for path in ("/.well-known/jwks.json", "/public-key"):
        response = browser.get(path, headers={"Origin": "https://evil.ch"})
        assert response.headers["Access-Control-Allow-Origin"] == "*", path
        assert allowances(response) == ["Access-Control-Allow-Origin"], path


def test_cor_05_plain_clients_need_no_origin(browser: Browser) -> None:
    """A program without Origin may ask for a code; cookies alone never suffice for what acts on a session."""
    assert browser.request("POST", "/auth/ask", json={"email": ROBIN}).status_code == 201
    signed_in = browser.vodka.signed_in(ip="192.0.2.30")
    assert signed_in.request("POST", END_ALL, data={"x": ""}).status_code == 403


def test_cor_07_a_private_network_preflight_gets_no_allowance(browser: Browser) -> None:
    """A public page may not reach into the network that vodka stands in through somebody's browser."""
    headers = {"Origin": "https://evil.ch", "Access-Control-Request-Method": "GET"}
    for path in (*CLOSED, "/.well-known/jwks.json"):
        response = browser.request(
            "OPTIONS", path, headers=headers | {"Access-Control-Request-Private-Network": "true"}
        )
        assert "Access-Control-Allow-Private-Network" not in response.headers, path
        assert "Access-Control-Allow-Credentials" not in response.headers, path


def test_the_development_profile_knows_its_own_origin(start: Start) -> None:
    """On plain http the origin with its port is ours, and nothing else is."""
    vodka = start(profile="development", base_url="http://localhost:8000", smtp_url="")
    browser = vodka.browser()
    assert browser.ask().status_code == 201
    assert browser.ask(headers={"Origin": "http://localhost:8001"}).status_code == 403
