"""What people and programs are told when something does not work: a sentence, a code, a reference; never anything inner."""

from __future__ import annotations

import logging
import re

import pytest
from flask import Flask
from werkzeug.exceptions import ImATeapot
from werkzeug.test import TestResponse

from tests.vodka_under_test import Browser, VodkaUnderTest
from tests.web.test_headers import check_every_answer
from vodka.web.plumbing.errors import JsonBlueprint

INNER = re.compile(
    r"sql|traceback|\.py\b|line \d|exception|werkzeug|flask|jinja|/work|site-packages|0x[0-9a-f]{6}|secret is", re.I
)
BIG = b"x" * 17_000

# Method, path, keyword arguments, status, code: each fault on a route for programs and on one for people.
FAULTS = [
    pytest.param("GET", "/auth/ask", {}, 405, "method_not_allowed", id="405 for a program"),
    pytest.param("DELETE", "/data", {}, 405, "method_not_allowed", id="405 for a program that wants to delete"),
    pytest.param("POST", "/healthz/live", {}, 405, "method_not_allowed", id="405 at a health check"),
    pytest.param("POST", "/auth/ask", {"data": "x"}, 415, "unsupported_media_type", id="415 for a program"),
    pytest.param("POST", "/auth/ask", {"json": []}, 400, "bad_json", id="400 for a program"),
    pytest.param(
        "POST", "/auth/ask", {"data": BIG, "content_type": "application/json"}, 413, "too_large", id="413 for a program"
    ),
    pytest.param("GET", "/data", {}, 401, "not_authenticated", id="401 for a program"),
    pytest.param("POST", "/auth/ask", {"headers": {"Origin": "null"}}, 403, "foreign_origin", id="403 for a program"),
    pytest.param("GET", "/data", {"headers": {"Host": "evil.ch"}}, 400, "unknown_host", id="foreign host, a program"),
    pytest.param("PUT", "/login", {}, 405, None, id="405 for a person"),
    pytest.param("GET", "/nothing", {}, 404, None, id="404 for a person"),
    pytest.param("GET", "/auth/nothing", {}, 404, None, id="404 near the routes for programs"),
    pytest.param("POST", "/login", {"json": {}}, 415, None, id="415 for a person"),
    pytest.param(
        "POST",
        "/login",
        {"data": BIG, "content_type": "application/x-www-form-urlencoded"},
        413,
        None,
        id="413, person",
    ),
    pytest.param("POST", "/login", {"data": {"x": "y"}}, 400, None, id="400 for a person"),
    pytest.param("POST", "/authorize", {"data": {"x": "y"}}, 401, None, id="401 for a person"),
    pytest.param("POST", "/login", {"headers": {"Origin": "https://evil.ch"}}, 403, None, id="403 for a person"),
    pytest.param("GET", "/login", {"headers": {"Host": "evil.ch"}}, 400, None, id="foreign host, a person"),
]


def reference_in(response: TestResponse) -> str:
    """The reference number that a page shows."""
    found = re.search(r'class="reference">.*?<span class="mono">([^<]+)</span>', response.text, re.DOTALL)
    assert found is not None
    return found[1]


def check_surface(response: TestResponse, code: str | None) -> None:
    """JSON with code and sentence for programs, a page with sentence, way on and reference for people."""
    check_every_answer(response)
    assert not INNER.search(response.text)
    if code is None:
        assert response.mimetype == "text/html"
        assert 'class="button primary"' in response.text
        assert reference_in(response)
    else:
        assert response.json is not None
        assert response.json["error"] == code
        assert set(response.json) <= {"error", "message", "hint"}
        assert response.json["message"].endswith((".", "?"))


@pytest.mark.parametrize(("method", "path", "sent", "status", "code"), FAULTS)
def test_every_fault_is_told_on_its_surface(
    browser: Browser, method: str, path: str, sent: dict[str, object], status: int, code: str | None
) -> None:
    """The same status and headers everywhere; JSON where programs ask, a page where people do."""
    headers = {"Origin": browser.vodka.origin} | dict(sent.pop("headers", {}) if "headers" in sent else {})
    response = browser.request(method, path, headers=headers, **sent)
    assert response.status_code == status
    check_surface(response, code)


def test_405_names_what_is_allowed(browser: Browser) -> None:
    """RFC 9110 §15.5.6: Allow lists the methods of the route."""
    allowed = browser.get("/auth/ask").headers["Allow"].split(", ")
    assert sorted(allowed) == ["OPTIONS", "POST"]


def test_a_page_in_french(vodka: VodkaUnderTest) -> None:
    """Sentences are in the reader's language, codes are not."""
    browser = vodka.browser(language="fr-CH")
    assert "Il n’y a rien" in browser.get("/nothing").text
    answer = browser.get("/data").json
    assert answer is not None
    assert answer["error"] == "not_authenticated"
    assert answer["message"] != "Please sign in first."


def test_the_reference_leads_to_the_log(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    """The number on the page stands in the log line of that very request."""
    with caplog.at_level(logging.INFO, logger="vodka"):
        shown = reference_in(browser.get("/nothing"))
    assert [record.getMessage() for record in caplog.records] == [f"refused not_found: 'NotFound', reference {shown}"]


def add_faults(app: Flask) -> None:
    """Two routes that fail as code can fail, one for people and one for programs."""

    def fail() -> str:
        raise RuntimeError("the secret is 4711, SELECT * FROM users")

    def unusual() -> str:
        raise ImATeapot("short and stout")

    programs = JsonBlueprint("programs", __name__)
    programs.get("/fails.json")(fail)
    app.register_blueprint(programs)
    app.add_url_rule("/fails", view_func=fail)
    app.add_url_rule("/teapot", view_func=unusual)


def test_an_unexpected_exception_says_nothing(vodka: VodkaUnderTest, caplog: pytest.LogCaptureFixture) -> None:
    """500 with a fixed sentence: no message, no class, no SQL, no file of ours; the log has it under the reference."""
    add_faults(vodka.app)
    browser = vodka.signed_in()
    page, data = browser.get("/fails"), browser.get("/fails.json")
    assert (page.status_code, data.status_code) == (500, 500)
    check_surface(page, None)
    check_surface(data, "internal")
    assert "Something went wrong on our side. Nothing was shared." in page.text
    assert "4711" not in page.text + data.text
    reference = reference_in(page)
    assert any(reference in record.getMessage() and record.exc_info for record in caplog.records)


def test_an_exception_in_the_middle_leaves_nothing_half_done(vodka: VodkaUnderTest) -> None:
    """After a 500 the session lives and the next request works."""
    add_faults(vodka.app)
    browser = vodka.signed_in()
    browser.get("/fails")
    assert browser.get("/").status_code == 200


def test_an_unusual_status_becomes_a_plain_refusal(vodka: VodkaUnderTest) -> None:
    """What vodka has no sentence for is a 400 with the general one."""
    add_faults(vodka.app)
    response = vodka.browser().get("/teapot")
    assert response.status_code == 400
    assert "stout" not in response.text
    check_surface(response, None)


def test_an_error_page_that_fails_is_still_an_error_page(vodka: VodkaUnderTest) -> None:
    """Where even the page of a 404 fails (here: its session), the answer is the plain 500 page with every header."""
    browser = vodka.signed_in()
    vodka.write("UPDATE sessions SET last_used_at = 'no moment'")
    response = browser.get("/nothing")
    assert response.status_code == 500
    check_surface(response, None)


def test_too_much_at_once_says_how_long_to_wait(vodka: VodkaUnderTest) -> None:
    """429 carries Retry-After in whole seconds, on the JSON surface and on the page."""
    browser = vodka.browser()
    browser.ask()
    data = browser.ask()
    page = browser.post("/login", data={"email": "camille.exemple@epfl.ch"})
    assert (data.status_code, page.status_code) == (429, 429)
    assert data.json is not None
    assert data.json["error"] == "asked_too_soon"
    for response in (data, page):
        assert 1 <= int(response.headers["Retry-After"]) <= 30
        check_every_answer(response)
