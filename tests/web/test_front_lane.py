"""The answers given before Flask's dispatch: the same as behind it, to the last header."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from tests.conftest import Start
from tests.proxying import Protected
from tests.vodka_under_test import VodkaUnderTest
from vodka.db import commit
from vodka.web.front_lane import JWKS, METADATA, FrontLane


def lane_of(vodka: VodkaUnderTest) -> FrontLane:
    """The lane of this app."""
    lane = vodka.app.wsgi_app
    assert isinstance(lane, FrontLane)
    return lane


def both_ways(vodka: VodkaUnderTest, path: str = JWKS, **request: Any) -> tuple[TestResponse, TestResponse]:
    """The same request through the lane, and straight to what is behind it."""
    lane = lane_of(vodka)
    asked = {"base_url": vodka.origin} | request
    first, second = (Client(application, Response).open(path, **asked) for application in (lane, lane.behind))
    return first, second


def count_dispatches(vodka: VodkaUnderTest) -> list[str]:
    """A list that grows with each request that Flask itself answers."""
    seen: list[str] = []
    vodka.app.before_request_funcs.setdefault(None, []).insert(0, lambda: seen.append("asked"))
    return seen


@pytest.mark.parametrize(
    "settings",
    [{}, {"profile": "development", "base_url": "http://localhost:8000", "smtp_url": ""}],
    ids=["production", "development"],
)
@pytest.mark.parametrize(
    "request_",
    [{}, {"headers": {"Cookie": "__Host-SESSION_ID=x", "Origin": "https://a.ch"}}, {"query_string": "v=1"}],
    ids=["plain", "from a page with cookies", "with a query"],
)
@pytest.mark.parametrize("path", [JWKS, *METADATA])
def test_the_lane_answers_as_the_route_does(
    start: Start, path: str, settings: dict[str, Any], request_: dict[str, Any]
) -> None:
    """Status, body and every header are equal, and the lane's answer did not pass through Flask."""
    vodka = start(**settings)
    seen = count_dispatches(vodka)
    lane, route = both_ways(vodka, path, **request_)
    assert (lane.status, lane.data) == (route.status, route.data)
    assert sorted(lane.headers) == sorted(route.headers)
    assert seen == ["asked"]


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "HEAD"},
        {"method": "POST"},
        {"method": "OPTIONS"},
        {"base_url": "https://evil.ch"},
        {"base_url": "https://vodka.epfl.ch:444"},
    ],
    ids=["HEAD", "POST", "OPTIONS", "a foreign host", "another port"],
)
def test_everything_else_is_flasks(vodka: VodkaUnderTest, request_: dict[str, Any]) -> None:
    """Other methods and foreign hosts are answered, or refused, by the app itself."""
    seen = count_dispatches(vodka)
    lane, route = both_ways(vodka, **request_)
    assert lane.status == route.status
    assert len(seen) == 2
    assert (lane.status_code == 400) == ("base_url" in request_)


def test_the_lane_sees_a_new_key_within_five_seconds(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """A key that another process made is published after `keyring_cache` seconds at the latest."""
    other = lane_of(vodka)
    before = Client(other, Response).get(JWKS, base_url=vodka.origin).data
    with vodka.app.app_context():
        vodka.means.keyring.rotate()
        commit()
    freezer.tick(5)
    after = Client(other, Response).get(JWKS, base_url=vodka.origin).data
    assert after != before
    assert both_ways(vodka)[0].data == both_ways(vodka)[1].data == after


def test_without_the_database_the_lane_leaves_it_to_flask(
    vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory
) -> None:
    """A ring that cannot be read again is a 503 with the headers of every answer; afterwards the keys are back."""
    vodka.write("ALTER TABLE signing_keys RENAME TO away")
    freezer.tick(6)
    lane, route = both_ways(vodka)
    assert (lane.status_code, route.status_code) == (503, 503)
    assert lane.headers["X-Content-Type-Options"] == "nosniff"
    vodka.write("ALTER TABLE away RENAME TO signing_keys")
    assert both_ways(vodka)[0].status_code == 200


@pytest.mark.parametrize("vodka_on_each", ["sqlite", "postgresql"], indirect=True)
def test_a_check_is_answered_as_the_route_does(vodka_on_each: VodkaUnderTest) -> None:
    """Status, body and every header are equal for who passes and who may not; the lane's answer did not pass through Flask."""
    vodka = vodka_on_each
    app = Protected.of(vodka)
    app.open(vodka.signed_in())
    app.check()
    seen = count_dispatches(vodka)
    for rule in ("{}", '{"sections": ["IN"]}', '{"methods": ["POST"]}'):
        vodka.write("UPDATE applications SET rule = :rule", rule=rule)
        lane, route = app.check(), app.check(through="flask")
        assert (lane.status, lane.data) == (route.status, route.data)
        assert sorted(lane.headers) == sorted(route.headers)
        assert lane.status_code == (200 if rule == "{}" else 403)
    assert len(seen) == 3


def test_a_check_reads_again_as_soon_as_anybody_has_written(vodka: VodkaUnderTest) -> None:
    """Another connection, whichever process it is of, commits: what was remembered is forgotten (SQLite's data_version)."""
    app = Protected.of(vodka)
    app.open(vodka.signed_in())
    seen = count_dispatches(vodka)
    assert [app.check().status_code for _ in range(3)] == [200, 200, 200]
    assert seen == []
    path = vodka.means.settings.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as other:
        other.execute("UPDATE sessions SET revoked_at = opened_at")
    other.close()
    assert app.check().status_code == 401


def test_a_broken_connection_of_the_lane_is_replaced(vodka: VodkaUnderTest) -> None:
    """The check that meets it is answered by Flask, the next one by the lane again."""
    app = Protected.of(vodka)
    app.open(vodka.signed_in())
    app.check()
    seen = count_dispatches(vodka)
    lane_of(vodka)._reader._kept.connection.connection.close()
    lane_of(vodka)._reader._kept.cursor.close()
    assert [app.check().status_code for _ in range(3)] == [200, 200, 200]
    assert len(seen) == 1


def test_a_check_with_a_very_long_cookie_is_answered_all_the_same(vodka: VodkaUnderTest) -> None:
    """It is read each time and not remembered."""
    app = Protected.of(vodka)
    app.open(vodka.signed_in())
    seen = count_dispatches(vodka)
    for _ in range(2):
        assert app.check(cookies={"theme": "x" * 3000}).status_code == 200
    assert seen == []
