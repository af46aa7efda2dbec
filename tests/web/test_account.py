"""GET /: who I am here, what the directory says of me and since when, and what was just done."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, NOBODY, Browser, VodkaUnderTest

STAFF = "dominique.staff@epfl.ch"


def test_who_is_not_signed_in_is_led_to_the_login(browser: Browser) -> None:
    """FLOWS status: there is nothing to see for a stranger."""
    response = browser.get("/")
    assert (response.status_code, response.headers["Location"]) == (303, "/login")


@pytest.mark.parametrize(
    ("email", "heading", "sentence"),
    [
        pytest.param(CAMILLE, "Camille Exemple", "You are a student. SC · MA4", id="a student"),
        pytest.param(STAFF, "Dominique Staff", "not listed as a student", id="at EPFL, and no student"),
        pytest.param(NOBODY, NOBODY, "It does not know your address.", id="nobody the directory knows"),
    ],
)
def test_the_page_says_who_i_am_and_what_the_directory_says(
    vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory, email: str, heading: str, sentence: str
) -> None:
    """The name where it is known, the address, the directory's word on me and when it was read."""
    browser = vodka.signed_in(email)
    freezer.tick(60)
    page = browser.get("/").text
    assert f"<h1>{heading}</h1>" in page
    assert sentence in page
    assert "Read on 2 November 2026, 10:00." in page


def test_dir_07_an_outage_has_no_date(start: Start, freezer: FrozenDateTimeFactory) -> None:
    """Where the directory does not answer the page says so, and names no moment at which it would have been read."""
    vodka = start(directory="people", directory_url="http://127.0.0.1:9", fetch_allow="127.0.0.0/8")
    page = vodka.signed_in().get("/").text
    assert freezer() is not None
    assert "It does not answer at the moment." in page
    assert "Read on" not in page


@pytest.mark.parametrize(
    ("path", "headers", "said"),
    [
        pytest.param("/?done=session&at=sessions", {}, True, id="after an act of ours"),
        pytest.param(
            "/?done=session&at=sessions", {"Sec-Fetch-Site": "same-origin"}, True, id="after an act on our page"
        ),
        pytest.param(
            "/?done=session&at=sessions", {"Sec-Fetch-Site": "cross-site"}, False, id="a link on another website"
        ),
        pytest.param("/?done=session&at=elsewhere", {}, False, id="at a card that is not ours"),
        pytest.param("/?done=nothing&at=sessions", {}, False, id="a word that is not ours"),
        pytest.param("/", {}, False, id="no word"),
    ],
)
def test_the_page_says_what_was_done_and_nobody_else_can_make_it(
    vodka: VodkaUnderTest, path: str, headers: dict[str, str], said: bool
) -> None:
    """The sentence comes from a closed list, and never after a click on another website."""
    page = vodka.signed_in().get(path, headers=headers).text
    assert ("That session has ended." in page) is said


def test_the_page_speaks_french(vodka: VodkaUnderTest) -> None:
    """Devices and places too, which are kept in English."""
    page = vodka.signed_in(ip="128.178.1.2", language="fr").get("/").text
    assert "Firefox sur Linux" in page
    assert "réseau EPFL" in page or "réseau de l’EPFL" in page
    assert "EPFL network" not in page
