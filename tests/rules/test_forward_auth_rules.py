"""What proxies say, and who may pass, as tables (FLOWS; SCO-09, SCO-10, SCO-17)."""

from __future__ import annotations

import pytest

from vodka.handoff import dialects, scope
from vodka.handoff.passing import Person, Rule, Verdict, verdict
from vodka.handoff.scope import Scope

URL = "https://hello.epfl.ch/app/x?y=1"
HOST = {"x-forwarded-proto": "https", "x-forwarded-host": "hello.epfl.ch"}
CAMILLE = Person("camille.exemple@epfl.ch", is_student=True, section="SC", groups=frozenset({"chess"}))
STAFF = Person("dominique.staff@epfl.ch", is_student=False, section=None)


@pytest.mark.parametrize(
    ("headers", "method"),
    [
        pytest.param({"x-original-url": URL}, "GET", id="X-Original-Url"),
        pytest.param({"x-original-url": URL, "x-original-method": "POST"}, "POST", id="with its method"),
        pytest.param(HOST | {"x-original-uri": "/app/x?y=1"}, "GET", id="X-Original-URI"),
        pytest.param(
            HOST | {"x-forwarded-uri": "/app/x?y=1", "x-forwarded-method": "PUT"}, "PUT", id="X-Forwarded-Uri"
        ),
        pytest.param(
            {
                "host": "hello.epfl.ch",
                "x-forwarded-proto": "https",
                ":method": "DELETE",
                ":below": "/app/x",
                ":query": "y=1",
            },
            "DELETE",
            id="Envoy",
        ),
    ],
)
def test_each_proxy_is_understood(headers: dict[str, str], method: str) -> None:
    """The same request in each dialect."""
    found = dialects.read(headers)
    assert found is not None
    assert (found.place.path, found.place.query, found.method) == ("/app/x", "y=1", method)
    assert found.place.host == "hello.epfl.ch"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"x-original-url": URL, "x-forwarded-uri": "/"} | HOST, id="two dialects"),
        pytest.param({"x-original-url": f"{URL}, {URL}"}, id="two headers, joined by a comma"),
        pytest.param({"x_original_url": URL}, id="an underscore"),
        pytest.param({"x-original-uri": "/app"}, id="no host"),
        pytest.param({"x-original-url": URL, "x-original-method": "GET\r\n"}, id="no method"),
        pytest.param({"x-original-url": URL, "x-original-method": "get"}, id="a method in small letters"),
    ],
)
def test_sco_09_sco_10_what_is_unclear_is_nothing(headers: dict[str, str]) -> None:
    """Two of something mean that one is a stranger's."""
    assert dialects.read(headers) is None


def test_sco_12_the_referer_is_read_as_strictly() -> None:
    """An address, or nothing."""
    found = dialects.read({"x-original-url": URL, "referer": "https://hello.epfl.ch/app/#top"})
    assert found is not None
    assert found.referer is not None
    assert found.referer.path == "/app/"
    odd = dialects.read({"x-original-url": URL, "referer": "javascript:x"})
    assert odd is not None
    assert odd.referer is None


@pytest.mark.parametrize(
    ("rule", "path", "method", "person", "expected"),
    [
        pytest.param(Rule(), "x", "GET", None, Verdict.SIGN_IN, id="a stranger"),
        pytest.param(Rule(), "x", "GET", STAFF, Verdict.ADMIT, id="any member"),
        pytest.param(Rule(students=True), "x", "GET", STAFF, Verdict.REFUSE, id="students only, and staff"),
        pytest.param(Rule(students=True), "x", "GET", CAMILLE, Verdict.ADMIT, id="students only, and a student"),
        pytest.param(Rule(sections=frozenset({"SC"})), "x", "GET", CAMILLE, Verdict.ADMIT, id="her section"),
        pytest.param(Rule(sections=frozenset({"IN"})), "x", "GET", CAMILLE, Verdict.REFUSE, id="another section"),
        pytest.param(Rule(addresses=frozenset({STAFF.email})), "x", "GET", STAFF, Verdict.ADMIT, id="listed"),
        pytest.param(Rule(groups=frozenset({"chess"})), "x", "GET", CAMILLE, Verdict.ADMIT, id="in the group"),
        pytest.param(
            Rule(students=True, addresses=frozenset({STAFF.email})),
            "x",
            "GET",
            STAFF,
            Verdict.ADMIT,
            id="one of two ways",
        ),
        pytest.param(Rule(public=(("open",),)), "open/x", "GET", None, Verdict.ADMIT, id="a public path"),
        pytest.param(Rule(public=(("open",),)), "opened", "GET", None, Verdict.SIGN_IN, id="a longer name"),
        pytest.param(Rule(methods=frozenset({"GET"})), "x", "DELETE", CAMILLE, Verdict.REFUSE, id="another method"),
    ],
)
def test_who_may_pass(rule: Rule, path: str, method: str, person: Person | None, expected: Verdict) -> None:
    """Nothing said is any member; each list is one more way in; public paths need no login."""
    place = scope.read(f"https://hello.epfl.ch/app/{path}")
    assert place is not None
    assert verdict(rule, Scope("https://hello.epfl.ch", ("app",)), place, method, person) == expected
