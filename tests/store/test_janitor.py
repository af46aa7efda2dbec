"""Retention: what is over is forgotten after its time and not a second before (faults §5.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import BEGINNING
from tests.oauth.device_flow import Television
from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest
from vodka import janitor
from vodka.accounts.identity import account_of
from vodka.accounts.people import find_person
from vodka.audit.chain import Chain
from vodka.db import commit
from vodka.limits import Limits
from vodka.websites import registry

LIMITS = Limits()
DAY = 86400


def clean(vodka: VodkaUnderTest) -> dict[str, int]:
    """What the janitor forgets now, by kind; kinds of which nothing was forgotten are left out."""
    with vodka.app.app_context():
        forgotten = janitor.clean(vodka.means.limits, vodka.means.vault)
        commit()
    return {kind: number for kind, number in forgotten.items() if number}


def passed(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory, kind: str, seconds: int) -> tuple[int, int]:
    """How many of a kind are forgotten at the last moment that they are kept, and one second later."""
    freezer.move_to(BEGINNING + timedelta(seconds=seconds))
    before = clean(vodka).get(kind, 0)
    freezer.tick(1)
    return before, clean(vodka).get(kind, 0)


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        pytest.param("questions", LIMITS.keep_questions, id="a question a day after it was answered"),
        pytest.param("links", LIMITS.keep_questions, id="a link a day after its mail was used"),
        pytest.param("mails", LIMITS.keep_mails, id="a mail a day after it was sent"),
        pytest.param("sessions", LIMITS.session_lifetime + LIMITS.keep_sessions, id="a session 30 days after its end"),
        pytest.param("devices", LIMITS.device_lifetime, id="a device after 180 days without use"),
        pytest.param("directory records", LIMITS.directory_cache, id="what the directory said after a day"),
    ],
)
def test_what_a_login_leaves_is_forgotten_in_time(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, kind: str, seconds: int
) -> None:
    """One of each, kept up to its last second."""
    browser = vodka.signed_in()
    freezer.tick(1)
    assert browser.get("/").status_code == 200  # used, so that it is no session that nobody holds
    freezer.move_to(BEGINNING)
    assert passed(vodka, freezer, kind, seconds) == (0, 1)


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        pytest.param("questions", LIMITS.code_lifetime + LIMITS.keep_questions, id="a question a day after its end"),
        pytest.param("links", LIMITS.link_lifetime + LIMITS.keep_questions, id="a link a day after its end"),
    ],
)
def test_what_nobody_used_is_forgotten_in_time(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, kind: str, seconds: int
) -> None:
    """A day after it was over."""
    vodka.browser().ask()
    assert passed(vodka, freezer, kind, seconds) == (0, 1)


@pytest.mark.parametrize("decided", [False, True], ids=["that nobody typed", "that was used"])
def test_a_devices_code_is_forgotten_a_day_after_its_end(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, decided: bool
) -> None:
    """Until then the device hears what became of it; what it was given stays."""
    television = Television.of(vodka)
    if decided:
        television.tokens(vodka.signed_in())
    seconds = LIMITS.keep_device_codes + (0 if decided else LIMITS.device_code_lifetime)
    assert passed(vodka, freezer, "device codes", seconds) == (0, 1)
    assert len(vodka.rows("SELECT 1 FROM grants")) == decided


def test_a_session_is_forgotten_30_days_after_it_was_ended(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Not 30 days after it would have been over; where it was opened is forgotten after seven."""
    browser = vodka.signed_in()
    freezer.tick(1)
    assert browser.get("/").status_code == 200
    freezer.move_to(BEGINNING)
    assert browser.get("/auth/logout").status_code == 200
    assert passed(vodka, freezer, "places of sessions", LIMITS.keep_networks) == (0, 1)
    assert vodka.rows("SELECT place FROM sessions") == [{"place": ""}]
    assert passed(vodka, freezer, "sessions", LIMITS.keep_sessions) == (0, 1)


def test_where_an_event_came_from_is_forgotten_after_seven_days(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """The event itself stays, and the chain of events is whole."""
    vodka.signed_in()
    events = len(vodka.rows("SELECT id FROM audit_events"))
    assert passed(vodka, freezer, "networks of events", LIMITS.keep_networks) == (0, events)
    assert {row["network"] for row in vodka.rows("SELECT network FROM audit_events")} == {""}
    with vodka.app.app_context():
        assert Chain(vodka.means.vault, vodka.means.limits).verify() == events


def test_an_address_of_which_nothing_is_counted_is_forgotten(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Not while it has wrong answers in a row, nor while its owner has stopped its codes."""
    vodka.write("INSERT INTO address_guards (email, failures) VALUES ('idle', 0), ('guessed', 1)")
    over = (BEGINNING + timedelta(seconds=60)).strftime("%Y-%m-%d %H:%M:%S.%f")
    vodka.write("INSERT INTO address_guards VALUES ('stopped', 0, :over)", over=over)
    freezer.tick(59)
    assert clean(vodka) == {"guards": 1}
    freezer.tick(1)
    assert clean(vodka) == {"guards": 1}
    assert vodka.rows("SELECT email FROM address_guards") == [{"email": "guessed"}]


def test_counts_of_clients_and_addresses_are_forgotten_after_two_days(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """The longest window is a day: no limit is loosened by forgetting."""
    vodka.signed_in()
    tallies = len(vodka.rows("SELECT key FROM tallies"))
    assert tallies > 0
    assert passed(vodka, freezer, "tallies", LIMITS.keep_tallies) == (0, tallies)


def test_the_audit_is_kept_for_a_year(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """And then forgotten."""
    vodka.signed_in()
    events = len(vodka.rows("SELECT id FROM audit_events"))
    assert passed(vodka, freezer, "events", LIMITS.keep_audit) == (0, events)


def test_a_spent_ticket_is_forgotten_once_its_page_is_over_anyway(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Until then it is what stops a second use (TOK-22)."""
    vodka.site()
    student = vodka.signed_in(CAMILLE)
    assert student.authorize().status_code == 303
    assert passed(vodka, freezer, "tickets", LIMITS.consent_ticket_lifetime) == (0, 1)


def test_an_unproven_website_is_forgotten_after_30_days_and_a_proven_one_is_not(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Both were registered in the same second."""
    vodka.site("proven.epfl.ch")
    with vodka.app.app_context():
        tools = vodka.means
        owner = account_of(ROBIN, find_person(tools.services.directory, ROBIN, tools.limits), tools.vault)
        registry.register("unproven.epfl.ch", int(owner.id), name="", description="", limits=Limits())
        commit()
    assert passed(vodka, freezer, "unproven websites", LIMITS.keep_unproven_domains) == (0, 1)
    assert [row["domain"] for row in vodka.rows("SELECT domain FROM websites")] == ["proven.epfl.ch"]


def test_ans_26_a_session_that_nobody_has_shown_is_forgotten_after_ten_minutes(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Its cookie may never have arrived; one that was shown once stays its seven days."""
    shown, unshown = vodka.signed_in(CAMILLE), vodka.signed_in(ROBIN)
    freezer.tick(1)
    assert shown.get("/").status_code == 200
    assert passed(vodka, freezer, "unused sessions", LIMITS.keep_unused_sessions) == (0, 1)
    assert shown.get("/").status_code == 200
    assert unshown.get("/").status_code == 303


def test_a_second_look_finds_nothing_more(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """After a year and a half everything of one login is gone at once, but the account."""
    vodka.signed_in()
    freezer.tick(550 * DAY)
    assert clean(vodka)
    assert clean(vodka) == {}
    assert len(vodka.rows("SELECT id FROM users")) == 1
