"""Deleting the account: what it asks for, what is gone with the answer, what stays and says nothing (AUD-04)."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.handed_over import claims_in
from tests.keepers import Keeper, shared
from tests.oauth.device_flow import Television
from tests.proxying import Protected
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.accounts.fields import Wanted
from vodka.audit.chain import Chain
from vodka.db import commit
from vodka.holdings.store import HOLDINGS
from vodka.limits import Limits

PATH = "/account/delete"
STAFF = "dominique.staff@epfl.ch"


@pytest.fixture
def used(vodka_on_each: VodkaUnderTest) -> Browser:
    """Camille on each database, with something in nearly every table; and Robin beside."""
    vodka = vodka_on_each
    vodka.site()
    vodka.site("code.ch", mode="code")
    vodka.signed_in(ROBIN, ip="192.0.2.11").authorize()
    number = vodka.site("camille.ch", owner=CAMILLE)
    camille = Keeper(vodka, CAMILLE)
    camille.invite(number, NOBODY)
    shared(vodka, Keeper(vodka, ROBIN), camille)
    Keeper(vodka, STAFF).invite(vodka.site("staff.ch", owner=STAFF), CAMILLE)
    camille.post("/report/code.ch", kind="too_much", words="Why my section?")
    browser = camille.browser
    browser.consent_page().decide("accept", "firstName", remember="always")
    browser.consent_page("https://code.ch/cb").decide("accept")
    Television.of(vodka).tokens(browser)
    form = {"password": "vier Worte am Fluss", "again": "vier Worte am Fluss"}
    token = hidden_value(browser.get("/account/password").text, "csrf_token")
    assert browser.post("/account/password", data=form | {"csrf_token": token}).status_code == 303
    Protected.of(vodka).open(browser)
    vodka.browser(ip="192.0.2.12").ask(CAMILLE)
    return browser


def delete(browser: Browser, address: str = CAMILLE, **changed: str) -> TestResponse:
    """Type the address and press the button."""
    csrf = hidden_value(browser.get(PATH).text, "csrf_token")
    return browser.post(PATH, data={"csrf_token": csrf, "address": address} | changed)


def left(vodka: VodkaUnderTest, email: str = CAMILLE) -> dict[str, int]:
    """How many rows of each kind speak of this person, by account or by address."""
    ids = [row["id"] for row in vodka.rows("SELECT id FROM users WHERE email = :email", email=email)]
    found = {}
    for holding in HOLDINGS:
        key = email if holding.by_address else (ids[0] if ids else -1)
        sql = f"SELECT COUNT(*) AS n FROM {holding.table.name} WHERE {holding.key} = :key"
        found[holding.name] = vodka.rows(sql, key=key)[0]["n"]
    return found


def test_aud_04_everything_is_gone_with_the_answer(used: Browser) -> None:
    """Rows by account and rows by address, on each database; nobody else loses anything."""
    vodka = used.vodka
    before, robin = left(vodka), left(vodka, ROBIN)
    assert {name for name, number in before.items() if number == 0} == {"passkeys", "registration_tokens"}
    response = delete(used)
    assert response.status_code == 200
    assert "Your account is deleted" in response.text
    assert set(left(vodka).values()) == {0}
    assert left(vodka, ROBIN) == robin
    tables = ("sessions", "devices", "consents", "releases", "websites", "co_owners", "reports", "site_codes")
    for table in (*tables, "scoped_codes", "scoped_sessions"):
        key = "owner_id" if table == "websites" else "user_id"
        assert vodka.rows(f"SELECT {key} FROM {table} WHERE {key} NOT IN (SELECT id FROM users)") == []


def test_aud_04_no_text_of_the_database_names_the_person(used: Browser) -> None:
    """Neither the address, nor a part of it, nor the name: the audit has one pseudonym for all the acts of the account."""
    vodka = used.vodka
    mine = "SELECT COUNT(*) AS n FROM audit_events WHERE user_id = (SELECT id FROM users WHERE email = :email)"
    acts = vodka.rows(mine, email=CAMILLE)[0]["n"]
    delete(used)
    with vodka.app.app_context():
        tables = [holding.table.name for holding in HOLDINGS]
    for name in tables:
        assert "camille" not in repr(vodka.rows(f"SELECT * FROM {name}")).lower()
    subjects = vodka.rows("SELECT subject, COUNT(*) AS n FROM audit_events WHERE user_id IS NULL GROUP BY subject")
    [pseudonym] = [row for row in subjects if row["n"] > 1]
    assert pseudonym["n"] == acts + 1  # and the deletion itself
    assert len(vodka.events("account.deleted")) == 1


def test_aud_03_the_chain_of_events_stays_whole(vodka: VodkaUnderTest) -> None:
    """What was sealed before can be verified after a person was taken out of it."""
    browser = vodka.signed_in()
    chain = Chain(vodka.means.vault, vodka.means.limits)
    with vodka.app.app_context():
        sealed = sum(chain.seal_all())
        commit()
    delete(browser)
    with vodka.app.app_context():
        assert chain.verify() == sealed > 0


def test_ses_13_every_session_of_a_deleted_account_is_over(vodka: VodkaUnderTest) -> None:
    """This browser has forgotten its cookies; a copy of them and another browser are strangers from now on."""
    used, other, copy = vodka.signed_in(), vodka.signed_in(ip="192.0.2.13"), vodka.browser()
    copy.set_cookie("SESSION_ID", str(used.cookie("SESSION_ID")))
    assert copy.get("/data", query_string={"domain": SITE}).status_code == 200
    delete(used)
    assert used.cookie("SESSION_ID") in (None, "")
    for browser in (used, copy, other):
        assert browser.get("/data", query_string={"domain": SITE}).status_code == 401


def test_dir_09_what_the_directory_said_is_forgotten(vodka: VodkaUnderTest) -> None:
    """The name too, not only the account."""
    browser = vodka.signed_in()
    assert vodka.rows("SELECT email FROM person_records") == [{"email": CAMILLE}]
    delete(browser)
    assert vodka.rows("SELECT email FROM person_records") == []


def test_who_comes_back_is_the_same_person_to_a_website(vodka: VodkaUnderTest) -> None:
    """The subject is derived from the EPFL number; nothing of before is remembered, so the consent is asked for."""
    vodka.site()
    browser = vodka.signed_in()
    first = claims_in(browser.consent_page().decide("accept", remember="always"), vodka)["sub"]
    delete(browser)
    again = vodka.signed_in(ip="192.0.2.13").consent_page()
    assert 'id="deny"' in again.html
    assert claims_in(again.decide("accept"), vodka)["sub"] == first


def test_a_website_of_a_deleted_owner_asks_nobody_any_more(vodka: VodkaUnderTest) -> None:
    """The page says which, and it is so from then on."""
    vodka.site("camille.ch", owner=CAMILLE, wanted=(Wanted("email", True),))
    robin = vodka.signed_in(ROBIN, ip="192.0.2.11")
    page = robin.consent_page("https://camille.ch/cb")
    browser = vodka.signed_in()
    assert "Nobody can sign in with vodka at camille.ch any more." in browser.get(PATH).text
    assert delete(browser).status_code == 200
    assert page.decide("accept").status_code == 400


@pytest.mark.parametrize("typed", ["", "camille", ROBIN, f"{CAMILLE}x", "delete", "<script>"])
def test_the_address_has_to_be_typed_in_full(vodka: VodkaUnderTest, typed: str) -> None:
    """Anything else: the page says so and nothing is gone; the right one, in any case and with spaces around, does it."""
    browser = vodka.signed_in()
    response = delete(browser, typed)
    assert response.status_code == 400
    assert "This is not the address of this account. Nothing was deleted." in response.text
    assert left(vodka)["account"] == 1
    assert delete(browser, f" {CAMILLE.title()} ").status_code == 200
    assert left(vodka)["account"] == 0


def test_the_login_has_to_be_of_the_last_ten_minutes(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Up to the second before; afterwards the page has no such button, and the request does nothing."""
    assert Limits().fresh_login == 600
    browser = vodka.signed_in()
    freezer.tick(599)
    assert 'name="address"' in browser.get(PATH).text
    freezer.tick(1)
    page = browser.get(PATH).text
    assert 'name="address"' not in page
    assert f'action="{PATH}/sign-in"' in page
    response = delete(browser)
    assert (response.status_code, response.headers["Location"]) == (303, PATH)
    assert left(vodka)["account"] == 1


def test_signing_in_again_leads_back_to_the_page(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """The old session ends, a fresh code is asked for, and then it can be done."""
    browser = vodka.signed_in()
    freezer.tick(3600)
    csrf = hidden_value(browser.get(PATH).text, "csrf_token")
    response = browser.post(f"{PATH}/sign-in", data={"csrf_token": csrf})
    assert (response.status_code, response.headers["Location"]) == (303, "/login?redirect=%2Faccount%2Fdelete")
    assert browser.get(PATH).status_code == 401
    assert browser.get(response.headers["Location"]).status_code == 200
    browser.post("/login", data={"email": CAMILLE, "redirect": PATH})
    back = browser.post("/login/code", data={"attempt": browser.code()})
    assert back.headers["Location"] == PATH
    assert delete(browser).status_code == 200


def test_csr_01_nobody_else_can_press_the_buttons(vodka: VodkaUnderTest) -> None:
    """Without the token, from another site, or without a session: nothing happens."""
    browser = vodka.signed_in()
    for path in (PATH, f"{PATH}/sign-in"):
        assert browser.post(path, data={"address": CAMILLE}).status_code == 403
        assert browser.post(path, data={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert vodka.browser().post(path, data={}).status_code == 401
        assert vodka.browser().get(PATH).status_code == 401
    assert browser.get(PATH).status_code == 200
    assert left(vodka)["account"] == 1


def test_a_person_whom_the_directory_does_not_know_can_go_too(vodka: VodkaUnderTest) -> None:
    """Without an EPFL number, and without a website."""
    browser = vodka.signed_in(NOBODY)
    assert "any more." not in browser.get(PATH).text
    assert delete(browser, NOBODY).status_code == 200
    assert set(left(vodka, NOBODY).values()) == {0}


@pytest.fixture
def robins(start: Start) -> Browser:
    """Robin, whose address Camille's account once had."""
    vodka = start()
    vodka.signed_in(CAMILLE)
    return vodka.signed_in(ROBIN, ip="192.0.2.11")


def test_the_events_of_others_are_left_alone(robins: Browser) -> None:
    """Camille's history is untouched by Robin's going."""
    before = robins.vodka.rows("SELECT id, subject, user_id FROM audit_events WHERE subject = :email", email=CAMILLE)
    assert delete(robins, ROBIN).status_code == 200
    after = robins.vodka.rows("SELECT id, subject, user_id FROM audit_events WHERE subject = :email", email=CAMILLE)
    assert before == after != []
