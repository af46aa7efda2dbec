"""Which URLs lie under a scope, as a table (FLOWS scoped login; SCO-07, SCO-11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vodka.errors import InvalidInput
from vodka.handoff import scope
from vodka.handoff.scope import Scope

HOST = "https://hello.epfl.ch"
APP = Scope(HOST, ("app",))
WHOLE = Scope(HOST, ())


@pytest.mark.parametrize(
    ("raw", "url", "path"),
    [
        pytest.param(HOST, f"{HOST}/", "/", id="a host"),
        pytest.param(f"{HOST}/", f"{HOST}/", "/", id="a host with its slash"),
        pytest.param(f"{HOST}:443/app", f"{HOST}/app/", "/app/", id="the usual port"),
        pytest.param(f"{HOST}/app/", f"{HOST}/app/", "/app/", id="a path with its slash"),
        pytest.param(f"{HOST}/a/b", f"{HOST}/a/b/", "/a/b/", id="two segments"),
        pytest.param("https://HELLO.epfl.ch/app", f"{HOST}/app/", "/app/", id="an upper-case host"),
    ],
)
def test_sco_01_a_scope_has_one_form(raw: str, url: str, path: str) -> None:
    """Whatever an owner types."""
    found = scope.parse(raw, development=False, max_length=2048)
    assert (found.url, found.path) == (url, path)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(f"{HOST}/app?x=1", id="a query"),
        pytest.param(f"{HOST}/app//x", id="two slashes"),
        pytest.param("http://hello.epfl.ch/", id="plain http"),
        pytest.param(f"{HOST}/a%2fb", id="an escaped slash"),
        pytest.param("https://hello.epfl.ch@evil.ch/", id="a name before the host"),
        pytest.param("https:evil.ch", id="no slashes"),
    ],
)
def test_sco_02_what_is_no_scope(raw: str) -> None:
    """The grammar of redirects, and no query."""
    with pytest.raises(InvalidInput):
        scope.parse(raw, development=False, max_length=2048)


@pytest.mark.parametrize(
    ("url", "in_app", "in_host"),
    [
        pytest.param(f"{HOST}/app", True, True, id="the scope itself"),
        pytest.param(f"{HOST}/app/", True, True, id="with its slash"),
        pytest.param(f"{HOST}/app/x?y=z", True, True, id="below it"),
        pytest.param(f"{HOST}/%61pp/x", True, True, id="a letter that is escaped"),
        pytest.param(f"{HOST}:443/app/x", True, True, id="the usual port"),
        pytest.param(f"{HOST}/application", False, True, id="a longer name"),
        pytest.param(f"{HOST}/APP/x", False, True, id="another case"),
        pytest.param(f"{HOST}/app;x/y", False, True, id="a path parameter"),
        pytest.param(f"{HOST}", False, True, id="no path"),
        pytest.param(f"{HOST}:8443/app", False, False, id="another port"),
        pytest.param("http://hello.epfl.ch/app", False, False, id="plain http"),
        pytest.param("https://hello.epfl.ch.evil.ch/app", False, False, id="a longer host"),
    ],
)
def test_sco_07_by_host_and_whole_segments(url: str, in_app: bool, in_host: bool) -> None:
    """`/app` is not `/application`, and a host is not the beginning of another."""
    place = scope.read(url)
    assert place is not None
    assert (APP.covers(place), WHOLE.covers(place)) == (in_app, in_host)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"{HOST}/app/..%2fadmin", id="an escaped slash after two dots"),
        pytest.param(f"{HOST}/app/%2e%2e/admin", id="escaped dots"),
        pytest.param(f"{HOST}/app/../admin", id="dots"),
        pytest.param(f"{HOST}/app/./x", id="one dot"),
        pytest.param(f"{HOST}/app/..;/admin", id="dots with a parameter"),
        pytest.param(f"{HOST}//app", id="two slashes"),
        pytest.param(f"{HOST}/app\\..\\admin", id="backslashes"),
        pytest.param(f"{HOST}/app%5cx", id="an escaped backslash"),
        pytest.param(f"{HOST}/app/%252e%252e/", id="escaped twice"),
        pytest.param(f"{HOST}/app%00", id="NUL"),
        pytest.param(f"{HOST}/app%0d%0aX: y", id="a line break"),
        pytest.param(f"{HOST}/app\x01", id="a control character"),
        pytest.param(f"{HOST}/app#x", id="a fragment"),
        pytest.param(f"{HOST}/app%ff", id="no UTF-8"),
        pytest.param(f"{HOST}/app%zz", id="no escape"),
        pytest.param("https://HELLO.epfl.ch/app", id="an upper-case host"),
        pytest.param("https://a@hello.epfl.ch/app", id="a name before the host"),
        pytest.param(f"{HOST}:0443/app", id="a port with a zero before it"),
        pytest.param(f"{HOST}/app, {HOST}/admin", id="two addresses"),
        pytest.param("/app", id="no host"),
        pytest.param("", id="nothing"),
        pytest.param(f"{HOST}/{'a' * 8192}", id="too long"),
    ],
)
def test_sco_11_what_could_be_read_in_two_ways_is_nothing(url: str) -> None:
    """Refused, not mended."""
    assert scope.read(url) is None


@given(st.text(alphabet="/.%25eE2fF;aAp\\?#~", max_size=24))
def test_sco_11_nothing_below_the_scope_climbs_out_of_it(rest: str) -> None:
    """Whatever is appended: decoded once or twice, it holds no segment of dots and no further slash."""
    place = scope.read(f"{HOST}/app/{rest}")
    if place is not None and APP.covers(place):
        assert not {".", ".."} & set(place.segments)
        assert all("/" not in segment and "\\" not in segment for segment in place.segments)
