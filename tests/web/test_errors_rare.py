"""Errors that hardly ever happen, and are answered all the same."""

from __future__ import annotations

import os

import pytest

from tests.vodka_under_test import VodkaUnderTest
from vodka import db
from vodka.errors import TooMany
from vodka.sessions import lifecycle
from vodka.settings import publish
from vodka.web.plumbing import cookies


def test_a_limit_on_a_page_says_so_with_the_time_to_wait(vodka: VodkaUnderTest) -> None:
    """429 as a page: a title, a sentence, Retry-After and a way on."""

    def hurry() -> str:
        raise TooMany("too_many_requests", "That is a little too fast. Please wait a moment.", 7)

    vodka.app.add_url_rule("/hurry", view_func=hurry)
    answer = vodka.browser().get("/hurry")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert "A little too fast" in answer.text
    assert 'href="/"' in answer.text


def test_a_connection_that_is_gone_before_the_rollback_is_an_error_like_any_other(
    vodka: VodkaUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer is the plain 500 page, and the next request has a connection that works."""

    def lose() -> str:
        connection = db.connection()
        connection.connection.driver_connection.close()
        raise RuntimeError("and then this")

    vodka.app.add_url_rule("/loses", view_func=lose)
    browser = vodka.signed_in()
    assert browser.get("/loses").status_code == 500
    assert "the connection was gone before the rollback" in caplog.text
    assert browser.get("/").status_code == 200


def test_a_cookie_is_only_given_what_needs_no_quoting(vodka: VodkaUnderTest) -> None:
    """A value with anything else in it is a fault of ours, and never leaves."""
    with vodka.app.test_request_context(base_url=vodka.origin), pytest.raises(ValueError, match="lang"):
        cookies.give(vodka.app.response_class(), "lang", "fr; Domain=evil.ch", 60)


def test_a_session_ends_once(vodka: VodkaUnderTest) -> None:
    """Ending it again changes nothing and is no second event."""
    browser = vodka.signed_in()
    with vodka.app.app_context():
        sid = vodka.means.session_claims.read(browser.cookie("SESSION_ID") or "")
        session = lifecycle.find(sid or "")
        assert session is not None
        for _ in range(2):
            lifecycle.end(session)
            db.commit()
    assert len(vodka.events("logout")) == 1


def test_what_is_set_already_may_stay() -> None:
    """A setting that a command publishes goes over the environment, or gives way to it."""
    try:
        publish("of_this_test", "first")
        publish("of_this_test", "second", unless_set=True)
        assert os.environ["VODKA_OF_THIS_TEST"] == "first"
        publish("of_this_test", "third")
        assert os.environ["VODKA_OF_THIS_TEST"] == "third"
    finally:
        os.environ.pop("VODKA_OF_THIS_TEST", None)
