"""The example website in front of a real server in vodka's place: signing in, being refused, signing out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from examples.website.app import create_app
from tests.examples.fake_vodka import JWKS, FakeVodka, claims_of, header_of, sign
from tests.examples.visit import SITE, Visit, is_gentle
from tests.servers.components import free_port, wait_until

APP = Path(__file__).resolve().parents[2] / "examples/website/app.py"


def test_somebody_signs_in_on_real_servers(vodka: FakeVodka, tmp_path: Path) -> None:
    """`python app.py` as the README says: to vodka, back with a token, greeted, signed out; the token is in no log."""
    port = free_port()
    site, log = f"http://127.0.0.1:{port}", tmp_path / "log"
    command = [sys.executable, str(APP)]
    with log.open("wb") as output, requests.Session() as browser:
        environ = os.environ | {"VODKA_URL": vodka.url, "SITE_URL": site}
        with subprocess.Popen(command, env=environ, stdout=output, stderr=output) as process:
            try:
                wait_until(lambda: answers(site), process, log.read_text)
                assert "Sign in with vodka" in browser.get(site, timeout=5).text
                signed_in = browser.get(f"{site}/login", timeout=5)
                again = browser.get(f"{site}/callback?token={vodka.token}&state=x", timeout=5)
                signed_out = browser.post(f"{site}/logout", timeout=5)
            finally:
                process.terminate()
    assert signed_in.url == f"{site}/"
    assert [step.status_code for step in signed_in.history] == [303, 303, 303]
    assert "Hello Camille" in signed_in.text
    assert again.status_code == 400
    assert "Sign in with vodka" in signed_out.text
    assert "sign-in refused" in log.read_text()
    assert vodka.token.split(".")[2] not in log.read_text()


def answers(url: str) -> bool:
    """Whether somebody listens there."""
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def test_leaving_for_vodka(visit: Visit) -> None:
    """A 303 to vodka's /authorize with this site's callback and two values that are new each time."""
    first, answer = visit.leave(), visit.browser.get("/login")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(
        f"{visit.vodka.url}/authorize?redirect={quote(SITE, safe='')}%2Fcallback&"
    )
    second = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    assert len({first["state"], first["nonce"], second["state"], second["nonce"]}) == 4
    assert min(len(first["state"]), len(first["nonce"])) >= 43, "256 bits"


def test_the_site_shows_what_it_received(visit: Visit) -> None:
    """Greeted by name, with each value and the id; what vodka does not know is said, not hidden."""
    answer = visit.sign_in(user={"firstName": "Camille", "student": True, "section": None})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    for words in ("Hello Camille", "Student</dt><dd>yes", "Section</dt><dd>not known", "Zm9v"):
        assert words in visit.home()


def test_somebody_without_a_name_is_greeted_too(visit: Visit) -> None:
    """The name is optional at vodka."""
    visit.sign_in(user={"student": False})
    assert "<h1>Hello</h1>" in visit.home()
    assert "Student</dt><dd>no" in visit.home()


def test_a_name_is_text(visit: Visit) -> None:
    """Whatever the values hold, it is shown and never run."""
    visit.sign_in(user={"firstName": "<script>alert(1)</script>", "<b>": "{{7*7}}"})
    page = visit.browser.get("/").text
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{7*7}}" in page


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"state": ""}, id="empty state"),
        pytest.param({"state": "x" * 43}, id="another state"),
        pytest.param({"state": "é\ud7ff\0"}, id="a state that is not ASCII"),
        pytest.param({"state": None}, id="no state"),
    ],
)
def test_a_state_of_another_browser_is_refused(visit: Visit, query: dict[str, Any]) -> None:
    """A good token does not count when this browser did not ask; the pending sign-in stays usable."""
    visit.leave()
    assert is_gentle(visit.come_back(token=visit.token(), **query))
    assert "Sign in with vodka" in visit.home()
    assert visit.come_back(token=visit.token()).status_code == 303


def test_a_parameter_given_twice_is_refused(visit: Visit) -> None:
    """Two states or two tokens: nobody can say which one counts."""
    visit.leave()
    assert is_gentle(visit.browser.get(f"/callback?state={visit.state}&state={visit.state}&token={visit.token()}"))
    assert is_gentle(visit.come_back(token=[visit.token(), visit.token(jti="j-2")]))


def test_without_the_cookie_nothing_counts(visit: Visit) -> None:
    """A link with token and state, opened in another browser, signs nobody in (login CSRF)."""
    visit.leave()
    token = visit.token()
    visit.browser.delete_cookie("site")
    assert is_gentle(visit.come_back(token=token))


def test_a_nonce_of_another_sign_in_is_refused(visit: Visit) -> None:
    """The right state with a token that was made for another sign-in."""
    visit.leave()
    assert is_gentle(visit.come_back(token=visit.token(nonce="another")))


def test_tok_03_a_token_for_another_site_is_refused(visit: Visit) -> None:
    """A site that got a token cannot spend it here."""
    assert is_gentle(visit.sign_in(aud="http://localhost:9999"))


def test_tok_04_a_token_works_once_even_with_the_old_cookie(visit: Visit) -> None:
    """Neither reloading the address nor putting the old cookie back signs in a second time."""
    visit.leave()
    token, cookie = visit.token(), visit.browser.get_cookie("site")
    assert cookie is not None
    assert visit.come_back(token=token).status_code == 303
    assert is_gentle(visit.come_back(token=token))
    visit.browser.set_cookie("site", cookie.value)
    assert is_gentle(visit.come_back(token=token))


def test_tok_08_no_token_makes_the_site_fetch_anything_else(visit: Visit) -> None:
    """A key address inside the token is never asked: the log of the server it names stays empty but for our own JWKS."""
    visit.leave()
    claims = claims_of(iss=visit.vodka.url, aud=SITE, now=int(time.time()), nonce=visit.nonce)
    addresses = {"jku": f"{visit.vodka.url}/evil.json", "x5u": f"{visit.vodka.url}/evil.pem"}
    assert is_gentle(visit.come_back(token=sign(header_of(**addresses), claims)))
    assert visit.vodka.asked() == [JWKS]


@pytest.mark.parametrize("token", ["", "x", "é.é.é", "\ud7ff", "A" * 60_000, "../../..", "e30.e30.e30"])
def test_rubbish_is_refused(visit: Visit, token: str) -> None:
    """Never an error 500, and one page for all."""
    visit.leave()
    assert is_gentle(visit.come_back(token=token))


def test_no_token_is_refused(visit: Visit) -> None:
    """Nor does any other error than `denied` pass for a decision."""
    visit.leave()
    assert is_gentle(visit.come_back(error="server_error"))


def test_denying_is_a_good_answer(visit: Visit) -> None:
    """Back at the first page, with a friendly word, once; the sign-in is over."""
    visit.leave()
    answer = visit.come_back(error="denied")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "nothing was shared" in visit.home()
    assert "nothing was shared" not in visit.home()
    assert is_gentle(visit.come_back(token=visit.token()))


def test_a_denial_that_nobody_asked_for_is_refused(visit: Visit) -> None:
    """Its state must match, like a token's."""
    visit.leave()
    assert is_gentle(visit.come_back(error="denied", state="x"))


def test_the_session_is_fresh(visit: Visit) -> None:
    """After signing in, nothing is left of what the browser had before."""
    with visit.browser.session_transaction() as before:
        before["visitor"], before["cart"] = {"sub": "somebody else", "user": {}}, ["a book"]
    visit.sign_in()
    with visit.browser.session_transaction() as after:
        assert set(after) == {"visitor"}
        assert after["visitor"]["sub"] == "Zm9v"


def test_signing_out(visit: Visit) -> None:
    """A form of the site does it; one of another site, or a link, does not."""
    visit.sign_in()
    assert visit.browser.get("/logout").status_code == 405
    visit.browser.post("/logout", headers={"Sec-Fetch-Site": "cross-site"})
    visit.browser.post("/logout", headers={"Sec-Fetch-Site": "same-site"})
    assert "Hello Camille" in visit.home()
    answer = visit.browser.post("/logout", headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Hello" not in visit.home()


@pytest.mark.parametrize("path", ["/", "/login", "/callback"])
def test_red_34_the_headers_of_every_answer(visit: Visit, path: str) -> None:
    """No copy, no referrer, no script, no frame: on pages, on redirects and on refusals."""
    headers = visit.browser.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_the_cookie_over_https(vodka: FakeVodka) -> None:
    """Bound to the host, unreadable for scripts, sent with a top-level navigation from vodka."""
    app = create_app({"VODKA_URL": vodka.url, "SITE_URL": "https://club.epfl.ch", "SITE_SECRET": "s" * 32})
    cookie = app.test_client().get("/login").headers["Set-Cookie"]
    assert cookie.startswith("__Host-site=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_the_secret_decides_whose_cookies_count(vodka: FakeVodka) -> None:
    """With SITE_SECRET a session survives a restart; without it, no other process can guess the key."""

    def kept(first: dict[str, str], second: dict[str, str]) -> bool:
        visit = Visit(vodka, create_app({"VODKA_URL": vodka.url} | first).test_client())
        visit.sign_in()
        cookie = visit.browser.get_cookie("site")
        assert cookie is not None
        later = create_app(second).test_client()
        later.set_cookie("site", cookie.value)
        return "Hello Camille" in later.get("/").text

    assert kept({"SITE_SECRET": "s" * 32}, {"SITE_SECRET": "s" * 32})
    assert not kept({"SITE_SECRET": "s" * 32}, {"SITE_SECRET": "t" * 32})
    assert not kept({}, {})


def test_tok_18_the_log_names_the_reason_and_not_the_token(visit: Visit, caplog: pytest.LogCaptureFixture) -> None:
    """An operator sees why somebody was refused; who reads the log cannot use it."""
    visit.leave()
    token = visit.token(aud="http://localhost:9999")
    visit.come_back(token=token)
    assert "sign-in refused: does not hold: aud" in caplog.text
    assert not any(part in caplog.text for part in [*token.split("."), visit.state, visit.nonce])
