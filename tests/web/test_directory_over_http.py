"""The directory behind /data and the consent page: EPFL's search service as a real server, in health and in sickness."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from time import perf_counter
from typing import Any

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from tests.handed_over import claims_in
from tests.servers.directory import STUDENT, DirectoryServer, person
from tests.servers.https import HttpsSite, Listener
from tests.vodka_under_test import CAMILLE, NOBODY, SITE, Browser, VodkaUnderTest
from vodka import clock
from vodka.accounts import store
from vodka.accounts.fields import Wanted
from vodka.db import commit
from vodka.limits import Limits

LOCAL = ("127.0.0.0/8", "::1/128")
NAMELESS = {"email": CAMILLE, "firstName": None, "lastName": None}
SECONDS = 0.3  # for each look-up in these tests


@pytest.fixture
def directory() -> Iterator[DirectoryServer]:
    """The search service."""
    with DirectoryServer() as server:
        yield server


@pytest.fixture
def vodka(start: Any, directory: DirectoryServer) -> VodkaUnderTest:
    """A vodka that asks the search service."""
    limits = {"directory_timeout": SECONDS}
    settings = {"directory": "search-api", "directory_url": directory.url, "fetch_allow": LOCAL}
    started: VodkaUnderTest = start(limits=limits, **settings)
    return started


def ask_anew(browser: Browser, **kwargs: Any) -> Any:
    """GET /data, with nothing kept from before."""
    browser.vodka.write("DELETE FROM person_records")
    answer = browser.get("/data?domain=nothing.ch", **kwargs)
    assert answer.status_code == 200
    return answer.get_json()["user"]


def test_dir_01_one_exact_match_fills_the_names(vodka: VodkaUnderTest, directory: DirectoryServer) -> None:
    """The names are those of the directory; it is asked once a day, not at each look."""
    browser = vodka.signed_in()
    for _ in range(3):
        assert browser.get("/data?domain=nothing.ch").get_json()["user"]["lastName"] == "Exemple"
    assert directory.asked == ["/api/ldap?q=camille.exemple%40epfl.ch&hl=en"]


def test_dir_01_the_answer_is_a_day_old_at_most(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, directory: DirectoryServer
) -> None:
    """Kept up to the second before; of somebody who was not there only for ten minutes."""
    browser, nobody = vodka.signed_in(), vodka.signed_in(NOBODY)
    assert len(directory.asked) == 2
    freezer.tick(599)
    assert nobody.get("/data?domain=a.ch").get_json()["user"]["firstName"] is None
    assert len(directory.asked) == 2
    directory.people[NOBODY] = person(NOBODY, "399099", "Not", "Listed-Before")
    freezer.tick(1)
    assert nobody.get("/data?domain=a.ch").get_json()["user"]["lastName"] == "Listed-Before"
    directory.people[CAMILLE] = person(CAMILLE, "399001", "Camille", "Autre")
    freezer.tick(86400 - 601)
    assert browser.get("/data?domain=a.ch").get_json()["user"]["lastName"] == "Exemple"
    freezer.tick(1)
    assert browser.get("/data?domain=a.ch").get_json()["user"]["lastName"] == "Autre"


def test_dir_02_nobody_has_no_names(vodka: VodkaUnderTest) -> None:
    """200 and null, and the consent page says that the directory does not know the address."""
    vodka.site()
    browser = vodka.signed_in(NOBODY)
    assert browser.get(f"/data?domain={SITE}").get_json()["user"] == NAMELESS | {"email": NOBODY}
    page = browser.consent_page()
    assert "EPFL’s directory does not know this address" in page.html
    assert claims_in(page.decide("accept", "firstName"), vodka)["user"] == {"email": NOBODY, "firstName": None}


def test_dir_03_of_several_people_only_the_exact_one_counts(vodka: VodkaUnderTest, directory: DirectoryServer) -> None:
    """A fuzzy search may find others; who is not of exactly this address is not meant, and two of one address are none."""
    browser = vodka.signed_in()
    namesake = person("camille.exemple2@epfl.ch", "399090", "Camille", "Exemple-Deux")
    directory.search = lambda _query: [namesake, STUDENT]
    assert ask_anew(browser)["lastName"] == "Exemple"
    directory.search = lambda _query: [namesake]
    assert ask_anew(browser) == NAMELESS
    directory.search = lambda _query: [STUDENT, STUDENT]
    assert ask_anew(browser) == NAMELESS


@pytest.mark.parametrize(
    "behaviour", ["garbage", "bad utf-8", "nan", "deep", "huge", "gzip", "not a list", "broken off", "400"]
)
def test_dir_04_an_answer_that_cannot_be_trusted_is_none(
    vodka: VodkaUnderTest, directory: DirectoryServer, behaviour: Any
) -> None:
    """Null within the time of a look-up, never a 500; and it is asked again, since an outage is not kept."""
    browser = vodka.signed_in()
    directory.behave = behaviour
    began = perf_counter()
    assert ask_anew(browser) == NAMELESS
    assert perf_counter() - began < SECONDS + 1
    directory.behave = "ok"
    assert browser.get("/data?domain=a.ch").get_json()["user"]["firstName"] == "Camille"


def test_dir_05_a_hostile_name_is_cleaned_capped_and_escaped(vodka: VodkaUnderTest, directory: DirectoryServer) -> None:
    """Markup is text, controls and bidi are gone, ten thousand characters are a hundred; on the page and in the token."""
    vodka.site()
    first = "<script>alert(1)</script>{{ 7*7 }}\u202e\0\r\nSet-Cookie: a=b\u200b" + "A" * 10_000
    directory.people[CAMILLE] = person(CAMILLE, "399001", first, "\u202e\0 \u3164")
    browser = vodka.signed_in()
    user = browser.get(f"/data?domain={SITE}").get_json()["user"]
    assert user["firstName"].startswith("<script>alert(1)</script>{{ 7*7 }} Set-Cookie: a=b")
    assert len(user["firstName"]) == 100
    assert user["lastName"] is None
    page = browser.consent_page()
    assert "<script>alert" not in page.html
    assert user["firstName"] in unescape(page.html)
    assert claims_in(page.decide("accept", "firstName"), vodka)["user"]["firstName"] == user["firstName"]
    assert "<script>alert" not in browser.get("/").text


def test_dir_06_a_redirect_is_not_followed(vodka: VodkaUnderTest, directory: DirectoryServer) -> None:
    """A directory that points elsewhere is out of order; nobody goes there."""
    browser = vodka.signed_in()
    with Listener() as inside:
        directory.behave, directory.redirect_to = "redirect", f"http://127.0.0.1:{inside.port}/"
        assert ask_anew(browser) == NAMELESS
        assert inside.connections == 0


@pytest.mark.parametrize("behaviour", ["hang", "drip", "slow headers", "endless headers", "500"])
def test_dir_07_an_outage_delays_little_and_then_nothing(
    vodka: VodkaUnderTest, directory: DirectoryServer, behaviour: Any
) -> None:
    """200 with nulls each time; after five failures in a row it is left alone, and tried again after the pause."""
    browser = vodka.signed_in()
    directory.behave = behaviour
    assert [ask_anew(browser) for _ in range(5)] == [NAMELESS] * 5
    asked = len(directory.asked)
    began = perf_counter()
    assert ask_anew(browser) == NAMELESS
    assert perf_counter() - began < SECONDS
    assert len(directory.asked) == asked
    directory.behave = "ok"
    with freeze_time(clock.after(Limits().breaker_pause)):
        assert ask_anew(browser)["firstName"] == "Camille"


def test_dir_07_a_directory_that_is_gone_stops_no_login_and_no_consent(start: Any) -> None:
    """Nobody listens there: one signs in all the same, the page says why names are missing, and nothing is claimed."""
    with Listener() as gone:
        port = gone.port
    vodka = start(directory="search-api", directory_url=f"http://127.0.0.1:{port}", fetch_allow=LOCAL)
    vodka.site(wanted=(Wanted("email", True), Wanted("firstName", False), Wanted("student", True)))
    page = vodka.signed_in().consent_page()
    assert "EPFL’s directory does not answer at the moment" in page.html
    claims = claims_in(page.decide("accept", "firstName"), vodka)
    assert claims["user"] == {"email": CAMILLE, "firstName": None, "student": None}
    assert "directory_time" not in claims
    assert vodka.rows("SELECT email FROM person_records") == []


def test_dir_08_an_address_is_one_parameter(vodka: VodkaUnderTest, directory: DirectoryServer) -> None:
    """Characters that mean something in a query never get that far: such an address is refused at the door."""
    for odd in "+&#%=?/*()":
        assert vodka.browser().ask(f"a{odd}b@epfl.ch").status_code == 400
    assert directory.asked == []
    vodka.signed_in("a_b-c.d@epfl.ch")
    assert directory.asked == ["/api/ldap?q=a_b-c.d%40epfl.ch&hl=en"]


def test_dir_09_a_deleted_account_leaves_no_name_behind(vodka: VodkaUnderTest) -> None:
    """What the directory said of the address goes with the account, and the session with it."""
    browser = vodka.signed_in()
    assert vodka.rows("SELECT email FROM person_records") == [{"email": CAMILLE}]
    with vodka.app.app_context():
        store.delete_user(store.get_user(CAMILLE).id)
        commit()
    assert vodka.rows("SELECT email FROM person_records") == []
    assert browser.get("/data?domain=a.ch").status_code == 401


PAGES = {
    "/api/ldap?q=camille.exemple%40epfl.ch&hl=en": (
        200,
        {},
        b'[{"email": "camille.exemple@epfl.ch", "firstname": "Camille"}]',
    )
}
PAST = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("host", "certificate", "trusted", "first_name"),
    [
        pytest.param("localhost", {}, True, "Camille", id="right"),
        pytest.param("other.epfl.ch", {}, True, None, id="another host"),
        pytest.param("localhost", {"not_after": PAST}, True, None, id="expired"),
        pytest.param("localhost", {}, False, None, id="unknown authority"),
    ],
)
def test_dir_10_only_the_right_certificate_is_believed(
    start: Any, host: str, certificate: dict[str, Any], trusted: bool, first_name: str | None
) -> None:
    """The name, the dates and the authority all count; otherwise the directory is out of order."""
    with HttpsSite(host, pages=dict(PAGES), **certificate) as site:
        ca_file = {"fetch_ca_file": site.ca_file} if trusted else {}
        url = f"https://localhost:{site.port}"
        vodka = start(directory="search-api", directory_url=url, fetch_allow=LOCAL, **ca_file)
        browser = vodka.signed_in()
        assert browser.get("/data?domain=a.ch").get_json()["user"] == NAMELESS | {"firstName": first_name}
        assert bool(site.asked) == bool(first_name)
