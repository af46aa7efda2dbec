"""Who has my data, where OpenID programs are among them: several of one website, while away, for one login; withdrawing."""

from __future__ import annotations

import json
from html import unescape

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import CAMILLE, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.db import commit
from vodka.janitor import clean
from vodka.limits import Limits
from vodka.websites import registry

DAY = 86400
OFFLINE = "openid email offline_access"


def read(browser: Browser, path: str = "/") -> str:
    """A page as its reader sees it."""
    response = browser.get(path)
    assert response.status_code == 200, response.text
    return " ".join(unescape(response.text).split())


def withdraw(browser: Browser, handle: str = SITE) -> None:
    """Press the button on the page of a website."""
    page = browser.get(f"/account/sites/{handle}").text
    assert 'id="withdraw"' in page
    answer = browser.post(f"/account/sites/{handle}/withdraw", data={"csrf_token": hidden_value(page, "csrf_token")})
    assert answer.status_code == 303


@pytest.fixture
def club(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> RelyingParty:
    """A client of the chess club, at a stopped clock."""
    assert freezer
    return RelyingParty.of(vodka)


@pytest.fixture
def club_on_each(freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest) -> RelyingParty:
    """The same, on each database in turn."""
    assert freezer
    return RelyingParty.of(vodka_on_each)


def test_con_10_oau_36_withdrawing_ends_a_refresh_token_at_once(club_on_each: RelyingParty) -> None:
    """The page says until when; after the button refresh and access tokens are dead, and the next visit asks."""
    club = club_on_each
    browser = club.vodka.signed_in()
    tokens = club.tokens(browser, scope=OFFLINE)
    assert "may ask while you are away, until 2 December 2026" in read(browser)
    page = read(browser, f"/account/sites/{SITE}")
    assert "It may ask for this while you are away, until 2 December 2026" in page
    fresh = club.refresh(tokens["refresh_token"]).get_json()
    withdraw(browser)
    assert club.refresh(fresh["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert club.userinfo(fresh["access_token"]).status_code == 401
    assert club.ask(browser, scope=OFFLINE).status_code == 200
    after = read(browser, f"/account/sites/{SITE}")
    assert "while you are away" not in after
    assert "You are asked before anything is shared." in after
    assert "withdrawn on 2 November 2026" in after


def test_a_yes_to_a_client_is_good_for_one_login(club: RelyingParty) -> None:
    """Not asked while signed in, whatever was chosen beyond that; the ledger says so, and can end it."""
    browser = club.vodka.signed_in()
    club.tokens(browser, scope="openid")
    assert club.ask(browser, scope="openid").status_code == 303
    assert "for one login" in read(browser)
    assert "You are not asked as long as you stay signed in here" in read(browser, f"/account/sites/{SITE}")
    withdraw(browser)
    assert club.ask(browser, scope="openid").status_code == 200


def test_after_the_login_nothing_of_it_stands(club: RelyingParty) -> None:
    """Signed out: the next login is asked, and there is nothing to withdraw."""
    browser = club.vodka.signed_in()
    club.tokens(browser, scope="openid")
    browser.post("/auth/logout", headers={"X-CSRFToken": browser.cookie("csrftoken") or ""}, json={})
    browser.log_in()
    page = read(browser, f"/account/sites/{SITE}")
    assert "You are asked before anything is shared." in page
    assert 'id="withdraw"' not in page


def test_while_away_stands_after_the_login_is_over(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """It is asked before more is shared, and can be withdrawn; over is over to the second."""
    browser = club.vodka.signed_in()
    club.tokens(browser, scope=OFFLINE)
    freezer.tick(29 * DAY)
    browser.log_in()
    page = read(browser, f"/account/sites/{SITE}")
    assert "You are asked before anything more is shared" in page
    assert "It may ask for this while you are away, until 2 December 2026" in page
    freezer.tick(DAY - 1)
    assert "while you are away" in read(browser)
    freezer.tick(1)
    assert "while you are away" not in read(browser)


def test_the_widest_of_several_clients_is_shown(club_on_each: RelyingParty) -> None:
    """Each client of a website is agreed with by itself: a later yes just for now does not hide one for good."""
    club = club_on_each
    browser = club.vodka.signed_in()
    second = RelyingParty.of(club.vodka, client_name="Second")
    third = RelyingParty.of(club.vodka, client_name="Third")
    club.tokens(browser, scope="openid", remember="always")
    second.tokens(browser, scope="openid", remember="month")
    third.tokens(browser, scope="openid email")
    browser.consent_page().decide("accept", remember="once")
    page = read(browser)
    assert page.count(f'href="/account/sites/{SITE}"') == 1
    assert "4 times, last on 2 November 2026 · not asked until you withdraw" in page
    withdraw(browser)
    for each in (club, second, third):
        assert each.ask(browser, scope="openid").status_code == 200
    assert "not asked" not in read(browser)


def test_a_yes_to_the_site_is_none_to_its_clients(club: RelyingParty) -> None:
    """And the other way round."""
    browser = club.vodka.signed_in()
    browser.consent_page().decide("accept", remember="always")
    assert club.ask(browser, scope="openid").status_code == 200
    club.tokens(browser, scope="openid", remember="always")
    assert browser.get("/authorize", query_string={"redirect": f"https://{SITE}/cb"}).status_code == 200


@pytest.mark.parametrize("over", ["withdrawn by the operator's suspension", "signed out everywhere", "client deleted"])
def test_what_cannot_be_used_is_not_shown(club: RelyingParty, over: str) -> None:
    """A suspended website, a raised epoch, a client that is gone: nobody may ask while the person is away."""
    browser = club.vodka.signed_in()
    club.tokens(browser, scope=OFFLINE)
    if over.startswith("withdrawn"):
        club.vodka.change_site(SITE, lambda site: registry.suspend(site, "proof"))
    elif over.startswith("signed"):
        club.vodka.write("UPDATE users SET epoch = epoch + 1")
        browser.log_in()
    else:
        club.vodka.write("DELETE FROM clients")
    assert "while you are away" not in read(browser)


def test_sign_ins_by_openid_are_counted_for_the_owner(club: RelyingParty) -> None:
    """Those who accepted and those who denied, of every client of the website."""
    browser = club.vodka.signed_in()
    club.tokens(browser, scope="openid")
    club.authorize(browser, decision="deny", scope="openid email")
    owner = club.vodka.signed_in("robin.modele@epfl.ch", ip="192.0.2.12")
    page = read(owner, f"/websites/{club.vodka.rows('SELECT id FROM websites')[0]['id']}")
    assert "1 sign-in" in page
    assert "1 denied" in page


def test_aud_04_the_export_has_grants_without_secrets(club: RelyingParty) -> None:
    """What was let go on, under which consent of which client; no token and no digest."""
    browser = club.vodka.signed_in()
    tokens = club.tokens(browser, scope=OFFLINE)
    text = browser.get("/account/export.json").text
    export = json.loads(text)
    [grant], [consent] = export["grants"], export["consents"]
    assert (grant["scope"], grant["is_offline"], grant["fields"]) == (OFFLINE, True, ["email"])
    assert grant["sub"] == claims_in(tokens["id_token"])["sub"]
    assert (grant["consent_id"], consent["client"]) == (consent["id"], club.client_id)
    for secret in (tokens["refresh_token"], tokens["access_token"], tokens["id_token"]):
        assert secret not in text
    assert {event["kind"] for event in export["events"]} >= {"client.granted"}
    assert f"You shared what you had accepted with {SITE}." in read(browser, "/account/history")


def test_aud_04_deleting_the_account_deletes_what_clients_had(club: RelyingParty) -> None:
    """Grants, codes and tokens are gone with the answer; none of them works."""
    browser = club.vodka.signed_in()
    tokens = club.tokens(browser, scope=OFFLINE)
    csrf = hidden_value(browser.get("/account/delete").text, "csrf_token")
    assert browser.post("/account/delete", data={"csrf_token": csrf, "address": CAMILLE}).status_code == 200
    for table in ("grants", "authorization_codes", "refresh_tokens", "consents", "releases"):
        assert club.vodka.rows(f"SELECT * FROM {table}") == []
    assert club.userinfo(tokens["access_token"]).status_code == 401
    assert club.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"


def swept(vodka: VodkaUnderTest) -> dict[str, int]:
    """What the janitor forgot, of what is about clients."""
    with vodka.app.app_context():
        forgotten = clean(Limits(), vodka.means.vault)
        commit()
    names = ("authorization codes", "refresh tokens", "grants", "registration tokens")
    return {name: forgotten[name] for name in names if forgotten[name]}


def test_codes_and_tokens_of_a_living_grant_are_kept_as_long_as_their_second_use_counts(
    freezer: FrozenDateTimeFactory, club_on_each: RelyingParty
) -> None:
    """A code for a day, refresh tokens as long as their grant; a day after its end, and the grant after thirty."""
    club = club_on_each
    tokens = club.tokens(club.vodka.signed_in(), scope=OFFLINE)
    club.refresh(tokens["refresh_token"])
    freezer.tick(DAY)
    assert swept(club.vodka) == {}
    freezer.tick(1)
    assert swept(club.vodka) == {"authorization codes": 1}
    freezer.tick(30 * DAY - 1)
    assert swept(club.vodka) == {}
    freezer.tick(1)
    assert swept(club.vodka) == {"refresh tokens": 2}
    freezer.tick(29 * DAY - 1)
    assert swept(club.vodka) == {}
    freezer.tick(1)
    assert swept(club.vodka) == {"grants": 1}


def test_a_grant_that_was_ended_goes_thirty_days_later(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """Its tokens after a day."""
    tokens = club.tokens(club.vodka.signed_in(), scope=OFFLINE)
    club.vodka.write("UPDATE grants SET revoked_at = created_at")
    assert tokens
    freezer.tick(DAY + 1)
    assert swept(club.vodka) == {"authorization codes": 1, "refresh tokens": 1}
    freezer.tick(29 * DAY)
    assert swept(club.vodka) == {"grants": 1}


def test_what_a_client_gave_itself_goes_after_a_day(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """It comes by the thousand, and tells of nobody."""
    assert club.token(grant_type="client_credentials").status_code == 200
    freezer.tick(Limits().access_token_lifetime + DAY)
    assert swept(club.vodka) == {}
    freezer.tick(1)
    assert swept(club.vodka) == {"grants": 1}


def test_a_registration_token_goes_a_day_after_its_end(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """Used or not."""
    owner = club.vodka.signed_in("robin.modele@epfl.ch", ip="192.0.2.12")
    path = f"/websites/{club.vodka.rows('SELECT id FROM websites')[0]['id']}/clients"
    csrf = hidden_value(owner.get(path).text, "csrf_token")
    owner.post(f"{path}/tokens", data={"csrf_token": csrf})
    freezer.tick(2 * DAY)
    assert swept(club.vodka) == {}
    freezer.tick(1)
    assert swept(club.vodka) == {"registration tokens": 1}
