"""/status as the proxies differ: who sends the browser on, who keeps the cookie, and who proves itself by the way it came."""

from __future__ import annotations

from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import quote

import pytest

from tests.proxying import APP, DOMAIN, Protected
from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest
from vodka.handoff.passing import Rule

WAYS = ("lane", "flask")
BROWSER = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
OLD_BROWSER = {"Accept": "text/html,*/*"}
PROGRAM = {"Sec-Fetch-Mode": "cors", "Accept": "text/html"}


@pytest.fixture
def app(vodka: VodkaUnderTest) -> Protected:
    """An application at the root of its host."""
    return Protected.of(vodka)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("query", "clean"), [("", ""), ("?a=b&c=%20d", "?a=b&c=%20d"), ("?code=x", "?code=x"), ("?", "")]
)
def test_sco_19_a_code_becomes_a_cookie_and_leaves_the_address(
    vodka: VodkaUnderTest, app: Protected, way: str, query: str, clean: str
) -> None:
    """Whatever else is asked stays; the cookie is for the application alone, and dead after a minute."""
    code = app.enter(vodka.signed_in())
    mark = "&" if len(query) > 1 else "?"
    url = f"{APP}page{query.removesuffix('?')}{mark}code={code}"
    response = app.check(url, through=way, headers=BROWSER)
    assert response.status_code == 401
    assert response.headers["X-Vodka-Login"] == f"{APP}page{clean}"
    [header] = response.headers.getlist("Set-Cookie")
    cookie = SimpleCookie(header)["scoped_session_code"]
    assert (cookie.value, cookie["path"], cookie["max-age"], cookie["samesite"]) == (code, "/", "60", "Lax")
    assert cookie["httponly"]
    assert cookie["secure"]
    app.keep(response)
    assert app.check(f"{APP}page{clean}", through=way).status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_sco_19_also_who_is_let_in_already_has_the_code_taken_out(
    vodka: VodkaUnderTest, app: Protected, way: str
) -> None:
    """A second tab comes back with a code that nobody needs; the page must not see it either."""
    browser = vodka.signed_in()
    app.open(browser)
    second = app.enter(browser)
    response = app.check(f"{APP}?code={second}", through=way)
    assert (response.status_code, response.headers["X-Vodka-Login"]) == (401, APP)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_no_code_of_this_application_is_its_own_affair(vodka: VodkaUnderTest, app: Protected, way: str) -> None:
    """An application may be a client of somebody's OAuth; neither is a code taken from a form that is sent."""
    browser = vodka.signed_in()
    other = Protected.of(vodka, "https://other.epfl.ch/")
    foreign = other.enter(browser)
    app.open(browser)
    for code in (foreign, "a" * 43):
        assert app.check(f"{APP}?code={code}", through=way).status_code == 200
    mine = app.enter(browser)
    assert app.check(f"{APP}?code={mine}", through=way, headers={"X-Original-Method": "POST"}).status_code == 200


@pytest.mark.parametrize("headers", [BROWSER, OLD_BROWSER], ids=["a browser", "an old browser"])
def test_a_page_leads_on_where_the_proxy_cannot(vodka: VodkaUnderTest, app: Protected, headers: dict[str, str]) -> None:
    """Escaped, loading nothing, and with the address of the application as Referer of what comes next."""
    response = app.check(f"{APP}a'b", headers=headers)
    assert response.status_code == 401
    onward = f"{vodka.origin}/login?scope={quote(APP, safe='')}a%27b"
    assert f'content="0; url={onward}"' in unescape(response.text)
    assert f'href="{onward}"' in unescape(response.text)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in response.headers  # a promise of the application's, not of vodka's
    assert "report-uri" not in response.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in response.headers
    french = app.check(headers=headers | {"Accept-Language": "fr"})
    assert "Un instant" in french.text


@pytest.mark.parametrize(
    "headers", [PROGRAM, {"Accept": "application/json"}, {}], ids=["a script", "a program", "curl"]
)
def test_programs_are_told_and_not_led(app: Protected, headers: dict[str, str]) -> None:
    """401 without a body."""
    response = app.check(headers=headers)
    assert (response.status_code, response.data) == (401, b"")
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("way", WAYS)
def test_who_is_not_on_the_list_is_led_to_a_page_that_says_so(vodka: VodkaUnderTest, way: str) -> None:
    """403 with a way on; and none where a page would only lead back here: the method, or a form that was sent."""
    app = Protected.of(vodka, rule=Rule(addresses=frozenset({CAMILLE}), methods=frozenset({"GET", "POST"})))
    browser = vodka.signed_in()
    app.open(browser)
    vodka.write(
        """UPDATE applications SET rule = '{"addresses": ["robin.modele@epfl.ch"], "methods": ["GET", "POST"]}'"""
    )
    response = app.check(f"{APP}x", through=way, headers=BROWSER)
    assert (response.status_code, response.headers["X-Vodka-Login"]) == (
        403,
        f"{vodka.origin}/login?scope={quote(APP + 'x', safe='')}",
    )
    told = app.login(browser, f"{APP}x")
    assert told.status_code == 403
    assert "does not let your account in" in told.text
    for method in ("POST", "DELETE"):
        refused = app.check(f"{APP}x", through=way, headers=BROWSER | {"X-Original-Method": method})
        assert (refused.status_code, refused.data, refused.headers.get("X-Vodka-Login")) == (403, b"", None)


@pytest.mark.parametrize("way", WAYS)
def test_ingress_nginx_is_let_in_with_the_code_in_the_address(vodka: VodkaUnderTest, app: Protected, way: str) -> None:
    """Its 401 always leads to the sign-in, so the code is used where it stands; and once."""
    code = app.enter(vodka.signed_in())
    ingress = {"X-Sent-From": "nginx-ingress-controller", "Referer": f"{APP}?code={code}"}
    first = app.check(f"{APP}?code={code}", through=way, headers=ingress)
    assert first.status_code == 200
    assert app.check(f"{APP}?code={code}", through=way, headers=ingress).status_code == 401
    app.keep(first)
    assert app.check(f"{APP}?code={code}", through=way, headers=ingress).status_code == 200
    elsewhere = app.enter(vodka.signed_in(ROBIN, ip="192.0.2.12"))
    app.cookies = {}
    away = app.check(f"{APP}?code={elsewhere}", through=way, headers=ingress | {"Referer": "https://evil.ch/"})
    assert away.status_code == 403


@pytest.mark.parametrize("way", WAYS)
def test_envoy_asks_behind_the_path_of_the_question(vodka: VodkaUnderTest, app: Protected, way: str) -> None:
    """The path that the server decoded is escaped again and read as strictly as any other."""
    app.open(vodka.signed_in())
    named = {"X-Original-Url": "", "X-Forwarded-Proto": "https", "Host": DOMAIN}
    assert app.check(through=way, below="/a b/c", headers=named, query_string="x=y").status_code == 200
    assert app.check(through=way, below="/", headers=named).status_code == 200
    for below in ("/a/../b", "//b", "/a\\b", "/%2e%2e/b", "/a/..;/b"):
        assert app.check(through=way, below=below, headers=named).status_code == 403
    assert app.check(through=way, below="/", headers=named | {"X-Forwarded-Proto": ""}).status_code == 403
    assert app.check(through=way, below="/", headers=named | {"X-Original-Url": APP}).status_code == 403
    app.cookies = {}
    assert app.check(through=way, below="/", headers=named, method="POST").status_code == 401


@pytest.mark.parametrize("way", WAYS)
def test_sco_08_who_may_open_the_socket_file_is_a_proxy(vodka: VodkaUnderTest, way: str) -> None:
    """Where the owner says so; a proxy that speaks for the whole world over that file says for whom, and is none."""
    app = Protected.of(vodka, networks=("unix",))
    app.open(vodka.signed_in())
    app.secret = ""
    here = {"through": way, "environ_base": {"REMOTE_ADDR": ""}}
    assert app.check(**here).status_code == 200
    assert app.check(**here, headers={"X-Forwarded-For": "192.0.2.9"}).status_code == 403
    assert app.check(through=way).status_code == 403
    plain = Protected.of(vodka, "https://other.epfl.ch/", networks=("10.0.0.0/8",))
    plain.secret = ""
    assert plain.check(**here).status_code == 403
