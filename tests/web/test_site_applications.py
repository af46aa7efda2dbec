"""/websites/<n>/applications: what a website keeps behind a proxy, as those who keep it set it up."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.proxying import APP, DOMAIN, Protected
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, VodkaUnderTest, hidden_value
from vodka.handoff.snippets import PROXIES
from vodka.onetime import digest


@pytest.fixture
def owner(vodka: VodkaUnderTest) -> Browser:
    """Robin, signed in, who keeps hello.epfl.ch."""
    vodka.site(DOMAIN, ROBIN)
    return vodka.signed_in(ROBIN)


def path_of(owner: Browser) -> str:
    return f"/websites/{owner.vodka.rows('SELECT MIN(id) AS id FROM websites')[0]['id']}/applications"


def send(owner: Browser, path: str, **fields: Any) -> TestResponse:
    """Send the first form of the page with these fields."""
    return owner.post(path, data={"csrf_token": hidden_value(owner.get(path).text, "csrf_token")} | fields)


def make(owner: Browser, **changed: Any) -> TestResponse:
    seen = hidden_value(owner.get(path_of(owner)).text, "seen")
    return send(owner, path_of(owner), **{"url": APP, "seen": seen} | changed)


def made(response: TestResponse) -> str:
    """The secret on the page."""
    assert response.status_code == 200, response.text
    [secret] = set(re.findall(r"vodka-proxy-[A-Za-z0-9_-]{43}", response.text))
    return secret


def rule(owner: Browser) -> dict[str, Any]:
    [row] = owner.vodka.rows("SELECT rule FROM applications")
    found: dict[str, Any] = json.loads(row["rule"])
    return found


def test_from_nothing_to_somebody_who_passes(vodka_on_each: VodkaUnderTest) -> None:
    """An application is put behind vodka on the page; the secret that it showed is enough to let somebody in."""
    vodka_on_each.site(DOMAIN, ROBIN)
    owner = vodka_on_each.signed_in(ROBIN)
    response = make(owner, addresses=CAMILLE)
    secret = made(response)
    assert response.headers["Cache-Control"] == "no-store"
    [row] = owner.vodka.rows("SELECT id FROM applications")
    [kept] = owner.vodka.rows("SELECT digest, hint FROM proxy_secrets")
    assert (bytes(kept["digest"]), kept["hint"]) == (digest(secret), secret[-4:])
    app = Protected(vodka_on_each, row["id"], secret)
    assert app.open(vodka_on_each.signed_in(ip="192.0.2.11")).status_code == 200
    shown = owner.get(path_of(owner)).text
    assert APP in shown
    assert "one address" in shown
    assert secret not in owner.get(f"{path_of(owner)}/{row['id']}").text


def test_a_reload_makes_no_second_application(owner: Browser) -> None:
    """The same form again says so; and where a secret stood there is nothing to see."""
    shown = owner.get(path_of(owner)).text
    form = {name: hidden_value(shown, name) for name in ("seen", "csrf_token")} | {"url": f"{APP}a/"}
    made(owner.post(path_of(owner), data=form))
    again = owner.post(path_of(owner), data=form | {"url": f"{APP}b/"})
    assert again.status_code == 400
    assert "have changed since" in again.text
    assert len(owner.vodka.rows("SELECT 1 FROM applications")) == 1


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        pytest.param("url", "https://elsewhere.ch/", "not on the domain", id="another domain"),
        pytest.param("url", "http://hello.epfl.ch/", "does not begin with https", id="plain http"),
        pytest.param("url", f"{APP}?x=y", "cannot be used", id="a query"),
        pytest.param("sections", "S\u202eC", "no such word", id="a section that turns the line around"),
        pytest.param("groups", "<script>", "no such word", id="a group"),
        pytest.param("addresses", "somebody@gmail.com", "address", id="a foreign address"),
        pytest.param("public", "../up", "not a path below", id="a path upwards"),
        pytest.param("public", "a?b", "not a path below", id="a path with a query"),
        pytest.param("public", "/", "not a path below", id="everything"),
        pytest.param("methods", "get", "not a method", id="a method in small letters"),
        pytest.param("networks", "10.0.0.1/8", "not a network", id="a network with a host"),
    ],
)
def test_what_is_mistyped_is_said_at_its_place(owner: Browser, field: str, typed: str, said: str) -> None:
    """400, nothing made, and what was typed is still there."""
    response = make(owner, **{field: typed})
    assert response.status_code == 400
    assert said in response.text
    assert f'id="{field}-problem"' in response.text
    assert owner.vodka.rows("SELECT 1 FROM applications") == []


def test_who_may_pass_is_changed_at_once(owner: Browser) -> None:
    """All parts of the form are kept, shown again, and count at the next check."""
    app = Protected(owner.vodka, 1, made(make(owner)))
    assert app.open(owner.vodka.signed_in(ip="192.0.2.11")).status_code == 200
    here = f"{path_of(owner)}/1"
    fields = {
        "students": "on",
        "sections": "SC\r\nIN",
        "groups": "MA4",
        "addresses": ROBIN,
        "public": "/static/img\r\nopen",
    }
    saved = send(owner, here, methods="GET\nHEAD", networks="10.0.0.0/8\nunix", **fields)
    assert saved.headers["Location"] == f"{here}?done=saved#done"
    assert rule(owner) == {
        "students": True,
        "sections": ["IN", "SC"],
        "groups": ["MA4"],
        "addresses": [ROBIN],
        "public": [["static", "img"], ["open"]],
        "methods": ["GET", "HEAD"],
    }
    shown = owner.get(f"{here}?done=saved").text
    for words in ("static/img\nopen", "IN\nSC", "10.0.0.0/8\nunix", "GET\nHEAD", "Saved."):
        assert words in shown
    assert "students, IN, SC, MA4, one address" in shown
    send(owner, here, addresses=ROBIN)
    assert app.check().status_code == 403
    wrong = send(owner, here, networks="unix\nmoon")
    assert wrong.status_code == 400
    assert "Line 2" in wrong.text
    assert app.check().status_code == 403


def test_two_secrets_live_and_end_at_once(owner: Browser) -> None:
    """A second for the change, no third; a removed one opens nothing, and the other goes on."""
    first = made(make(owner))
    here = f"{path_of(owner)}/1"
    shown = owner.get(here).text
    form = {name: hidden_value(shown, name) for name in ("seen", "csrf_token")}
    second = made(owner.post(f"{here}/secrets", data=form))
    again = owner.post(f"{here}/secrets", data=form)
    assert (again.status_code, "secrets have changed" in again.text) == (400, True)
    assert "Two live already" in owner.get(here).text
    assert owner.get(f"{here}/secrets").headers["Location"] == here
    app, other = Protected(owner.vodka, 1, first), Protected(owner.vodka, 1, second)
    assert (app.check().status_code, other.check().status_code) == (401, 401)
    gone = send_to(owner, here, f"{here}/secrets/1/remove")
    assert gone.headers["Location"] == f"{here}?done=removed#done"
    assert (app.check().status_code, other.check().status_code) == (403, 401)


def test_taken_from_behind_vodka_nobody_passes(owner: Browser) -> None:
    """At once, also for who was inside."""
    app = Protected(owner.vodka, 1, made(make(owner)))
    assert app.open(owner.vodka.signed_in(ip="192.0.2.11")).status_code == 200
    gone = send_to(owner, f"{path_of(owner)}/1", f"{path_of(owner)}/1/delete")
    assert gone.headers["Location"] == f"{path_of(owner)}?done=deleted#done"
    assert app.check().status_code == 403
    assert owner.get(f"{path_of(owner)}/1").status_code == 404


@pytest.mark.parametrize("word", PROXIES)
def test_the_configuration_of_each_proxy_is_ready_to_be_copied(owner: Browser, word: str) -> None:
    """With the application's own values, and a place for the secret, which it does not show."""
    secret = made(make(owner, url=f"{APP}wiki/"))
    page = owner.get(f"{path_of(owner)}/1/setup", query_string={"for": word})
    assert page.status_code == 200
    assert "THE_SECRET" in page.text
    assert DOMAIN in page.text
    assert secret not in page.text


def test_nobody_else_sees_any_of_it(owner: Browser) -> None:
    """404 for who does not keep the website, and for numbers that are none; a stranger signs in first."""
    made(make(owner))
    there = path_of(owner)
    other = owner.vodka.signed_in(ip="192.0.2.11")
    for path in (there, f"{there}/1", f"{there}/1/setup", f"{there}/1/secrets"):
        assert other.get(path).status_code == 404
        assert owner.vodka.browser().get(path).status_code == 303
    assert owner.get(f"{there}/2").status_code == 404
    assert owner.get(f"{there}/1/setup?for=lighttpd").status_code == 404
    assert send_to(owner, f"{there}/1", f"{there}/1/secrets/99/remove").status_code == 404


def send_to(owner: Browser, shown: str, path: str) -> TestResponse:
    """Press a button of a page, that is a form of its token alone."""
    return owner.post(path, data={"csrf_token": hidden_value(owner.get(shown).text, "csrf_token")})
