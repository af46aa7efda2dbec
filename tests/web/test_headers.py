"""The headers of every answer: pages, data, redirects, files and errors of every kind."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, Browser, VodkaUnderTest
from vodka.web.plumbing.security_headers import completed

CONSENT = "/authorize?redirect=https://site.epfl.ch/cb"
# Method, path, status: at least one answer of every kind and status that vodka gives.
ANSWERS = [
    ("GET", "/", 303),
    ("GET", "/login", 200),
    ("GET", "/login/code", 200),
    ("GET", "/authorize?redirect=https://evil.ch/", 400),
    ("GET", "/logout", 200),
    ("GET", "/auth/logout", 200),
    ("GET", "/data?domain=site.epfl.ch", 401),
    ("POST", "/auth/ask", 415),
    ("POST", "/auth/answer", 415),
    ("POST", "/login", 415),
    ("GET", "/auth/ask", 405),
    ("PUT", "/login", 405),
    ("GET", "/nothing-here", 404),
    ("GET", "/static/nothing.css", 404),
    ("GET", "/static/css/vodka.css", 200),
    ("GET", "/.well-known/jwks.json", 200),
    ("HEAD", "/.well-known/jwks.json", 200),
    ("GET", "/.well-known/security.txt", 200),
    ("GET", "/public-key", 200),
    ("GET", "/healthz/live", 200),
    ("GET", "/healthz/ready", 200),
    ("POST", "/csp-report", 204),
    ("OPTIONS", "/login", 200),
]
POWERS = ("camera", "geolocation", "microphone", "payment", "usb")


def directives(response: TestResponse) -> dict[str, str]:
    """The content policy of an answer: directive → its sources."""
    policies = response.headers.getlist("Content-Security-Policy")
    assert len(policies) == 1
    parts = (part.strip().partition(" ") for part in policies[0].split(";"))
    return {name: sources for name, _, sources in parts}


def check_every_answer(response: TestResponse, *, https: bool = True) -> None:
    """What holds for every answer, whatever it is (HDR-02, HDR-05)."""
    headers = response.headers
    expected = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"}
    assert {name: headers.getlist(name) for name in expected} == {name: [value] for name, value in expected.items()}
    assert headers["Cross-Origin-Resource-Policy"] in ("same-origin", "cross-origin")
    assert all(f"{power}=()" in headers["Permissions-Policy"] for power in POWERS)
    assert "Cookie" in headers["Vary"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers.getlist("Strict-Transport-Security") == (["max-age=63072000; includeSubDomains"] if https else [])
    # HDR-05: nobody learns what vodka is made of
    assert not re.search(r"werkzeug|python|flask|granian|\d+\.\d+\.\d+", headers.get("Server", ""), re.I)
    assert "X-Powered-By" not in headers


def check_page(response: TestResponse) -> None:
    """What holds for every HTML page (HDR-01, HDR-03, HDR-04)."""
    policy = directives(response)
    assert policy["default-src"] == policy["base-uri"] == policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["report-uri"] == "/csp-report"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS, ids=[" ".join(map(str, answer)) for answer in ANSWERS])
def test_hdr_02_every_answer_carries_the_headers(browser: Browser, method: str, path: str, status: int) -> None:
    """200 to 415, page, JSON, redirect, file or nothing: the same headers, each once."""
    headers = {"Origin": browser.vodka.origin} if method == "POST" else {}
    response = browser.request(method, path, headers=headers, buffered=True)
    assert response.status_code == status
    check_every_answer(response)
    if response.mimetype == "text/html":
        check_page(response)
    elif method != "OPTIONS":
        assert directives(response) == {"default-src": "'none'", "frame-ancestors": "'none'"}


def test_hdr_02_so_do_the_answers_of_a_whole_visit(vodka: VodkaUnderTest) -> None:
    """Asking, answering, consenting, too much at once and a foreign host: none of them forgets a header."""
    vodka.site()
    browser = vodka.browser()
    answers = [browser.ask(), browser.ask(), browser.answer("000000"), browser.answer(browser.code())]
    shown = browser.consent_page()
    answers += [browser.get("/"), browser.get(CONSENT), browser.get("/data?domain=site.epfl.ch")]
    answers += [shown.decide("accept"), shown.decide("accept"), shown.decide("accept", csrf_token="x")]
    answers += [browser.post("/auth/ask", data=b"x" * 17000, content_type="application/json")]
    answers += [browser.get("/login", headers={"Host": "evil.ch"}), browser.get("/logout")]
    found = [answer.status_code for answer in answers]
    assert found == [201, 429, 401, 200, 200, 200, 200, 303, 410, 403, 413, 400, 200]
    for answer in answers:
        check_every_answer(answer)


def test_hdr_01_every_page_of_a_visit_has_the_policy(vodka: VodkaUnderTest) -> None:
    """Each HTML page, signed in or not, forbids inline code, frames, bases and objects, and names where to report."""
    vodka.site()
    browser = vodka.browser()
    pages = [browser.get("/login"), browser.post("/login", data={"email": "nonsense"})]
    browser.ask()
    pages += [browser.get("/login/code"), browser.post("/login/code", data={"attempt": "000000"})]
    pages += [browser.get("/link/unknown")]
    browser.answer(browser.code())
    pages += [browser.get(path) for path in ("/", CONSENT, "/authorize", "/nothing-here")]
    pages += [browser.get("/logout", headers={"Sec-Fetch-Site": "cross-site"}), browser.get("/logout")]
    for page in pages:
        assert page.mimetype == "text/html"
        check_page(page)
        assert not re.search(r"<script(?![^>]*\ssrc=)|\son[a-z]+=|\sstyle=|<style|javascript:", page.text)


@pytest.mark.parametrize(
    ("path", "may_lead_away"),
    [("/login", True), ("/login/code", True), (CONSENT, True), ("/", False), ("/nothing-here", False)],
)
def test_hdr_01_forms_stay_here_unless_they_end_at_a_website(
    vodka: VodkaUnderTest, path: str, may_lead_away: bool
) -> None:
    """`form-action 'self'` stands on every page but those whose form may end at a website (traps C10)."""
    vodka.site()
    browser = vodka.browser()
    browser.ask()
    if path in ("/", CONSENT):
        browser.answer(browser.code())
    assert directives(browser.get(path)).get("form-action") == (None if may_lead_away else "'self'")


def test_hdr_04_personal_answers_are_never_kept(vodka: VodkaUnderTest) -> None:
    """Whatever shows the person, in whatever shape, is no-store."""
    vodka.site()
    browser = vodka.browser()
    browser.ask()
    answers = [browser.answer(browser.code())]
    answers += [browser.get(path) for path in ("/", CONSENT, "/data?domain=site.epfl.ch", "/nothing-here")]
    for answer in answers:
        assert CAMILLE in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert browser.authorize().headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["css/vodka.css", "js/code-input.js", "img/favicon.svg"])
def test_files_may_be_kept_for_a_year(browser: Browser, name: str) -> None:
    """Style, scripts and pictures are public and long-lived: their URLs hold a digest of the content."""
    response = browser.get(f"/static/{name}?v=abc", buffered=True)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000"
    assert "Set-Cookie" not in response.headers
    check_every_answer(response)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "BREW", "DELETE", "PATCH", "M" * 500])
def test_hdr_06_odd_methods_are_refused(browser: Browser, method: str) -> None:
    """405 with Allow, on pages, programs, files and keys; nothing of the request comes back (TRACE)."""
    for path in ("/login", "/auth/ask", "/static/css/vodka.css", "/.well-known/jwks.json"):
        sent = {"X-Probe": "echo-me", "Origin": browser.vodka.origin}
        response = browser.client.open(path, method=method, base_url=browser.vodka.origin, headers=sent)
        assert response.status_code in (403, 405), path
        assert "echo-me" not in response.text
        check_every_answer(response)


def test_hdr_07_security_txt_is_valid(start: Start) -> None:
    """RFC 9116: Contact, Expires in the future and within a year, Canonical, as plain text."""
    browser = start(security_contact="https://vodka.epfl.ch/security").browser()
    response = browser.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in response.text.splitlines())
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "https://vodka.epfl.ch/security"
    assert fields["Canonical"] == "https://vodka.epfl.ch/.well-known/security.txt"
    assert 0 < (datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)).days < 365


def test_hdr_07_security_txt_falls_back_to_the_sender_of_mails(browser: Browser) -> None:
    """Without a contact of its own a deployment is reached at the address that mails come from."""
    assert "Contact: mailto:vodka@epfl.ch\n" in browser.get("/.well-known/security.txt").text


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/debug",
        "/debug/",
        "/console",
        "/.git",
        "/.git/HEAD",
        "/.env",
        "/dev/mailbox",
        "/dev/mailbox.json",
        "/healthz",
        "/healthz/",
        "/static/../vodka.db",
        "/static/%2e%2e/vodka/settings.py",
    ],
)
def test_hdr_08_nothing_inner_is_public(browser: Browser, path: str) -> None:
    """Operators' pages, repositories, files outside static/ and the development mailbox: 404 in production."""
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/healthz/live", "/healthz/ready"])
def test_hdr_08_health_tells_no_details(browser: Browser, path: str) -> None:
    """Alive and ready, by whatever host name they are asked, and not one word more."""
    response = browser.get(path, headers={"Host": "10.0.0.7:8000"})
    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_hdr_09_a_logout_clears_no_cookies_of_all_epfl(vodka: VodkaUnderTest) -> None:
    """Clear-Site-Data names cache and storage: "cookies" would sign people out of every host below epfl.ch."""
    for path in ("/auth/logout", "/logout"):
        cleared = vodka.signed_in(ip=f"192.0.2.{len(path)}").get(path).headers["Clear-Site-Data"]
        assert cleared == '"cache", "storage"'
        vodka.write("DELETE FROM questions")


def test_plain_http_promises_no_https(start: Start) -> None:
    """The development profile sends no HSTS (RFC 6797 §7.2), and everything else."""
    browser = start(profile="development", base_url="http://localhost:8000", smtp_url="").browser()
    for path in ("/login", "/nothing-here", "/.well-known/jwks.json", "/dev/mailbox"):
        check_every_answer(browser.get(path), https=False)


def test_a_route_that_sets_its_own_referrer_policy_keeps_it_alone() -> None:
    """Of two, browsers follow the last (Referrer Policy §8.1)."""
    sent = completed([("Content-Type", "text/html"), ("Referrer-Policy", "same-origin")], https=True)
    assert [value for name, value in sent if name == "Referrer-Policy"] == ["same-origin"]
