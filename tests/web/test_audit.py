"""What is written down: each act with its time, its person, its shortened network, its request and its result (AUD-01)."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import BEGINNING
from tests.vodka_under_test import CAMILLE, VodkaUnderTest, wrong
from vodka.audit import store as audit
from vodka.db import commit

CB = "https://site.epfl.ch/cb"


def ask(vodka: VodkaUnderTest) -> None:
    vodka.browser().ask()


def ask_too_soon(vodka: VodkaUnderTest) -> None:
    browser = vodka.browser()
    browser.ask()
    browser.ask()


def answer_wrong(vodka: VodkaUnderTest) -> None:
    browser = vodka.browser()
    browser.ask()
    browser.answer(wrong(browser.code()))


def answer_unknown(vodka: VodkaUnderTest) -> None:
    browser = vodka.browser()
    browser.set_cookie("QUESTION_ID", "unknown")
    browser.answer("012345")


def answer_too_often(vodka: VodkaUnderTest) -> None:
    browser = vodka.browser()
    browser.set_cookie("QUESTION_ID", "unknown")
    for _ in range(61):
        browser.answer("012345")


def follow_link(vodka: VodkaUnderTest) -> None:
    browser = vodka.browser()
    browser.ask()
    assert browser.get(browser.link()).status_code == 303


def log_in(vodka: VodkaUnderTest) -> None:
    vodka.signed_in()


def log_out(vodka: VodkaUnderTest) -> None:
    vodka.signed_in().get("/auth/logout")


def log_out_everywhere(vodka: VodkaUnderTest) -> None:
    browser = vodka.signed_in()
    browser.post("/account/sessions/end-all", data={"csrf_token": browser.cookie("csrftoken")})


def deny(vodka: VodkaUnderTest) -> None:
    vodka.site()
    vodka.signed_in().consent_page(CB).decide("deny")


def accept(vodka: VodkaUnderTest) -> None:
    vodka.site()
    vodka.signed_in().authorize(CB)


ACTS = [
    (ask, "ask", CAMILLE, False, ""),
    (ask_too_soon, "ask.limited", CAMILLE, False, ""),
    (answer_wrong, "answer.wrong", CAMILLE, False, "wrong code"),
    (answer_unknown, "answer.dead", "", False, "unknown, over, exhausted or used"),
    (answer_too_often, "answer.limited", "", False, ""),
    (follow_link, "login", CAMILLE, True, None),
    (log_in, "login", CAMILLE, True, "otp"),
    (log_out, "logout", CAMILLE, True, ""),
    (log_out_everywhere, "logout.everywhere", CAMILLE, True, ""),
    (deny, "consent.denied", "https://site.epfl.ch", True, ""),
    (accept, "token.minted", "https://site.epfl.ch", True, None),
]


@pytest.mark.parametrize(
    ("act", "kind", "subject", "named", "detail"), ACTS, ids=[act[0].__name__.replace("_", " ") for act in ACTS]
)
def test_aud_01_each_act_is_one_row(
    vodka: VodkaUnderTest,
    freezer: FrozenDateTimeFactory,
    act: Callable[[VodkaUnderTest], None],
    kind: str,
    subject: str,
    named: bool,
    detail: str | None,
) -> None:
    """When, what, whose, from which neighbourhood, in which request, with which result; never a whole IP address."""
    act(vodka)
    (event,) = [row for row in vodka.events(kind) if kind != "answer.dead"] or vodka.events(kind)[:1]
    assert event["at"].startswith(f"{BEGINNING:%Y-%m-%d %H:%M:%S}")
    assert event["subject"] == subject
    assert event["network"] == "192.0.2.0/24"
    assert len(event["request_id"]) == 12
    assert (event["user_id"] is not None) == named
    assert detail is None or event["detail"] == detail


def test_aud_01_the_reference_of_a_refusal_is_that_of_its_row(
    vodka: VodkaUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    """Log line and audit row of one refusal carry the same number."""
    with caplog.at_level("INFO", logger="vodka"):
        ask_too_soon(vodka)
    (event,) = vodka.events("ask.limited")
    assert any(record.getMessage().endswith(f"reference {event['request_id']}") for record in caplog.records)


def test_aud_01_an_ipv6_client_is_shortened_to_its_48(vodka: VodkaUnderTest) -> None:
    """A neighbourhood, not a person."""
    vodka.browser(ip="2001:db8:1:2::3").ask()
    assert vodka.events("ask")[0]["network"] == "2001:db8:1::/48"


def test_aud_01_an_operators_act_has_no_network(vodka: VodkaUnderTest) -> None:
    """The command line and the worker act from nowhere; what they do is written down all the same, newest first."""

    def act() -> None:
        with vodka.app.app_context():
            audit.add("key.rotated", subject="kid")
            audit.add("key.withdrawn", subject="k" * 300)
            commit()
            newest, before = audit.list_recent(2)
            assert (newest.kind, before.kind) == ("key.withdrawn", "key.rotated")
            assert (before.network, before.request_id, before.subject) == ("", "", "kid")
            assert len(newest.subject) == 254

    Context().run(act)  # as in a process of its own, where no request has been


def test_aud_06_what_cannot_be_recorded_is_not_done(vodka: VodkaUnderTest) -> None:
    """Without the audit table a logout, a consent and a refusal are 503: the act is rolled back with its row."""
    vodka.site()
    browser = vodka.signed_in()
    page = browser.consent_page(CB)
    vodka.write("ALTER TABLE audit_events RENAME TO away")
    assert browser.get("/auth/logout").status_code == 503
    assert page.decide("accept").status_code == 503
    stranger = vodka.browser(ip="192.0.2.20")
    stranger.set_cookie("QUESTION_ID", "unknown")
    assert stranger.answer("012345").status_code == 503
    vodka.write("ALTER TABLE away RENAME TO audit_events")
    assert browser.get("/data?domain=site.epfl.ch").status_code == 200
    assert vodka.rows("SELECT * FROM releases") == []
    assert page.decide("accept").status_code == 303
