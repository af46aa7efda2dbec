"""Which attacks an installation gives occasion for, and what their answers mean: pure values, no line is opened."""

from __future__ import annotations

import pytest

from vodka.adapters.wire.exchange import Answer
from vodka.handoff import scope
from vodka.handoff.applications import Application
from vodka.handoff.passing import Rule
from vodka.handoff.probing.attack import Attack, Group, Kind
from vodka.handoff.probing.attacks import all_of
from vodka.handoff.probing.ground import Ground
from vodka.handoff.probing.verdicts import Verdict, judge
from vodka.handoff.scope import Scope

ISSUER = "https://vodka.epfl.ch"
HOST = "hello.epfl.ch"
MARKER = "qwertzuiopasdfghjkly"
COOKIE = "__Host-scoped_session=" + "B" * 43


def ground(*public: str, url: str = f"https://{HOST}", segments: tuple[str, ...] = (), **more: object) -> Ground:
    """The application at this address, with these public paths."""
    rule = Rule(public=tuple(tuple(path.split("/")) for path in public))
    area = Scope(url, segments)
    given: dict[str, object] = {"page": area.path, "marker": MARKER} | more
    return Ground(Application(1, 1, HOST, area, rule, ()), ISSUER, **given)


def attack(kind: Kind = Kind.CLOSED, path: str = "/", tls_name: str | None = None) -> Attack:
    """Any of this kind."""
    return Attack(Group.PATH, "word", "says", b"", kind, path=path, tls_name=tls_name)


@pytest.mark.parametrize(
    "here",
    [
        pytest.param(ground(), id="nothing is public"),
        pytest.param(
            ground("open", "static/css", cookie=COOKIE, direct=("http://127.0.0.1:1",)), id="everything given"
        ),
        pytest.param(ground("static", "x.css", segments=("app",)), id="below a path"),
        pytest.param(ground("open", url="http://localhost:8080", page="/admin/"), id="on somebody's own machine"),
    ],
)
def test_each_attack_has_a_name_of_its_own_and_one_line_of_request(here: Ground) -> None:
    """Ids are what an operator looks for; requests end where they end, and carry the cookie only where they should."""
    attacks = all_of(here)
    ids = [each.id for each in attacks]
    assert len(ids) == len(set(ids))
    assert {each.group for each in attacks} >= set(Group) - {Group.DIRECT, Group.KEPT}
    for each in attacks:
        assert b"\n\n" in each.request.replace(b"\r", b"") or each.id == "line-http-0.9"
        if COOKIE.encode() in each.request:
            assert each.kind in (Kind.OPEN, Kind.HINT, Kind.ASKING_OPEN)
            assert each.tls_name is None


@pytest.mark.parametrize("public", ["open", "deep/er", "OPEN", "static", "%20"])
def test_sco_11_no_attack_asks_for_what_is_open(public: str) -> None:
    """Where vodka itself lets a stranger in, an answer is no break-in; what lies outside is somebody else's."""
    here = ground("open", public, segments=("app",))
    for each in all_of(here):
        place = scope.read(here.origin + each.path)
        if each.kind is Kind.CLOSED and each.group in (Group.ADDRESS, Group.PATH) and place is not None:
            assert here.application.scope.covers(place)
            assert place.segments[1:2] != ("open",)
            assert place.segments[1 : 1 + len(public.split("/"))] != tuple(public.split("/"))


def test_an_application_in_the_clear_knows_no_tls() -> None:
    """Its attacks leave that out."""
    words = {each.id for each in all_of(ground(url="http://localhost:8080"))}
    assert not any(word.startswith("tls-") for word in words)
    assert "tls-none" in {each.id for each in all_of(ground())}


def answer(status: int | None, body: bytes = b"", silent: bool = False, **headers: str) -> Answer:
    """An answer with these headers."""
    return Answer(status, tuple((name.replace("_", "-"), value) for name, value in headers.items()), body, silent)


LOGIN = f"{ISSUER}/login?scope=https%3A%2F%2Fhello.epfl.ch%2F"
ARRIVED = f"<p>{MARKER}.remote-user {MARKER}.remote-user {MARKER}.remote-name".encode()


@pytest.mark.parametrize(
    ("made", "came", "verdict"),
    [
        (attack(), answer(200), Verdict.IN),
        (attack(), answer(204), Verdict.IN),
        (attack(), answer(101), Verdict.IN),
        (attack(), answer(404, ARRIVED), Verdict.IN),
        *((attack(), answer(status), Verdict.REFUSED) for status in (400, 401, 403, 405, 414, 421, 426, 431, 501, 505)),
        *((attack(), answer(status), Verdict.LOOK) for status in (404, 429, 500, 502, 304)),
        (attack(), answer(303, location=LOGIN), Verdict.REFUSED),
        (attack(), answer(303, location=f"{ISSUER}.evil.ch/login?scope=x"), Verdict.LOOK),
        (attack(path="//a/../b"), answer(301, location="/b"), Verdict.REFUSED),
        (attack(path="/a\\b%20c"), answer(308, location="https://hello.epfl.ch/a/b%20c"), Verdict.REFUSED),
        (attack(path="/a?x=y&code=123"), answer(303, location="https://hello.epfl.ch/a?x=y"), Verdict.REFUSED),
        (attack(path="/a"), answer(302, location="/home"), Verdict.LOOK),
        (attack(path="/a"), answer(302, location="//evil.ch/a"), Verdict.LOOK),
        (attack(path="/a"), answer(302, location="http://hello.epfl.ch/a"), Verdict.LOOK),
        (attack(path="/a"), answer(302, location="https://[/a"), Verdict.LOOK),
        (attack(), answer(None), Verdict.REFUSED),
        (attack(), answer(None, silent=True), Verdict.LOOK),
        (attack(), answer(None, b"<p>hello"), Verdict.LOOK),
        (attack(), answer(None, b"<html><head><title>401 Authorization Required"), Verdict.REFUSED),
        (attack(), None, Verdict.LOOK),
        (attack(tls_name=""), None, Verdict.REFUSED),
        (attack(Kind.UNHEARD), answer(401), Verdict.REFUSED),
        (attack(Kind.UNHEARD), answer(403), Verdict.LOOK),
        (attack(Kind.UNHEARD), answer(200), Verdict.IN),
        (attack(Kind.OPEN), answer(200, b"hello"), Verdict.REFUSED),
        (attack(Kind.OPEN), answer(404), Verdict.REFUSED),
        (attack(Kind.OPEN), answer(500), Verdict.LOOK),
        (attack(Kind.OPEN), answer(200, ARRIVED), Verdict.IN),
        (attack(Kind.HINT), answer(200, ARRIVED), Verdict.LOOK),
        (attack(Kind.HINT), answer(200), Verdict.REFUSED),
        (attack(Kind.ELSEWHERE), answer(200, b"Welcome"), Verdict.LOOK),
        (attack(Kind.ELSEWHERE), answer(200), Verdict.REFUSED),
        (attack(Kind.ELSEWHERE), answer(404), Verdict.REFUSED),
        (attack(Kind.ELSEWHERE), answer(200, ARRIVED), Verdict.IN),
        (attack(Kind.ASKING), answer(404), Verdict.REFUSED),
        (attack(Kind.ASKING), answer(401), Verdict.REFUSED),
        (attack(Kind.ASKING), answer(401, x_vodka_login=LOGIN), Verdict.IN),
        (attack(Kind.ASKING), answer(200), Verdict.IN),
        (attack(Kind.ASKING_OPEN), answer(200), Verdict.REFUSED),
        (attack(Kind.ASKING_OPEN), answer(404), Verdict.REFUSED),
        (attack(Kind.ASKING_OPEN), answer(200, remote_user=""), Verdict.IN),
        (attack(Kind.DIRECT), None, Verdict.REFUSED),
        (attack(Kind.DIRECT), answer(None), Verdict.REFUSED),
        (attack(Kind.DIRECT), answer(401), Verdict.REFUSED),
        (attack(Kind.DIRECT), answer(302, location=LOGIN), Verdict.REFUSED),
        (attack(Kind.DIRECT), answer(302, location="/home"), Verdict.IN),
        (attack(Kind.DIRECT), answer(404), Verdict.IN),
        (attack(Kind.DIRECT), answer(400), Verdict.LOOK),
    ],
)
def test_what_an_answer_means(made: Attack, came: Answer | None, verdict: Verdict) -> None:
    """Break-in, refusal, or something to look at."""
    assert judge(made, came, ground("open"), answer(401)).verdict is verdict


def test_where_everybody_gets_a_403_one_more_says_nothing() -> None:
    """A method or a path that the rule leaves out."""
    assert judge(attack(Kind.UNHEARD), answer(403), ground(), answer(403)).verdict is Verdict.REFUSED


def test_a_proxy_that_hands_on_all_of_a_refusal_is_no_open_place() -> None:
    """Where the plain answer has vodka's headers too, they prove nothing."""
    handed_on = answer(401, x_vodka_login=LOGIN)
    assert judge(attack(Kind.ASKING), handed_on, ground(), handed_on).verdict is Verdict.REFUSED


def test_what_arrived_is_named() -> None:
    """Each header once, and not more than a line of them."""
    many = b" ".join(f"{MARKER}.x-{letter}".encode() for letter in "abcdefg")
    assert judge(attack(), answer(200, ARRIVED), ground(), answer(401)).why == (
        "what the browser wrote arrived: remote-user, remote-name"
    )
    assert judge(attack(), answer(200, many), ground(), answer(401)).why.endswith(
        ": x-a, x-b, x-c, x-d, x-e and 2 more"
    )
