"""The chain of events: whatever is changed, removed or inserted behind vodka's back is found (AUD-03), and forgetting is not."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.vodka_under_test import CAMILLE, ROBIN, SECRETS, VodkaUnderTest
from vodka import clock
from vodka.audit import store as audit
from vodka.audit.chain import Chain, ChainBroken
from vodka.chores import build_worker
from vodka.db import commit
from vodka.limits import Limits
from vodka.sealing import Vault

DAY = 86400
KEPT = Limits().keep_networks


def chain_of(vodka: VodkaUnderTest) -> Chain:
    """The chain with this vodka's secrets."""
    return Chain(vodka.means.vault, vodka.means.limits)


def sealed(vodka: VodkaUnderTest, *kinds: str) -> None:
    """Write an event of each of these kinds about Camille, and seal everything."""
    with vodka.app.app_context():
        for number, kind in enumerate(kinds):
            audit.add(kind, user_id=7, subject=CAMILLE, detail=f"detail {number}")
        commit()
        for _ in chain_of(vodka).seal_all():
            commit()


def verified(vodka: VodkaUnderTest) -> int:
    """How many events the chain holds; raises ChainBroken."""
    with vodka.app.app_context():
        return chain_of(vodka).verify()


@pytest.fixture
def five(vodka_on_each: VodkaUnderTest) -> VodkaUnderTest:
    """A vodka with five sealed events, on each database."""
    sealed(vodka_on_each, "a", "b", "c", "d", "e")
    assert verified(vodka_on_each) == 5
    return vodka_on_each


def places(vodka: VodkaUnderTest) -> list[int]:
    """The ids of all events in the order of the chain."""
    return [row["id"] for row in vodka.rows("SELECT id FROM audit_events ORDER BY place")]


CHANGES = {
    "its kind": "kind = 'x'",
    "its moment": "at = '2020-01-01 00:00:00'",
    "its detail": "detail = 'x'",
    "its request": "request_id = 'x'",
    "its subject": "subject = 'x@epfl.ch'",
    "its account": "user_id = 8",
    "no account any more": "user_id = NULL",
    "its network": "network = '198.51.100.0/24'",
    "its subject, and the salt gone": "subject = 'x@epfl.ch', person_salt = NULL",
    "a person that was not forgotten, and the salt gone": "subject = 'erased:x', person_salt = NULL",
    "its network, and the salt gone": "network = '198.51.100.0/24', network_salt = NULL",
    "its network forgotten too early": "network = '', network_salt = NULL",
    "another digest of its network": "network_digest = person_digest",
    "its value": "chained = person_digest",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_aud_03_a_changed_event_is_found_and_named(five: VodkaUnderTest, change: str) -> None:
    """Whatever column it is, of an event in the middle."""
    five.write(f"UPDATE audit_events SET {change} WHERE place = 3")
    with pytest.raises(ChainBroken) as broken:
        verified(five)
    assert broken.value.public.startswith(f"The audit was tampered with. Event {places(five)[2]}: ")


REMOVED = {"the first": (1, 1), "one in the middle": (3, 3), "the last": (5, 5), "the last two": (4, 4)}


@pytest.mark.parametrize(("place", "named"), REMOVED.values(), ids=REMOVED)
def test_aud_03_a_removed_event_is_found(five: VodkaUnderTest, place: int, named: int) -> None:
    """Also at either end, and also when the next ones are sealed before anybody looks."""
    five.write(f"DELETE FROM audit_events WHERE place {'>=' if place == 4 else '='} {place}")
    sealed(five, "f")
    with pytest.raises(ChainBroken, match=f"The event at place {named}: it was removed"):
        verified(five)


@pytest.mark.parametrize("place", [0, -1, 6], ids=["before the first", "far before the first", "after the last"])
def test_aud_03_an_inserted_event_is_found(five: VodkaUnderTest, place: int) -> None:
    """A copy with a place of its own is not part of the chain."""
    columns = "at, kind, user_id, subject, network, request_id, detail, chained, person_salt, person_digest"
    columns += ", network_salt, network_digest"
    five.write(
        f"INSERT INTO audit_events (place, {columns}) SELECT {place}, {columns} FROM audit_events WHERE place = 5"
    )
    with pytest.raises(ChainBroken, match="it was inserted"):
        verified(five)


def test_aud_03_events_that_change_places_are_found(five: VodkaUnderTest) -> None:
    """The order is part of what happened."""
    for before, now in ((2, 99), (3, 2), (99, 3)):
        five.write(f"UPDATE audit_events SET place = {now} WHERE place = {before}")
    with pytest.raises(ChainBroken, match="it was changed"):
        verified(five)


FORGED = {
    "a shorter chain": "UPDATE audit_head SET length = 4",
    "another end": "UPDATE audit_head SET last = anchor",
    "a later beginning": "UPDATE audit_head SET anchor_place = 1",
    "another signature": "UPDATE audit_head SET signature = last",
}


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED)
def test_aud_03_a_forged_head_is_found_and_nothing_is_built_on_it(five: VodkaUnderTest, forgery: str) -> None:
    """Its signature is a MAC under a secret that is not in the database; sealing and purging refuse."""
    five.write(forgery)
    with pytest.raises(ChainBroken, match="its signature is not ours"):
        verified(five)
    with pytest.raises(ChainBroken, match="its signature is not ours"):
        sealed(five, "f")
    with five.app.app_context(), pytest.raises(ChainBroken, match="its signature is not ours"):
        chain_of(five).purge(clock.after(1))


def test_aud_03_an_old_head_does_not_fit_a_longer_chain(five: VodkaUnderTest) -> None:
    """A head that was signed once, with the tail it stood for: what came after it was inserted."""
    (old,) = five.rows("SELECT length, last, signature FROM audit_head")
    sealed(five, "f")
    five.write("UPDATE audit_head SET length = :length, last = :last, signature = :signature", **old)
    with pytest.raises(ChainBroken, match="it was inserted"):
        verified(five)


def test_aud_03_a_chain_without_a_head_is_found(five: VodkaUnderTest) -> None:
    """Nor does sealing make another head for it."""
    five.write("DELETE FROM audit_head")
    with pytest.raises(ChainBroken, match="the chain has no head"):
        verified(five)


def test_aud_03_a_removed_end_is_found_before_anything_is_sealed_after_it(five: VodkaUnderTest) -> None:
    """The head knows how long the chain is."""
    five.write("DELETE FROM audit_events WHERE place = 5")
    with pytest.raises(ChainBroken, match="The event at place 5: it was removed"):
        verified(five)


def test_aud_03_a_chain_that_was_made_anew_from_its_beginning_is_found(five: VodkaUnderTest) -> None:
    """Every value fits the one before it, as whoever can write to the database may compute them; the end is not ours."""
    (ours,) = five.rows("SELECT length, last, signature FROM audit_head")
    five.write("DELETE FROM audit_head")
    five.write("UPDATE audit_events SET place = NULL, kind = 'x'")
    with five.app.app_context():
        secrets = (b"a secret that is not vodka's own",)
        assert Chain(Vault(secrets, secrets), five.means.limits).seal() == 5
        commit()
    five.write("UPDATE audit_head SET length = :length, last = :last, signature = :signature", **ours)
    with pytest.raises(ChainBroken, match="The event at place 5: it was changed"):
        verified(five)


def test_aud_03_a_replaced_tail_is_found(five: VodkaUnderTest) -> None:
    """The last event changed with a value that fits it: the head knows the true one."""
    five.write("UPDATE audit_events SET place = NULL WHERE place = 5")
    five.write("UPDATE audit_events SET kind = 'x' WHERE place IS NULL")
    sealed(five)
    with pytest.raises(ChainBroken, match="The event at place 5: it was removed"):
        verified(five)


def test_an_empty_audit_is_whole(vodka: VodkaUnderTest) -> None:
    """Nothing to seal, nothing to verify, nothing to forget."""
    with vodka.app.app_context():
        assert chain_of(vodka).seal() == 0
        assert chain_of(vodka).verify() == 0
        assert chain_of(vodka).purge(clock.now()) == 0


def test_sealing_goes_on_where_it_stopped_in_as_many_steps_as_it_takes(vodka: VodkaUnderTest) -> None:
    """More events than one step takes; verifying reads them in steps too."""
    sealed(vodka, *["many"] * 1201)
    sealed(vodka, "one more")
    assert verified(vodka) == 1202
    assert vodka.rows("SELECT MAX(place) AS last FROM audit_events") == [{"last": 1202}]


def test_the_head_is_still_ours_after_the_secret_was_replaced(vodka: VodkaUnderTest) -> None:
    """Signed under the secret before; the next seal signs under the new one."""
    sealed(vodka, "a")
    before, now = (SECRETS["secret_key"].encode(), b"another secret key for tests, 0123")
    with vodka.app.app_context():
        both, alone = (Chain(Vault(keys, keys), vodka.means.limits) for keys in ((now, before), (now,)))
        assert both.verify() == 1
        with pytest.raises(ChainBroken):
            alone.verify()
        audit.add("b")
        assert both.seal() == 1
        commit()
        assert alone.verify() == 2


def test_aud_05_a_network_is_forgotten_after_seven_days_and_the_chain_stays_whole(
    freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest
) -> None:
    """The digest that stays was salted, and the salt is gone: the network cannot be guessed from it."""
    vodka_on_each.browser().ask()
    sealed(vodka_on_each)
    freezer.tick(KEPT)
    assert _networks_forgotten(vodka_on_each) == 0
    freezer.tick(1)
    assert _networks_forgotten(vodka_on_each) == 1
    (event,) = vodka_on_each.events("ask")
    assert (event["network"], event["network_salt"]) == ("", None)
    assert verified(vodka_on_each) == 1


def _networks_forgotten(vodka: VodkaUnderTest) -> int:
    with vodka.app.app_context():
        number = audit.forget_networks(clock.after(-KEPT))
        commit()
        return number


def test_aud_04_a_person_is_forgotten_and_the_chain_stays_whole(
    freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest
) -> None:
    """One pseudonym for all that was theirs, also from before there was an account; nothing of anybody else changes."""
    vodka_on_each.browser().ask(CAMILLE)
    vodka_on_each.signed_in(ROBIN, ip="192.0.2.11")
    freezer.tick(31)
    vodka_on_each.signed_in(CAMILLE, ip="192.0.2.12")
    sealed(vodka_on_each)
    (user,) = vodka_on_each.rows("SELECT id FROM users WHERE email = :email", email=CAMILLE)
    with vodka_on_each.app.app_context():
        assert audit.forget_person(user["id"], CAMILLE) == 3
        audit.add("account.deleted")
        assert audit.forget_person(9999, None) == 0
        commit()
    sealed(vodka_on_each)
    left = vodka_on_each.rows("SELECT subject, user_id FROM audit_events WHERE subject LIKE 'erased:%'")
    assert len({row["subject"] for row in left}) == 1
    assert {row["user_id"] for row in left} == {None}
    assert len(vodka_on_each.rows("SELECT 1 FROM audit_events WHERE subject = :email", email=ROBIN)) == 2
    assert verified(vodka_on_each) == 6


def test_aud_05_what_is_a_year_old_is_taken_off_the_beginning(
    freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest
) -> None:
    """The chain then begins after an anchor, and is as whole as before; what was forgotten cannot come back."""
    sealed(vodka_on_each, "a", "b")
    (first,) = vodka_on_each.rows("SELECT * FROM audit_events WHERE place = 1")
    freezer.tick(DAY)
    sealed(vodka_on_each, "c")
    assert [_purged(vodka_on_each, -DAY), _purged(vodka_on_each, -DAY + 1), _purged(vodka_on_each, -DAY + 1)] == [
        0,
        2,
        0,
    ]
    assert verified(vodka_on_each) == 1
    sealed(vodka_on_each, "d")
    assert verified(vodka_on_each) == 2
    names = [name for name in first if name != "id"]
    values = ", ".join(f":{name}" for name in names)
    vodka_on_each.write(
        f"INSERT INTO audit_events ({', '.join(names)}) VALUES ({values})", **{name: first[name] for name in names}
    )
    with pytest.raises(ChainBroken, match="it was inserted"):
        verified(vodka_on_each)


def test_aud_05_a_chain_of_which_everything_is_forgotten_goes_on(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """And removing what comes next is still found."""
    sealed(vodka, "a", "b")
    freezer.tick(DAY)
    assert _purged(vodka, -1) == 2
    assert verified(vodka) == 0
    sealed(vodka, "c", "d")
    assert verified(vodka) == 2
    vodka.write("DELETE FROM audit_events WHERE place = 3")
    with pytest.raises(ChainBroken, match="The event at place 3: it was removed"):
        verified(vodka)


def _purged(vodka: VodkaUnderTest, seconds: int) -> int:
    with vodka.app.app_context():
        number = chain_of(vodka).purge(clock.after(seconds))
        commit()
        return number


def test_the_worker_seals_what_was_written(vodka: VodkaUnderTest) -> None:
    """Without anybody asking for it."""
    vodka.browser().ask()
    assert vodka.events("ask")[0]["place"] is None
    worker = build_worker(vodka.app.app_context, vodka.means)
    with vodka.app.app_context():
        worker.deliver()
    worker.do_chores()
    assert vodka.events("ask")[0]["place"] == 1
    assert verified(vodka) == 1
