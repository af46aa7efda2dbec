"""Inviting people to keep a website, and joining: an invitation is a row for an address, never a secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.keepers import Keeper, invited, keepers_of, shared
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, VodkaUnderTest
from vodka.db import commit
from vodka.janitor import clean

STAFF = "dominique.staff@epfl.ch"
DAY = 86400
MANY = 4


@pytest.fixture
def owner(vodka: VodkaUnderTest) -> Keeper:
    """Robin."""
    return Keeper(vodka, ROBIN)


@pytest.fixture
def guest(vodka: VodkaUnderTest) -> Keeper:
    """Camille."""
    return Keeper(vodka, CAMILLE)


def test_an_invitation_is_accepted_by_who_has_the_address(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """Seen on both sides, used up, on record for both, and the website is there for both."""
    number = vodka.site("club.ch", owner=ROBIN)
    answer = owner.invite(number, f" {CAMILLE.upper()} ")
    assert answer.headers["Location"] == f"/websites/{number}/people?done=invited#done"
    page = owner.get(answer.headers["Location"]).text
    assert "The invitation is on its way." in page
    assert CAMILLE in page
    assert not guest.sees(number)
    invitation = guest.get("/websites").text
    assert "You are invited to keep club.ch" in invitation
    assert f"{ROBIN} asks you" in invitation
    assert guest.accept(number).headers["Location"] == f"/websites/{number}"
    assert guest.sees(number)
    assert keepers_of(vodka, number) == [ROBIN, CAMILLE]
    assert invited(vodka) == []
    assert [event["user_id"] for event in vodka.events("site.invited")] == [owner.id]
    assert [event["user_id"] for event in vodka.events("site.joined")] == [guest.id]
    assert "shared with you" in guest.get("/websites").text
    assert "You keep club.ch from now on." in guest.get("/account/history").text


def test_the_mail_says_who_and_where_and_no_more(vodka: VodkaUnderTest) -> None:
    """In the language of the inviter's page: an address, a domain, a link without anything in it."""
    owner = Keeper(vodka, ROBIN, language="fr")
    number = vodka.site("club.ch", owner=ROBIN, name="Win a prize", description="Click http://evil.ch")
    owner.invite(number, CAMILLE)
    [letter] = vodka.deliver()
    assert letter.to == [CAMILLE]
    assert letter.message["Subject"] == "On vous invite à gérer un site"
    for part in ("plain", "html"):
        body = letter.body(part)
        assert ROBIN in body
        assert "club.ch" in body
        assert f"{vodka.origin}/websites" in body
        assert "evil.ch" not in body
        assert "prize" not in body


def test_the_answer_does_not_tell_whether_an_address_has_an_account(vodka: VodkaUnderTest, owner: Keeper) -> None:
    """The same page, the same mail, the same row."""
    number = vodka.site("club.ch", owner=ROBIN)
    answers = [owner.invite(number, email) for email in (CAMILLE, NOBODY)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (303, f"/websites/{number}/people?done=invited#done")
    }
    assert sorted(letter.to[0] for letter in vodka.deliver()) == [CAMILLE, NOBODY]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "This is not an e-mail address that vodka can write to."),
        ("camille@gmail.com", "Only an EPFL address can sign in here."),
        ("camille+x@epfl.ch", "An address with a"),
        (f"{CAMILLE}\r\nBcc: x@epfl.ch", "This is not an e-mail address that vodka can write to."),
        ("<script>@epfl.ch", "This is not an e-mail address that vodka can write to."),
        (ROBIN, "This person keeps the website already."),
        (STAFF, "This person keeps the website already."),
    ],
    ids=["nothing", "elsewhere", "tagged", "a header", "markup", "the owner", "a co-owner"],
)
def test_an_address_that_cannot_be_invited_stays_in_the_field(
    vodka: VodkaUnderTest, owner: Keeper, typed: str, sentence: str
) -> None:
    """With what is wrong; nothing is counted, nothing is sent."""
    number = shared(vodka, owner, Keeper(vodka, STAFF))
    vodka.deliver()
    answer = owner.invite(number, typed)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert f'value="{typed.strip().replace("<", "&lt;").replace(">", "&gt;")}"' in answer.text
    assert (invited(vodka), vodka.deliver()) == ([], [])


@pytest.mark.parametrize("change", ["verified_since = NULL", "suspended_at = seen_at, suspended_why = 'proof'"])
def test_only_a_website_that_is_verified_now_invites(
    vodka: VodkaUnderTest, owner: Keeper, guest: Keeper, change: str
) -> None:
    """Neither a new invitation nor one from before is worth anything until the proof is back."""
    number = vodka.site("club.ch", owner=ROBIN)
    owner.invite(number, CAMILLE)
    vodka.write(f"UPDATE websites SET {change}")
    assert "Once the domain is proven, you can invite people here." in owner.get(f"/websites/{number}/people").text
    answer = owner.invite(number, NOBODY)
    assert answer.status_code == 400
    assert "Only a website whose domain is proven can invite people. Prove the domain first." in answer.text
    assert "club.ch" not in guest.get("/websites").text
    assert guest.accept(number).status_code == 404
    assert invited(vodka) == [CAMILLE]
    vodka.write("UPDATE websites SET verified_since = seen_at, suspended_at = NULL, suspended_why = NULL")
    assert guest.accept(number).status_code == 303


def test_the_same_address_is_invited_once_a_day(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, owner: Keeper
) -> None:
    """To the second, whatever became of the first one; also by a website that was deleted and added again."""
    number = vodka.site("club.ch", owner=ROBIN)
    assert owner.invite(number, CAMILLE).status_code == 303
    assert owner.people(number, "withdraw", email=CAMILLE).status_code == 303
    owner.post(f"/websites/{number}/delete", domain="club.ch")
    number = vodka.site("club.ch", owner=ROBIN)
    freezer.tick(DAY - 1)
    answer = owner.invite(number, CAMILLE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert "This address was invited less than a day ago." in answer.text
    assert f'value="{CAMILLE}"' in answer.text
    assert owner.invite(vodka.site("other.ch", owner=ROBIN), CAMILLE).status_code == 303
    freezer.tick(1)
    assert owner.invite(number, CAMILLE).status_code == 303


def test_twenty_invitations_a_day_and_not_one_more(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, owner: Keeper
) -> None:
    """By one person over all websites; what was refused is not counted against its address either."""
    most = vodka.means.limits.invitations_per_day
    assert most == 20
    for count in range(most):
        number = vodka.site(f"club{count // 10}.ch", owner=ROBIN)
        assert owner.invite(number, f"guest{count}@epfl.ch").status_code == 303
    number = vodka.site("last.ch", owner=ROBIN)
    freezer.tick(DAY - 1)
    answer = owner.invite(number, CAMILLE)
    assert answer.status_code == 429
    assert "That is a lot of invitations for one day. Please go on tomorrow." in answer.text
    assert len(vodka.deliver()) == most
    freezer.tick(1)
    assert owner.invite(number, CAMILLE).status_code == 303


def test_ten_people_and_not_one_more(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """With those who are invited; a new invitation of the same address takes no second place."""
    most = vodka.means.limits.co_owners_per_website
    assert most == 10
    number = shared(vodka, owner, guest)
    for count in range(most - 1):
        assert owner.invite(number, f"guest{count}@epfl.ch").status_code == 303
    vodka.write("DELETE FROM tallies")
    assert "as many people and invitations as it can have" in owner.get(f"/websites/{number}/people").text
    answer = owner.invite(number, NOBODY)
    assert answer.status_code == 400
    assert "Remove a person or withdraw an invitation first." in answer.text
    assert owner.invite(number, "guest0@epfl.ch").status_code == 303
    owner.people(number, "withdraw", email="guest0@epfl.ch")
    assert owner.invite(number, NOBODY).status_code == 303


def test_an_invitation_lives_for_a_week(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, owner: Keeper) -> None:
    """Alive the second before, over at the moment itself: gone from the lists, and accepting it is a 404."""
    assert vodka.means.limits.invitation_lifetime == 7 * DAY
    first, second = (vodka.site(domain, owner=ROBIN) for domain in ("one.ch", "two.ch"))
    for number in (first, second):
        owner.invite(number, CAMILLE)
    freezer.tick(7 * DAY - 1)
    guest, owner = Keeper(vodka, CAMILLE), Keeper(vodka, ROBIN)
    assert "invited to keep two.ch" in guest.get("/websites").text
    assert guest.accept(first).status_code == 303
    freezer.tick(1)
    assert "invited to keep" not in guest.get("/websites").text
    assert CAMILLE not in owner.get(f"/websites/{second}/people").text
    assert guest.accept(second).status_code == 404
    assert guest.post(f"/websites/invitations/{second}/decline").status_code == 404


def test_an_invitation_is_forgotten_a_day_after_its_end(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, owner: Keeper
) -> None:
    """By the janitor, and no earlier."""
    owner.invite(vodka.site("club.ch", owner=ROBIN), CAMILLE)
    freezer.tick(8 * DAY)
    for left in (1, 0):
        with vodka.app.app_context():
            clean(vodka.means.limits, vodka.means.vault)
            commit()
        assert len(invited(vodka)) == left
        freezer.tick(1)


def test_who_declines_or_is_withdrawn_cannot_accept(vodka: VodkaUnderTest, owner: Keeper, guest: Keeper) -> None:
    """The website stays out of reach."""
    first, second = (vodka.site(domain, owner=ROBIN) for domain in ("one.ch", "two.ch"))
    for number in (first, second):
        owner.invite(number, CAMILLE)
    declined = guest.post(f"/websites/invitations/{first}/decline")
    assert declined.headers["Location"] == "/websites?done=declined#done"
    assert "The invitation is declined." in guest.get(declined.headers["Location"]).text
    assert owner.people(second, "withdraw", email=CAMILLE).status_code == 303
    assert owner.people(second, "withdraw", email=CAMILLE).status_code == 303
    for number in (first, second):
        assert guest.accept(number).status_code == 404
        assert not guest.sees(number)
        assert guest.post(f"/websites/invitations/{number}/decline").status_code == 404


def test_one_invitation_accepted_many_times_at_once_is_one(vodka_on_each: VodkaUnderTest) -> None:
    """On each database: everybody lands on the website, one row, one event; a stranger beside them gets nothing."""
    vodka = vodka_on_each
    owner, guest, stranger = Keeper(vodka, ROBIN), Keeper(vodka, CAMILLE), Keeper(vodka, STAFF)
    number = vodka.site("club.ch", owner=ROBIN)
    owner.invite(number, CAMILLE)
    barrier = Barrier(2 * MANY)
    again = [Keeper(vodka, CAMILLE) for _ in range(MANY - 1)]

    def accept(who: Keeper) -> int:
        barrier.wait()
        return who.accept(number).status_code

    with ThreadPoolExecutor(2 * MANY) as pool:
        answers = list(pool.map(accept, [guest, *again, *[Keeper(vodka, STAFF) for _ in range(MANY - 1)], stranger]))
    assert answers == [303] * MANY + [404] * MANY
    assert keepers_of(vodka, number) == [ROBIN, CAMILLE]
    assert len(vodka.events("site.joined")) == 1
