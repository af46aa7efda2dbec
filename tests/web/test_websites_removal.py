"""Deleting a website, and what becomes of it when its owner goes."""

from __future__ import annotations

import pytest

from tests.keepers import Keeper, number_in, shared
from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest, hidden_value

STAFF = "dominique.staff@epfl.ch"
TABLES = ("co_owners", "invitations", "challenges", "site_secrets", "logos", "refusals", "reports", "site_codes")


@pytest.fixture
def owner(vodka_on_each: VodkaUnderTest) -> Keeper:
    """Robin, on each database."""
    return Keeper(vodka_on_each, ROBIN)


def delete_account(who: Keeper) -> None:
    """By the page for it."""
    page = who.get("/account/delete").text
    answer = who.browser.post(
        "/account/delete", data={"csrf_token": hidden_value(page, "csrf_token"), "address": who.email}
    )
    assert answer.status_code == 200


def owner_of(vodka: VodkaUnderTest, number: int) -> list[str]:
    """The owner's address; nothing once the website is gone."""
    sql = "SELECT email FROM users JOIN websites ON users.id = owner_id WHERE websites.id = :number"
    return [row["email"] for row in vodka.rows(sql, number=number)]


def test_a_deleted_website_is_gone_with_all_that_was_its_own(owner: Keeper) -> None:
    """The page says so first; logins stop at once, other websites stay, and the domain may be added again."""
    vodka, guest = owner.vodka, Keeper(owner.vodka, CAMILLE)
    number, other = shared(vodka, owner, guest), vodka.site("other.ch", owner=ROBIN)
    owner.invite(number, STAFF)
    owner.get(f"/websites/{number}/proof")
    consent = guest.browser.consent_page("https://club.ch/cb")
    page = owner.get(f"/websites/{number}/delete").text
    assert "Nobody can sign in there with vodka any more, from this moment on." in page
    answer = owner.post(f"/websites/{number}/delete", domain=" CLUB.ch ")
    assert answer.headers["Location"] == "/websites?done=deleted#done"
    assert "The website is deleted." in owner.get(answer.headers["Location"]).text
    assert consent.decide("accept").status_code == 400
    assert guest.browser.get("/authorize?redirect=https://club.ch/cb").status_code == 400
    assert (owner_of(vodka, number), owner_of(vodka, other)) == ([], [ROBIN])
    for table in TABLES:
        assert vodka.rows(f"SELECT website_id FROM {table} WHERE website_id = {number}") == []
    assert (owner.sees(number), guest.sees(number)) == (False, False)
    [event] = vodka.events("site.deleted")
    assert (event["user_id"], event["subject"]) == (owner.id, "club.ch")
    assert "You deleted the website club.ch." in owner.get("/account/history").text
    assert number_in(owner.add("club.ch"))


@pytest.mark.parametrize("typed", ["", "club", "other.ch", "club.ch.", "https://club.ch", "<script>"])
def test_the_domain_has_to_be_typed(vodka: VodkaUnderTest, typed: str) -> None:
    """Anything else: the page says so, keeps what was typed, and nothing is gone."""
    owner = Keeper(vodka, ROBIN)
    number = vodka.site("club.ch", owner=ROBIN)
    answer = owner.post(f"/websites/{number}/delete", domain=typed)
    assert answer.status_code == 400
    assert "This is not the domain of this website. Nothing was deleted." in answer.text
    assert f'value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in answer.text
    assert owner_of(vodka, number) == [ROBIN]


def test_a_website_outlives_its_owners_account_with_a_co_owner(owner: Keeper) -> None:
    """It goes to the oldest co-owner, on record; people go on signing in; one without co-owners goes with the account."""
    vodka = owner.vodka
    guest, staff = Keeper(vodka, CAMILLE), Keeper(vodka, STAFF)
    number, alone = shared(vodka, owner, guest, staff), vodka.site("alone.ch", owner=ROBIN)
    page = owner.get("/account/delete").text
    assert "Nobody can sign in with vodka at alone.ch any more." in page
    delete_account(owner)
    assert (owner_of(vodka, number), owner_of(vodka, alone)) == ([CAMILLE], [])
    assert [row["user_id"] for row in vodka.rows("SELECT user_id FROM co_owners")] == [staff.id]
    assert [event["user_id"] for event in vodka.events("site.handed_over")] == [guest.id]
    assert "club.ch was handed over." in guest.get("/account/history").text
    assert staff.browser.consent_page("https://club.ch/cb")


def test_an_heir_can_sign_in_and_has_no_better_claim(owner: Keeper) -> None:
    """Who is disabled comes after the others; who holds the domain by a proof of their own gets no second website."""
    vodka = owner.vodka
    guest, staff = Keeper(vodka, CAMILLE), Keeper(vodka, STAFF)
    first, second = shared(vodka, owner, guest, staff), shared(vodka, owner, staff, domain="taken.ch")
    theirs = vodka.site("taken.ch", owner=STAFF)
    vodka.write("UPDATE users SET disabled_at = created_at WHERE email = :email", email=CAMILLE)
    delete_account(owner)
    assert owner_of(vodka, first) == [STAFF]
    assert (owner_of(vodka, second), owner_of(vodka, theirs)) == ([], [STAFF])
