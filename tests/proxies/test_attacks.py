"""What a browser that lies gets from each proxy that runs here (attacks SCO-06 to SCO-17)."""

from __future__ import annotations

from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.proxies.conftest import Guarded
from tests.proxies.front import SERVERS, Front, configuration
from tests.proxying import APP, DOMAIN, IDENTITY, Protected
from tests.vodka_under_test import CAMILLE
from vodka.handoff.passing import Rule

JSON = "Accept: application/json"


def spellings(name: str) -> list[str]:
    """A name with each of its hyphens as it is, or as an underscore."""
    first, *rest = name.split("-")
    found = [first]
    for part in rest:
        found = [begin + joint + part for begin in found for joint in "-_"]
    return found


def test_sco_10_nobody_names_themselves(front: Front) -> None:
    """Headers of an identity, in any spelling, are replaced or dropped, never believed."""
    front.sign_in()
    lies = {spelling: "somebody.else@epfl.ch" for name in IDENTITY for spelling in spellings(name)}
    lies |= {name.lower(): value for name, value in lies.items()}
    sent = [f"{name}: {value}" for name, value in lies.items()]
    assert front.raw("GET /raw HTTP/1.1", JSON, *sent) == 200
    for browser in (front, front.stranger):
        told = front.told(browser.open("/open/", **lies))["headers"]
        assert "somebody.else" not in str(told)
        assert not [name for name in told if "_" in name]
        for name in IDENTITY:
            assert len(told.get(name.lower(), [""])) == 1
    assert front.told(front.open("/", **lies))["headers"]["remote-email"] == [CAMILLE]


@pytest.mark.parametrize(
    "name",
    [
        *("X-Original-Url", "X-Original-Uri", "X-Forwarded-Uri", "X-Envoy-Original-Path", "X-Rewrite-Url"),
        *("X-Original-Method", "X-Forwarded-Method", "X-Sent-From", "X-Vodka-Proxy", "X-HTTP-Method-Override"),
    ],
)
def test_sco_08_sco_09_sco_10_what_only_a_proxy_says_is_not_taken_from_a_browser(front: Front, name: str) -> None:
    """Neither does it open anything to a stranger, nor does it shut anything to somebody who is known."""
    value = {"X-Original-Url": f"{APP}open/", "X-Sent-From": "nginx-ingress-controller"}.get(name, "/open/")
    lies = [f"{spelling}: {value}" for spelling in spellings(name)]
    assert front.raw("GET /secret HTTP/1.1", JSON, *lies) == 401
    assert front.raw("GET /secret HTTP/1.1", JSON, lies[0], lies[0]) == 401
    assert front.application.asked == []
    front.sign_in()
    assert front.raw("GET /page HTTP/1.1", JSON, *lies) == 200


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Forwarded-Port", "X-Host"])
def test_sco_06_where_the_request_was_sent_is_not_the_browsers_to_say(front: Front, name: str) -> None:
    """A stranger stays one, and who is known passes."""
    for value in ("evil.ch", "http", "host=evil.ch;proto=http"):
        assert front.raw("GET /secret HTTP/1.1", JSON, f"{name}: {value}") == 401
    front.sign_in()
    assert front.raw("GET /page HTTP/1.1", JSON, f"{name}: evil.ch") == 200


@pytest.mark.parametrize(
    "named", ["X-Vodka-Proxy", "X-Original-Url", "Cookie", "Referer", "X-Forwarded-Proto", ", ".join(IDENTITY), "Host"]
)
def test_headers_that_the_browser_calls_hop_by_hop_arrive_all_the_same(front: Front, named: str) -> None:
    """RFC 9110 §7.6.1 lets a client name headers that a proxy takes away: neither the question nor the identity is its own."""
    connection = f"Connection: close, {named}"
    assert front.raw("GET /secret HTTP/1.1", JSON, connection) in (400, 401)
    assert front.application.asked == []
    front.sign_in()
    front.application.heard.clear()
    # Envoy takes the browser at its word where that harms nobody else.
    assert front.raw("GET /page HTTP/1.1", JSON, connection, "Remote-User: root") in (200, 400, 401)
    for heard in front.application.heard:
        assert heard["remote-email"] == [CAMILLE]
        assert "root" not in str(heard)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/open/../secret", id="dots"),
        pytest.param("/open/%2e%2e/secret", id="escaped dots"),
        pytest.param("/open/..%2fsecret", id="an escaped slash"),
        pytest.param("/open/%2e%2e%2fsecret", id="both"),
        pytest.param("/open/..;/secret", id="a path parameter"),
        pytest.param("/open//../secret", id="two slashes"),
        pytest.param("/open/..%5csecret", id="a backslash"),
        pytest.param("/open/..\\secret", id="a backslash as it is"),
        pytest.param("/open/%252e%252e/secret", id="escaped twice"),
        pytest.param("/./secret", id="one dot"),
        pytest.param("//secret", id="an empty segment"),
        pytest.param("/open/%0d%0aX:y", id="a line break"),
        pytest.param("/open/%00", id="NUL"),
        pytest.param("/secret#/../open/", id="a fragment"),
        pytest.param("/secret%23/../open/", id="an escaped fragment"),
        pytest.param("/open/../secret?/open/", id="a query"),
    ],
)
def test_sco_11_no_way_around_through_a_public_path(front: Front, path: str) -> None:
    """Neither a stranger nor somebody who is known gets such a request through."""
    assert front.raw(f"GET {path} HTTP/1.1", JSON) in (400, 401, 403, 404)
    front.sign_in()
    assert front.raw(f"GET {path} HTTP/1.1", JSON) in (400, 403, 404)
    assert [asked for asked in front.application.asked if "secret" in asked] == []


@pytest.mark.parametrize("target", [f"http://{DOMAIN}/secret", "http://evil.ch/secret", "*", "secret", "evil.ch:443"])
def test_sco_11_a_target_that_is_no_path_opens_nothing(front: Front, target: str) -> None:
    """RFC 9112 §3.2 knows four forms."""
    front.raw(f"GET {target} HTTP/1.1", JSON)
    assert front.application.asked == []
    front.sign_in()
    front.application.asked.clear()
    front.raw(f"GET {target} HTTP/1.1", JSON)
    assert front.application.asked in ([], ["/secret"])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "get", "CONNECT"])
def test_methods_that_the_rule_leaves_out_do_not_pass(front: Front, method: str) -> None:
    """For anybody, public or not."""
    front.sign_in()
    front.application.asked.clear()
    assert front.raw(f"{method} /open/ HTTP/1.1") in (400, 403, 404, 405, 501)
    assert front.application.asked == []


def test_sco_08_asked_without_the_proof_vodka_says_nothing(front: Front) -> None:
    """Whoever reaches its own port learns nothing, whatever cookies come along."""
    front.sign_in()
    cookies = "; ".join(f"{name}={value}" for name, value in front.cookies.items())
    connection = HTTPConnection("127.0.0.1", front.house.port, timeout=10)
    connection.request("GET", "/status", headers={"Host": DOMAIN, "X-Original-Url": APP, "Cookie": cookies})
    assert connection.getresponse().status == 403
    connection.close()


def test_sco_06_under_a_foreign_name_there_is_nothing_to_have(front: Front) -> None:
    """Some proxies answer under any name: what vodka is asked about is the configured one."""
    assert front.raw("GET /secret HTTP/1.1", JSON, host="evil.ch") in (200, 401, 403, 404, 421)
    assert front.application.asked == []
    front.sign_in()
    assert front.told(front.open("/"))["headers"]["remote-email"] == [CAMILLE]


def test_sco_13_sco_17_cookies_that_make_no_sense_are_none(front: Front) -> None:
    """A stranger, and no fault of anybody's."""
    for value in ("x", "a" * 43, "a" * 3000, '"', "%00", "é"):
        for name in ("__Host-scoped_session", "scoped_session_code", "scoped_session"):
            assert front.raw("GET / HTTP/1.1", JSON, f"Cookie: {name}={value}") in (400, 401)
    front.sign_in()
    assert front.raw("GET / HTTP/1.1", JSON, "Cookie: __Host-scoped_session=planted") in (400, 401)


@pytest.mark.parametrize("word", list(SERVERS))
def test_sco_07_an_application_in_a_folder_is_that_folder(word: str, guarded: Guarded, tmp_path: Path) -> None:
    """Everything beside it neither passes nor is asked about as if it were inside."""
    domain = f"{word}.epfl.ch"
    app = Protected.of(guarded.house.vodka, f"https://{domain}/app/", Rule(public=((),)))
    text = configuration(guarded.house, guarded.application, app, word, ("app",)).replace(DOMAIN, domain)
    guarded.application.asked.clear()
    with SERVERS[word](tmp_path, text) as port:
        front = Front(port, guarded.application, guarded.house, proxy=word)
        assert front.raw("GET /app/x HTTP/1.1", host=domain) == 200
        for path in ("/application/x", "/APP/x", "/appx", "/", "/x/app/", "/app/../x", "/app%2f../x", "//app/x"):
            front.raw(f"GET {path} HTTP/1.1", host=domain)
    assert guarded.application.asked == ["/app/x"]
