"""The consent page of an OpenID client (attacks CON): the same ticket, ledger and memory as of a website's own page."""

from __future__ import annotations

from html import unescape

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.oauth.relying_party import CALLBACK, RelyingParty, claims_in
from tests.vodka_under_test import ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.limits import Limits


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka)


@pytest.fixture
def signed_in(club: RelyingParty) -> Browser:
    """Camille's browser."""
    return club.vodka.signed_in()


def send(
    browser: Browser, shown: TestResponse, headers: dict[str, str] | None = None, **changed: object
) -> TestResponse:
    """Accept at this page; `changed` replaces fields, None leaves one out."""
    form: dict[str, object] = {name: hidden_value(shown.text, name) for name in ("ticket", "csrf_token")}
    form |= {"decision": "accept", "remember": "once"} | changed
    sent = {name: value for name, value in form.items() if value is not None}
    return browser.post("/oauth/consent", data=sent, headers=headers or {})


def minted(vodka: VodkaUnderTest) -> int:
    """How many grants were made."""
    return len(vodka.rows("SELECT id FROM grants"))


@pytest.mark.parametrize("token", [None, "", "x", "A" * 32, "é"])
def test_con_02_a_decision_without_the_right_token_is_refused(
    club: RelyingParty, signed_in: Browser, token: str | None
) -> None:
    """Missing, empty or wrong: 403, nothing minted, and the ticket is not spent."""
    shown = club.ask(signed_in)
    assert send(signed_in, shown, csrf_token=token).status_code == 403
    assert minted(club.vodka) == 0
    assert "code" in club.answer(send(signed_in, shown))


def test_con_02_token_and_ticket_of_another_session_are_worthless(club: RelyingParty, signed_in: Browser) -> None:
    """Neither the token nor the ticket of somebody else's page works here, nor those of one's own earlier session."""
    robin = club.ask(club.vodka.signed_in(ROBIN, ip="192.0.2.11"))
    mine = club.ask(signed_in)
    assert send(signed_in, mine, csrf_token=hidden_value(robin.text, "csrf_token")).status_code == 403
    assert send(signed_in, mine, ticket=hidden_value(robin.text, "ticket")).status_code == 403
    again = club.vodka.signed_in(ip="192.0.2.12")
    assert send(again, club.ask(again), ticket=hidden_value(mine.text, "ticket")).status_code == 403
    stranger = club.vodka.browser()
    assert send(stranger, mine).status_code in (401, 403)
    assert minted(club.vodka) == 0


@pytest.mark.parametrize("ticket", ["", "x", "AAAA", "é", "A" * 400, "=", None])
def test_con_02_a_ticket_that_is_none_is_refused(club: RelyingParty, signed_in: Browser, ticket: str | None) -> None:
    """Garbage opens nothing."""
    assert send(signed_in, club.ask(signed_in), ticket=ticket).status_code in (400, 403)
    assert minted(club.vodka) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.ch"},
        {"Origin": f"https://{SITE}"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=repr,
)
@pytest.mark.parametrize("path", ["/oauth/consent", "/oauth/account"])
def test_con_03_a_decision_that_another_site_sends_is_refused(
    club: RelyingParty, signed_in: Browser, headers: dict[str, str], path: str
) -> None:
    """Even with the right token and ticket; the website's own page is another site too."""
    shown = club.ask(signed_in)
    form = {name: hidden_value(shown.text, name) for name in ("ticket", "csrf_token")} | {"decision": "accept"}
    assert signed_in.post(path, data=form, headers=headers).status_code == 403
    assert minted(club.vodka) == 0


def test_con_04_a_ticket_is_good_for_its_own_client_only(club: RelyingParty, signed_in: Browser) -> None:
    """What the page was about is in the ticket: nothing that is sent beside it counts."""
    other = RelyingParty.of(club.vodka, redirect_uris=["https://site.epfl.ch/other"])
    shown = club.ask(signed_in)
    for changed in ({"client_id": other.client_id}, {"redirect_uri": other.redirect_uri}, {"state": "x"}):
        assert send(signed_in, shown, **changed).status_code == 400
    answer = club.answer(send(signed_in, shown))
    assert answer["state"] == "a state"
    assert other.exchange(answer["code"], redirect_uri=CALLBACK).status_code == 400
    assert claims_in(club.exchange(answer["code"]).get_json()["id_token"])["aud"] == club.client_id


def test_con_04_a_website_that_changed_hands_gets_nothing_for_an_older_page(
    club: RelyingParty, signed_in: Browser
) -> None:
    """The client went with the website that it belonged to."""
    shown = club.ask(signed_in)
    club.vodka.site(owner="dominique.staff@epfl.ch")
    answer = send(signed_in, shown)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert minted(club.vodka) == 0


def test_con_04_a_website_that_changed_its_grade_shows_its_page_again(club: RelyingParty, signed_in: Browser) -> None:
    """What was agreed was agreed for another identifier."""
    shown = club.ask(signed_in)
    club.vodka.write("UPDATE websites SET grade = 'pseudonymous'")
    again = send(signed_in, shown)
    assert again.headers["Location"].startswith("/oauth/authorize?wish=")
    assert minted(club.vodka) == 0
    fresh = signed_in.get(again.headers["Location"])
    assert "does not learn your name" in fresh.text
    assert "code" in club.answer(send(signed_in, fresh))


def test_con_05_a_ticket_lives_for_ten_minutes(
    freezer: FrozenDateTimeFactory, club: RelyingParty, signed_in: Browser
) -> None:
    """Good up to the second before, over at the moment itself."""
    lifetime = Limits().consent_ticket_lifetime
    early, late = club.ask(signed_in), club.ask(signed_in)
    freezer.tick(lifetime - 1)
    assert send(signed_in, early).status_code == 303
    freezer.tick(1)
    assert send(signed_in, late).status_code == 410
    assert minted(club.vodka) == 1


@pytest.mark.parametrize(
    ("first", "second"), [("accept", "accept"), ("accept", "deny"), ("deny", "accept"), ("deny", "deny")]
)
def test_con_05_a_ticket_is_good_once(club: RelyingParty, signed_in: Browser, first: str, second: str) -> None:
    """Reload, the back button, a second click: one decision, and then a page with a way to start again."""
    shown = club.ask(signed_in)
    assert send(signed_in, shown, decision=first).status_code == 303
    before = minted(club.vodka)
    over = send(signed_in, shown, decision=second)
    assert over.status_code == 410
    assert "Location" not in over.headers
    assert minted(club.vodka) == before
    again = unescape(over.text.partition('href="/oauth/authorize')[2].partition('"')[0])
    fresh = signed_in.get(f"/oauth/authorize{again}", query_string=None)
    assert (fresh.status_code, "Location" in fresh.headers) in ((200, False), (303, True))


def test_con_07_denied_is_told_to_the_client_and_nothing_else_is(club: RelyingParty, signed_in: Browser) -> None:
    """RFC 6749 §4.1.2.1: access_denied with the state; no grant, no consent, and the audit knows."""
    answer = club.answer(send(signed_in, club.ask(signed_in), decision="deny"))
    assert (answer["error"], answer["state"]) == ("access_denied", "a state")
    assert minted(club.vodka) == 0
    assert club.vodka.rows("SELECT id FROM consents") == []
    assert [event["subject"] for event in club.vodka.events("consent.denied")] == [f"https://{SITE}"]


def test_con_09_the_next_login_is_asked_again(
    freezer: FrozenDateTimeFactory, club: RelyingParty, signed_in: Browser
) -> None:
    """As long as this login lasts the client need not ask again; another login is asked, unless the person chose otherwise."""
    shown = club.ask(signed_in)
    assert "As long as I stay signed in here" in shown.text
    send(signed_in, shown)
    assert club.ask(signed_in).status_code == 303
    freezer.tick(60)
    other = club.vodka.signed_in(ip="192.0.2.11")
    asked = club.ask(other)
    assert asked.status_code == 200
    send(other, asked, remember="always")
    freezer.tick(60)
    assert club.ask(club.vodka.signed_in(ip="192.0.2.12")).status_code == 303


@pytest.mark.parametrize(
    "more", [{"scope": "openid email"}, {"scope": "openid offline_access"}, {"prompt": "consent"}], ids=repr
)
def test_con_09_whoever_asks_for_more_asks_again(club: RelyingParty, signed_in: Browser, more: dict[str, str]) -> None:
    """Other fields, or coming back while the person is away, is another question; prompt=consent asks in any case."""
    send(signed_in, club.ask(signed_in), remember="always")
    shown = club.ask(signed_in, **more)
    assert shown.status_code == 200
    assert ("while you are not there" in shown.text) == ("offline_access" in str(more))


def test_con_09_another_client_of_the_same_website_asks_for_itself(club: RelyingParty, signed_in: Browser) -> None:
    """The memory is of one client."""
    send(signed_in, club.ask(signed_in), remember="always")
    assert RelyingParty.of(club.vodka).ask(signed_in).status_code == 200


@pytest.mark.parametrize("decision", [None, "", "maybe"])
def test_a_decision_is_one_of_two(club: RelyingParty, signed_in: Browser, decision: str | None) -> None:
    """Anything else is refused, and the page can still be answered."""
    shown = club.ask(signed_in)
    assert send(signed_in, shown, decision=decision).status_code == 400
    assert send(signed_in, shown).status_code == 303


@pytest.mark.parametrize("name", ["ticket", "decision", "remember", "field", "csrf_token"])
def test_inp_03_no_field_of_the_forms_takes_what_no_database_keeps(
    club: RelyingParty, signed_in: Browser, name: str
) -> None:
    """NUL in each field of the consent page, and in the one of the account page."""
    shown = club.ask(signed_in)
    assert send(signed_in, shown, **{name: "a\x00"}).status_code in (400, 403)
    form = {"wish": "a\x00", "csrf_token": hidden_value(shown.text, "csrf_token")}
    assert signed_in.post("/oauth/account", data=form).status_code == 400
    assert minted(club.vodka) == 0
