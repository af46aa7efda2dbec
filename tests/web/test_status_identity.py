"""What an application behind a proxy is told of who passes, and what an owner can put there (SCO-22)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from pytest_httpserver import HTTPServer

from tests.conftest import Start
from tests.proxying import APP, DOMAIN, Protected, identity_of
from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest, write_people
from vodka import janitor
from vodka.db import commit
from vodka.errors import InvalidInput
from vodka.handoff import applications
from vodka.handoff.identity import TYP
from vodka.handoff.passing import Rule
from vodka.handoff.scoped import store as scoped
from vodka.keys.tokens import Kind, TokenRefused, verify
from vodka.websites import store

WAYS = ["lane", "flask"]


@pytest.fixture
def app(vodka: VodkaUnderTest) -> Protected:
    """Camille, let in at an application at the root of its host."""
    found = Protected.of(vodka)
    assert found.open(vodka.signed_in()).status_code == 200
    return found


def claims_of(vodka: VodkaUnderTest, token: str, host: str = DOMAIN) -> dict[str, Any]:
    """What X-Vodka-Identity says, checked as an application would."""
    kind = Kind(typ=TYP, algorithms=("ES256",))
    with vodka.app.app_context():
        return verify(token, kind, vodka.means.keyring.find, issuer=vodka.origin, audience=host)


@pytest.mark.parametrize("way", WAYS)
def test_flows_a_follow_up_request_passes(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, way: str) -> None:
    """200, no cookie, no-store, and who it is: in headers of plain ASCII, and signed for this host."""
    app = Protected.of(vodka)
    app.open(vodka.signed_in(ROBIN))
    response = app.check(f"{APP}deep/page?x=y", through=way)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert "Cookie" in response.headers["Vary"]  # attacks SCO-22
    told = identity_of(response)
    assert told | {"X-Vodka-Identity": "", "Remote-User": ""} == {
        "Remote-User": "",
        "Remote-Email": ROBIN,
        "Remote-Name": "Robin Mod%C3%A8le",
        "Remote-Groups": "student,EDIC",
        "X-Vodka-Identity": "",
    }
    claims = claims_of(vodka, told["X-Vodka-Identity"])
    assert claims["sub"] == told["Remote-User"]
    assert claims["exp"] - claims["iat"] == 60
    assert claims["user"] == {
        "email": ROBIN,
        "firstName": "Robin",
        "lastName": "Modèle",
        "student": True,
        "section": "EDIC",
    }
    with pytest.raises(TokenRefused):
        claims_of(vodka, told["X-Vodka-Identity"], "other.epfl.ch")


def test_the_signed_identity_is_used_again_for_ten_seconds(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """The very same, then a new one; at once a new one where what it says has changed."""
    app = Protected.of(vodka)
    app.open(vodka.signed_in())
    first = identity_of(app.check())["X-Vodka-Identity"]
    freezer.tick(9)
    assert identity_of(app.check())["X-Vodka-Identity"] == first
    freezer.tick(1)
    second = identity_of(app.check())["X-Vodka-Identity"]
    assert second != first
    vodka.write("UPDATE person_records SET person = json_set(person, '$.section', 'IN')")
    changed = identity_of(app.check())
    assert changed["Remote-Groups"] == "student,IN"
    assert claims_of(vodka, changed["X-Vodka-Identity"])["user"]["section"] == "IN"


def test_only_what_was_agreed_to_goes_out(vodka: VodkaUnderTest) -> None:
    """A website that learns that somebody is a student, and no more, gets no identifier either."""
    app = Protected.of(vodka, wanted=("student",), grade="anonymous")
    told = identity_of(app.open(vodka.signed_in()))
    named = ("Remote-User", "Remote-Email", "Remote-Name")
    assert {told[name] for name in named} == {""}
    assert told["Remote-Groups"] == "student"
    claims = claims_of(vodka, told["X-Vodka-Identity"])
    assert set(claims) == {"iss", "aud", "iat", "exp", "user"}


@pytest.mark.parametrize("way", WAYS)
def test_what_the_directory_said_is_read_anew_every_day(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, way: str
) -> None:
    """Who stops being a student is not let in as one for the rest of the session; nor is the record kept for longer."""
    app = Protected.of(vodka, rule=Rule(students=True))
    app.open(vodka.signed_in())
    person = {"email": CAMILLE, "sciper": "399001", "firstName": "Camille", "lastName": "Exemple", "student": False}
    write_people(vodka.people, [person])
    freezer.tick(86399)
    assert app.check(through=way).status_code == 200
    freezer.tick(1)
    assert app.check(through=way).status_code == 403
    vodka.write("DELETE FROM person_records")
    assert app.check(through=way).status_code == 403


def test_an_address_that_went_on_brings_nobody_elses_name(vodka: VodkaUnderTest, app: Protected) -> None:
    """The directory knows another person under it by now."""
    vodka.write("UPDATE person_records SET person = json_set(person, '$.sciper', '399777')")
    told = identity_of(app.check())
    assert (told["Remote-Name"], told["Remote-Groups"]) == ("", "")


@pytest.mark.parametrize(
    ("group", "status"), [("MA4", 200), ("SC", 200), ("student", 200), ("EDOC", 403), ("member", 403)]
)
def test_what_the_directory_calls_somebody_is_a_way_in(vodka: VodkaUnderTest, group: str, status: int) -> None:
    """The level, the section and the affiliation."""
    app = Protected.of(vodka, rule=Rule(groups=frozenset({group})))
    assert app.login(vodka.signed_in()).status_code == status


def test_use_is_noted_every_ten_minutes(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Roughly, since it costs a write."""
    app = Protected.of(vodka)
    app.open(vodka.signed_in())
    for minutes, noted in ((9, "09:00:00"), (1, "09:10:00"), (5, "09:10:00")):
        freezer.tick(timedelta(minutes=minutes))
        assert app.check().status_code == 200
        [row] = vodka.rows("SELECT last_used_at FROM scoped_sessions")
        assert noted in str(row["last_used_at"])


@pytest.mark.parametrize(
    ("raw", "networks", "code"),
    [
        pytest.param("https://elsewhere.epfl.ch/", (), "scope_elsewhere", id="another domain"),
        pytest.param(f"https://{DOMAIN}/a%20b/", (), "scope_path", id="a path that cookies cannot carry"),
        pytest.param(f"https://{DOMAIN}/" + "a" * 300, (), "scope_path", id="a path that is too long"),
        pytest.param(APP, (), "scope_overlaps", id="around another one"),
        pytest.param(f"https://{DOMAIN}/app/x/", (), "scope_overlaps", id="inside another one"),
        pytest.param(f"https://{DOMAIN}/other/", ("10.0.0.1/8",), "network_bad", id="no network"),
    ],
)
def test_what_cannot_be_put_behind_a_proxy(
    vodka: VodkaUnderTest, raw: str, networks: tuple[str, ...], code: str
) -> None:
    """Two applications of one website never overlap: which rule counts must be plain."""
    Protected.of(vodka, f"https://{DOMAIN}/app/")
    with vodka.app.app_context():
        website = store.get_claim(DOMAIN)
        with pytest.raises(InvalidInput) as refused:
            applications.create(website, raw, Rule(), networks, 1, development=False, limits=vodka.means.limits)
    assert refused.value.code == code


def test_a_proxy_has_two_secrets_for_rotation(vodka: VodkaUnderTest, app: Protected) -> None:
    """Both are good; a third is not made."""
    with vodka.app.app_context():
        website = store.get_claim(DOMAIN)
        second = applications.make_secret(website, app.number, 1, vodka.means.limits)
        commit()
        with pytest.raises(InvalidInput):
            applications.make_secret(website, app.number, 1, vodka.means.limits)
    assert app.check(headers={"X-Vodka-Proxy": second}).status_code == 200
    assert app.check().status_code == 200


def test_on_a_developers_machine_it_works_over_plain_http(start: Start) -> None:
    """The cookie has the bare name, and no Secure."""
    vodka = start(profile="development", base_url="http://localhost:8000", smtp_url="", email_domains=("epfl.ch",))
    app = Protected.of(vodka, "http://localhost:5000/")
    browser = vodka.browser()
    browser.ask()
    [mail] = browser.get("/dev/mailbox.json").get_json()
    assert browser.answer(mail["code"]).status_code == 200
    response = app.open(browser)
    assert response.headers["Set-Cookie"].startswith("scoped_session=")
    assert "Secure" not in response.headers["Set-Cookie"]
    assert app.check().status_code == 200
    header = json.loads(urlsafe_b64decode(identity_of(app.check())["X-Vodka-Identity"].partition(".")[0] + "=="))
    assert header["alg"] == "ES256"


def test_an_outage_of_the_directory_shuts_nobody_out(
    freezer: FrozenDateTimeFactory, start: Start, httpserver: HTTPServer
) -> None:
    """What it said last counts on, and it is not asked at every check; who depends on it and was never known does not pass."""
    vodka = start(limits={"keyring_cache": 10**6}, directory="search-api", directory_url=httpserver.url_for("/"))
    httpserver.expect_request("/").respond_with_data("", status=503)
    app = Protected.of(vodka, wanted=("email",))
    app.open(vodka.signed_in())
    asked = len(httpserver.log)
    for _ in range(5):
        assert identity_of(app.check())["Remote-Email"] == CAMILLE
    assert len(httpserver.log) == asked
    freezer.tick(vodka.means.limits.breaker_pause)
    assert app.check().status_code == 200
    vodka.write("""UPDATE applications SET rule = '{"students": true}'""")
    assert app.check().status_code == 403


def test_nothing_that_is_remembered_grows_for_ever(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """The oldest things go, and are made again when they are asked for."""
    app = Protected.of(vodka)
    app.open(vodka.signed_in())
    gate = vodka.means.gate
    gate._badges._made |= {(b"%d" % number, ""): (0, None, []) for number in range(4096)}
    gate._silent |= {str(number): 0 for number in range(4096)}
    freezer.tick(11)
    assert app.check().status_code == 200
    assert len(gate._badges._made) < 4096
    gate._be_patient(CAMILLE)
    assert len(gate._silent) == 1


def test_what_was_opened_is_cleaned_away_when_its_session_has_ended(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Codes after their minute, scoped sessions with the global one; a removed application takes its own along."""
    app = Protected.of(vodka)
    browser = vodka.signed_in()
    app.open(browser)
    freezer.tick(60)
    with vodka.app.app_context():
        first = janitor.clean(vodka.means.limits, vodka.means.vault)
        commit()
    assert (first["scoped codes"], first["scoped sessions"]) == (1, 0)
    browser.get("/auth/logout")
    with vodka.app.app_context():
        assert janitor.clean(vodka.means.limits, vodka.means.vault)["scoped sessions"] == 1
        commit()
        scoped.remove_application(app.number)
        commit()
    assert vodka.rows("SELECT 1 FROM proxy_secrets") == []
