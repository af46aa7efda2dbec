"""The page of a device (RFC 8628 §3.3): read kindly, guarded against guessing and against being sent there by somebody."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.oauth.device_flow import DEVICE_CODE, PAGE, Television
from tests.oauth.relying_party import CALLBACK
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.accounts.fields import Wanted

WRONG = "This code does not work."
NEVER = "BBBB-BBBB"


@pytest.fixture
def television(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> Television:
    """A television that waits; the clock stands still."""
    return Television.of(vodka)


@pytest.fixture
def camille(vodka: VodkaUnderTest) -> Browser:
    """Camille's phone, signed in."""
    return vodka.signed_in()


def path_of(location: str) -> str:
    """The page that a login leads back to."""
    return parse_qs(urlsplit(location).query)["redirect"][0]


@pytest.mark.parametrize(
    "written",
    ["{0}-{1}", "{0}{1}", " {0} {1} ", "{0}–{1}".replace("–", "_"), "{0}.{1}"],
    ids=["as shown", "without the dash", "with spaces", "with another line", "with a dot"],
)
@pytest.mark.parametrize("case", [str.upper, str.lower, str.title], ids=["capitals", "small letters", "mixed"])
def test_a_code_is_read_however_it_is_typed(television: Television, camille: Browser, written: str, case: Any) -> None:
    """§6.1: in any case, with or without dash."""
    code = case(written.format(*television.codes["user_code"].split("-")))
    assert television.type(camille, code).status_code == 303


@pytest.mark.parametrize(
    "typed",
    ["", "BCD", "BCDFGHJKL", "AEIOUAEI", "1234-5678", "BCDF-GHJÉ", "B" * 41],
    ids=lambda typed: typed[:12] or "empty",
)
def test_what_can_be_no_code_is_said_at_once(television: Television, camille: Browser, typed: str) -> None:
    """It costs no try: the page says what a code looks like, and keeps what was typed."""
    television.club.vodka.write("DELETE FROM tallies")
    answer = television.type(camille, typed)
    assert answer.status_code == 400
    assert "A code has eight letters" in answer.text
    assert f'value="{typed[:40]}"' in answer.text
    assert television.club.vodka.rows("SELECT 1 FROM tallies") == []


def test_the_page_says_who_gets_what(television: Television, camille: Browser) -> None:
    """The consent page with the website's domain, each value, the code of the device, and that it may come back."""
    page = television.consent(camille)
    assert page.status_code == 200
    for said in SITE, "Camille", television.codes["user_code"], "go back to your device", "while you are not there":
        assert said in page.text
    assert "For how long" not in page.text


def test_a_yes_leads_to_the_end_and_stays_there(television: Television, camille: Browser) -> None:
    """§3.3.1 "return to your device": reloaded, asked for again or gone back to, the page says what is true."""
    shown = television.consent(camille)
    done = television.decide(camille, shown)
    assert "You can go back to your device" in done.text
    assert television.decide(camille, shown, decision="deny").text == done.text
    assert television.poll().status_code == 200


def test_nobody_is_shown_in_the_ledger_who_received_nothing(television: Television, camille: Browser) -> None:
    """A yes is in the ledger with its fields, under the website; before it there is nothing."""
    assert camille.get(f"/account/sites/{SITE}").status_code == 404
    television.decide(camille)
    assert "First name" in camille.get(f"/account/sites/{SITE}").text


def test_an_optional_field_goes_out_only_if_it_was_switched_on(vodka: VodkaUnderTest, camille: Browser) -> None:
    """The decision is the person's, field by field, and the ticket's, nobody else's."""
    vodka.site(wanted=(Wanted("email", False, "For the newsletter"),))
    for number, fields in enumerate(([], ["email"])):
        television = Television.of(vodka, asks={"scope": "openid email"})
        television.decide(camille, field=fields)
        found = television.club.userinfo(television.poll().get_json()["access_token"]).get_json()
        assert ("email" in found) is bool(number)


@pytest.mark.parametrize("how", ["wrong", "over", "used", "denied", "of a client that is gone"])
def test_wrong_over_and_used_are_one_answer(
    television: Television, camille: Browser, freezer: FrozenDateTimeFactory, how: str
) -> None:
    """Nobody learns by typing whether a code ever was one."""
    vodka, code = television.club.vodka, television.codes["user_code"]
    if how == "over":
        freezer.tick(600)
    elif how in ("used", "denied"):
        television.decide(camille, decision="accept" if how == "used" else "deny")
    elif how == "of a client that is gone":
        vodka.write("DELETE FROM clients")
    answer = television.type(vodka.signed_in(ROBIN), NEVER if how == "wrong" else code)
    assert answer.status_code == 400
    assert WRONG in answer.text


def test_a_code_that_ends_while_its_page_is_open_says_so(
    television: Television, camille: Browser, freezer: FrozenDateTimeFactory
) -> None:
    """Neither the consent page nor its buttons are a dead end."""
    shown = television.consent(camille)
    freezer.tick(600)
    after = television.decide(camille, shown)
    assert "This code is over" in after.text
    assert PAGE in after.text
    assert television.club.vodka.rows("SELECT 1 FROM grants") == []


def test_a_code_that_ends_just_before_the_button_gives_nothing(start: Start, freezer: FrozenDateTimeFactory) -> None:
    """The page's ticket lives longer than the code: nothing is granted, recorded or shared."""
    vodka = start(limits={"consent_ticket_lifetime": 3600})
    television, camille = Television.of(vodka), vodka.signed_in()
    shown = television.consent(camille)
    freezer.tick(600)
    assert "This code is over" in television.decide(camille, shown).text
    assert vodka.rows("SELECT 1 FROM grants") == vodka.rows("SELECT 1 FROM consents") == []


@pytest.mark.parametrize("when", ["before the page", "before the button"])
def test_a_website_that_is_stopped_gets_nothing(television: Television, camille: Browser, when: str) -> None:
    """A client is looked at again at each step (attacks RED-32)."""
    vodka = television.club.vodka
    location = television.type(camille).headers["Location"]
    shown = camille.get(location)
    vodka.write("UPDATE websites SET suspended_at = '2026-11-02 09:00:00.000000'")
    page = camille.get(location) if when == "before the page" else television.decide(camille, shown)
    assert "This code is over" in page.text
    assert vodka.rows("SELECT 1 FROM grants") == []


def test_of_two_people_with_one_code_the_first_decides(television: Television, camille: Browser) -> None:
    """The other one learns that the code is over; nothing of theirs goes out."""
    robin = television.club.vodka.signed_in(ROBIN, ip="192.0.2.77")
    hers, his = television.consent(camille), television.consent(robin)
    television.decide(camille, hers)
    assert "This code is over" in television.decide(robin, his).text
    assert len(television.club.vodka.rows("SELECT 1 FROM grants")) == 1


def test_a_link_with_the_code_asks_whether_it_is_on_a_device_of_ones_own(
    television: Television, camille: Browser
) -> None:
    """§5.4: nothing happens by following a link; the code is shown and must be confirmed, by a form of our own."""
    link = urlsplit(television.codes["verification_uri_complete"])
    television.club.vodka.write("DELETE FROM tallies")
    page = camille.get(f"{link.path}?{link.query}")
    assert "Does your device show this code?" in page.text
    assert television.codes["user_code"] in page.text
    assert television.club.vodka.rows("SELECT 1 FROM tallies") == []
    form = {name: hidden_value(page.text, name) for name in ("user_code", "csrf_token")}
    consent = camille.post(PAGE, data=form)
    assert 'action="/oauth/device/decide"' in camille.get(consent.headers["Location"]).text


def test_a_link_with_something_else_asks_for_the_code(camille: Browser) -> None:
    """What is in the address is read as if it was typed."""
    page = camille.get(f"{PAGE}?user_code=%3Cscript%3E")
    assert (page.status_code, "A code has eight letters" in page.text) == (400, True)
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("query", "goal"),
    [
        pytest.param("", PAGE, id="the page itself"),
        pytest.param("?user_code=bcdf-ghjk", f"{PAGE}?user_code=BCDF-GHJK", id="with a code"),
        pytest.param("?user_code=%22%3E", PAGE, id="with something else"),
    ],
)
def test_a_stranger_signs_in_first_and_comes_back(vodka: VodkaUnderTest, query: str, goal: str) -> None:
    """The login leads back to the same page, with the code that was in the address."""
    browser = vodka.browser()
    to_login = browser.get(f"{PAGE}{query}")
    assert to_login.status_code == 303
    asked = path_of(to_login.headers["Location"])
    assert asked == goal
    browser.post("/login", data={"email": CAMILLE, "redirect": asked})
    back = browser.post("/login/code", data={"attempt": browser.code()})
    assert back.headers["Location"] == goal
    assert browser.get(goal).status_code == 200


def test_a_session_that_ends_while_typing_keeps_the_code(television: Television) -> None:
    """The form leads through the login and on, with what was typed."""
    answer = television.club.vodka.browser().post(PAGE, data={"user_code": television.codes["user_code"]})
    assert path_of(answer.headers["Location"]) == f"{PAGE}?user_code={television.codes['user_code']}"


def test_the_address_of_a_decision_is_its_persons(television: Television, camille: Browser) -> None:
    """Somebody else with the address of the page learns nothing and can decide nothing; signed out it asks for the login."""
    location = television.type(camille).headers["Location"]
    vodka = television.club.vodka
    assert path_of(vodka.browser().get(location).headers["Location"]) == location
    for address in location, f"{PAGE}?device=AAAA":
        assert "This code is over" in vodka.signed_in(ROBIN, ip="192.0.2.78").get(address).text


def test_a_form_of_another_website_is_refused(television: Television, camille: Browser) -> None:
    """Neither typing nor deciding works without the session's token (attacks CSR-01)."""
    assert camille.post(PAGE, data={"user_code": television.codes["user_code"]}).status_code == 403
    assert camille.post(f"{PAGE}/decide", data={"decision": "accept"}).status_code == 403


def test_a_decision_is_one_of_two(television: Television, camille: Browser) -> None:
    """Anything else is a mistake, and spends nothing."""
    shown = television.consent(camille)
    form = {name: hidden_value(shown.text, name) for name in ("ticket", "csrf_token")}
    assert camille.post(f"{PAGE}/decide", data=form | {"decision": "perhaps"}).status_code == 400
    assert "You can go back" in television.decide(camille, shown).text


@pytest.mark.parametrize(
    ("limits", "others"),
    [
        pytest.param({"user_codes_per_person": 3}, {"ip": "192.0.2.11"}, id="of one person, wherever they are"),
        pytest.param({"user_codes_per_client_ip": 3}, {"email": ROBIN}, id="from one place, whoever it is"),
    ],
)
def test_guessing_is_limited(
    start: Start, freezer: FrozenDateTimeFactory, limits: dict[str, int], others: dict[str, str]
) -> None:
    """§5.1: so many tries an hour and no more, wrong or right; a page says so, and when to go on."""
    vodka = start(limits=limits)
    television, camille, other = Television.of(vodka), vodka.signed_in(), vodka.signed_in(**others)
    answers = [television.type(camille, NEVER) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    freezer.tick(1)
    refused = television.type(other)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3599")
    assert "Too many codes were tried" in refused.text
    assert television.codes["user_code"] in refused.text
    freezer.tick(3598)
    assert television.type(other).status_code == 429
    freezer.tick(1)
    television.begin()
    assert television.type(other).status_code == 303


def test_an_operators_own_device_is_known_by_its_address(vodka: VodkaUnderTest, camille: Browser) -> None:
    """A client of no website: shown by the address that it registered, else by vodka's own."""
    for more, host in ({"client_uri": "https://tv.example/app"}, "tv.example"), ({}, "vodka.epfl.ch"):
        television = Television.of(vodka, domain=None, **more)
        assert f">{host}</span>" in television.consent(camille).text


def test_a_remembered_yes_is_no_yes_for_a_device(vodka: VodkaUnderTest, camille: Browser) -> None:
    """§5.4: a device is always asked about, whatever was agreed for the browser, and nothing is remembered of it."""
    more = {"grant_types": ["authorization_code", DEVICE_CODE], "response_types": ["code"]}
    television = Television.of(vodka, redirect_uris=[CALLBACK], **more)
    television.club.authorize(camille, scope="openid profile", remember="always")
    assert 'action="/oauth/device/decide"' in television.consent(camille).text
    television.decide(camille)
    television.begin()
    assert 'action="/oauth/device/decide"' in television.consent(camille).text
    given = vodka.rows("SELECT client, remembered_until FROM consents ORDER BY id")
    assert [row["client"] for row in given] == [television.club.client_id] * 2
    assert given[1]["remembered_until"] is None
