"""Those who keep a website: what the owner alone may do, leaving, removing, handing over."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.keepers import Keeper, invited, keepers_of, number_in, shared
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, VodkaUnderTest

STAFF = "dominique.staff@epfl.ch"
GONE = "An address that is somebody else’s now"


@pytest.fixture
def owner(vodka: VodkaUnderTest) -> Keeper:
    """Robin."""
    return Keeper(vodka, ROBIN)


@pytest.fixture
def guest(vodka: VodkaUnderTest) -> Keeper:
    """Camille."""
    return Keeper(vodka, CAMILLE)


ACTS = {
    "invite": {"email": NOBODY},
    "withdraw": {"email": STAFF},
    "remove": {"person": "1"},
    "hand-over": {"person": "1"},
    "leave": {},
}


def tried(who: Keeper, number: int) -> list[TestResponse]:
    """Every page and every act of a website's people, and its deletion."""
    answers = [who.get(f"/websites/{number}{page}") for page in ("/people", "/delete")]
    answers += [who.people(number, act, **fields) for act, fields in ACTS.items()]
    return [*answers, who.post(f"/websites/{number}/delete", domain="club.ch")]


def test_the_website_of_somebody_else_is_not_there(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """404 for every verb: for a stranger, for who is invited, for a removed co-owner, and for a number that is none."""
    staff = Keeper(vodka, STAFF)
    number = shared(vodka, owner, guest)
    owner.invite(number, STAFF)
    owner.people(number, "remove", person=str(guest.id))
    before = (keepers_of(vodka, number), invited(vodka))
    for who in (staff, guest, Keeper(vodka, NOBODY)):
        assert {answer.status_code for answer in tried(who, number)} == {404}
    for stranger in (number + 1, 2**31):
        assert {answer.status_code for answer in tried(owner, stranger)} == {404}
        assert owner.accept(stranger).status_code == 404
    assert (keepers_of(vodka, number), invited(vodka)) == before == ([ROBIN], [STAFF])


def test_a_co_owner_may_leave_and_decide_about_nobody(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """403 for what the owner alone may; leaving ends it at once."""
    staff = Keeper(vodka, STAFF)
    number = shared(vodka, owner, guest, staff)
    page = guest.get(f"/websites/{number}/people").text
    assert f"/websites/{number}/people/leave" in page
    assert "/people/remove" not in page
    fields = {"invite": {"email": NOBODY}, "withdraw": {"email": NOBODY}}
    fields |= {"remove": {"person": str(staff.id)}, "hand-over": {"person": str(guest.id)}}
    for act, sent in fields.items():
        answer = guest.people(number, act, **sent)
        assert answer.status_code == 403
        assert "Only the owner of this website can do that." in answer.text
    for answer in (guest.get(f"/websites/{number}/delete"), guest.post(f"/websites/{number}/delete", domain="club.ch")):
        assert answer.status_code == 403
    assert keepers_of(vodka, number) == [ROBIN, CAMILLE, STAFF]
    assert guest.people(number, "leave").headers["Location"] == "/websites?done=left#done"
    assert not guest.sees(number)
    assert keepers_of(vodka, number) == [ROBIN, STAFF]
    assert [event["user_id"] for event in vodka.events("site.left")] == [guest.id]


def test_the_owner_removes_and_cannot_leave(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """Removing is on record for both, once; an owner hands over or deletes."""
    number = shared(vodka, owner, guest)
    for _ in range(2):
        assert owner.people(number, "remove", person=str(guest.id)).status_code == 303
    assert not guest.sees(number)
    assert [event["user_id"] for event in vodka.events("site.removed_person")] == [owner.id]
    assert [event["user_id"] for event in vodka.events("site.left")] == [guest.id]
    answer = owner.people(number, "leave")
    assert answer.status_code == 403
    assert "Hand the website over before you leave it, or delete it." in answer.text
    for nobody in ("", "x", "-1", "1.0", "²", "9" * 11):
        assert owner.people(number, "remove", person=nobody).status_code == 404


def test_a_website_is_handed_over(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """The two change places, on record for both; who is no co-owner cannot be given anything."""
    number = shared(vodka, owner, guest)
    staff = Keeper(vodka, STAFF)
    for person in (staff.id, owner.id, 999):
        assert owner.people(number, "hand-over", person=str(person)).status_code == 404
    answer = owner.people(number, "hand-over", person=str(guest.id))
    assert answer.headers["Location"] == f"/websites/{number}/people?done=handed_over#done"
    assert "The website has its new owner." in owner.get(answer.headers["Location"]).text
    assert keepers_of(vodka, number) == [CAMILLE, ROBIN]
    assert owner.people(number, "hand-over", person=str(owner.id)).status_code == 403
    assert guest.people(number, "remove", person=str(owner.id)).status_code == 303
    assert not owner.sees(number)
    assert {event["user_id"] for event in vodka.events("site.handed_over")} == {owner.id, guest.id}


def test_an_heir_who_claims_the_domain_keeps_one_website(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """A claim that is not proven gives way; against one that is proven there is nothing to hand over."""
    number = shared(vodka, owner, guest)
    vodka.write(f"INSERT INTO co_owners VALUES ({number}, {Keeper(vodka, STAFF).id}, '2026-01-01 00:00:00.000000')")
    own = vodka.rows("SELECT id FROM websites")  # the shared one alone: adding the domain leads there
    assert number_in(guest.add("club.ch")) == own[0]["id"]
    theirs = vodka.site("club.ch", owner=CAMILLE)  # takes the domain
    answer = owner.people(number, "hand-over", person=str(guest.id))
    assert answer.status_code == 400
    assert "This person has proven the domain for a website of their own." in answer.text
    vodka.site("club.ch", owner=ROBIN)  # and back
    assert owner.people(number, "hand-over", person=str(guest.id)).status_code == 303
    assert [row["id"] for row in vodka.rows("SELECT id FROM websites")] == [number] != [theirs]


def test_a_former_owner_keeps_an_unproven_claim(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """Displaced by a new proof: the own pages stay, the new owner's are not there."""
    number = vodka.site("club.ch", owner=ROBIN)
    taken = vodka.site("club.ch", owner=CAMILLE)
    assert (owner.sees(number), owner.sees(taken)) == (True, False)
    assert (guest.sees(taken), guest.sees(number)) == (True, False)
    assert "not proven yet" in owner.get("/websites").text


def test_a_co_owner_changes_everything_else(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """The other pages of the website are theirs too."""
    number = shared(vodka, owner, guest)
    for page in ("", "/proof", "/asks", "/answers", "/code", "/logo"):
        assert guest.get(f"/websites/{number}{page}").status_code == owner.get(f"/websites/{number}{page}").status_code


def test_an_address_that_went_to_somebody_else_is_not_shown(
    vodka: VodkaUnderTest, owner: Keeper, guest: Keeper
) -> None:
    """In its place stands that it is gone: the owner's for the others, a co-owner's, an inviter's."""
    staff = Keeper(vodka, STAFF)
    number = shared(vodka, owner, guest, staff)
    vodka.write("UPDATE users SET email = NULL WHERE email = :gone", gone=STAFF)
    assert GONE in owner.get(f"/websites/{number}/people").text
    owner.invite(number, NOBODY)
    vodka.write("UPDATE users SET email = NULL WHERE email = :gone", gone=ROBIN)
    assert guest.get(f"/websites/{number}/people").text.count(GONE) == 2
    assert "Its owner asks you" in Keeper(vodka, NOBODY).get("/websites").text
