"""The authenticator behind programs that cannot do better: what it tells, how often it may be asked, what it keeps."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, VodkaUnderTest
from vodka.accounts.authentication import Authentication
from vodka.db import commit
from vodka.errors import AccountDisabled, InvalidInput, TooMany, Unavailable

GOOD = "vier Worte am Fluss"
HERE, THERE = "192.0.2.10", "198.51.100.7"
QUICK = {"password_memory": 8, "password_passes": 1}  # where it is not the hash that is looked at


def give(vodka: VodkaUnderTest, email: str = CAMILLE, password: str = GOOD) -> None:
    """Give an account a password."""
    (user,) = vodka.rows("SELECT id FROM users WHERE email = :email", email=email)
    with vodka.app.app_context():
        vodka.means.passwords.set(user["id"], email, password, ())
        commit()


def verify(
    vodka: VodkaUnderTest, password: object, email: str = CAMILLE, ip: str = HERE, device: str | None = None
) -> Authentication | None:
    """Ask as a route would: the transaction is committed whatever the answer is."""
    with vodka.app.app_context():
        login = vodka.means.oauth.provider.password_login
        found = login.verify(email, password, ip=ip_address(ip), device=device)
        commit()
        return found


def kept(vodka: VodkaUnderTest) -> dict[str, Any]:
    """The row of the only password."""
    (row,) = vodka.rows("SELECT * FROM passwords")
    return row


@pytest.fixture
def camille(vodka_on_each: VodkaUnderTest) -> VodkaUnderTest:
    """A vodka where Camille has a password."""
    vodka_on_each.signed_in()
    give(vodka_on_each)
    return vodka_on_each


def test_the_right_password_is_a_login(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """It says who and when, by `pwd` (RFC 8176 §2); the hash is Argon2id with 19 MiB, two passes, one lane (traps T21)."""
    vodka.signed_in()
    give(vodka)
    found = verify(vodka, GOOD)
    assert found is not None
    assert (found.email, found.methods, found.sciper) == (CAMILLE, ("pwd",), "399001")
    assert kept(vodka)["hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert GOOD not in str(kept(vodka))


def test_ott_14_strangers_and_wrong_passwords_are_one_answer(camille: VodkaUnderTest) -> None:
    """No account, an account without a password, a wrong one: nothing, one line in the audit for each, one count for each."""
    camille.signed_in(ROBIN)
    camille.write("DELETE FROM tallies")
    for number, email in enumerate((NOBODY, ROBIN, CAMILLE), 1):
        assert verify(camille, "not the right one", email) is None
        assert len(camille.events("password.wrong")) == number
        assert len(camille.rows("SELECT 1 FROM tallies")) == number + 1  # one for each name, one for the place


def test_ott_14_a_hash_is_computed_for_strangers_too(start: Start) -> None:
    """While no hash can be computed, strangers wait and fail as everybody does: so they take the same time."""
    vodka = start(limits={"password_wait": 0.01})
    vodka.signed_in()
    give(vodka)
    turns, number = vodka.means.passwords.turns, vodka.means.limits.password_hashes
    assert all(turns.acquire(timeout=1) for _ in range(number))
    for email in NOBODY, CAMILLE:
        with pytest.raises(Unavailable):
            verify(vodka, GOOD, email)
    turns.release(number)
    assert verify(vodka, GOOD) is not None


def test_ott_15_guessing_one_name_from_many_places_is_stopped(start: Start, freezer: FrozenDateTimeFactory) -> None:
    """So many wrong ones an hour for a name, wherever from; then even the right one waits, to the second."""
    vodka = start(limits=QUICK | {"passwords_per_address": 3})
    vodka.signed_in()
    give(vodka)
    for number in range(3):
        assert verify(vodka, "not the right one", ip=f"203.0.113.{number}") is None
    freezer.tick(3599)
    with pytest.raises(TooMany) as refused:
        verify(vodka, GOOD)
    assert refused.value.retry_after == 1
    freezer.tick(1)
    assert verify(vodka, GOOD) is not None


def test_ott_15_the_owners_known_browser_is_not_held_up(start: Start) -> None:
    """Strangers who use a name's tries up hold nobody up in a browser that signed in before; its own tries are counted too."""
    vodka = start(limits=QUICK | {"passwords_per_address": 2, "passwords_per_device": 2})
    device = vodka.signed_in().cookie("DEVICE")
    give(vodka)
    for _ in range(2):
        verify(vodka, "not the right one", ip=THERE)
    with pytest.raises(TooMany):
        verify(vodka, GOOD, ip=THERE)
    assert verify(vodka, GOOD, device=device) is not None
    for _ in range(2):
        assert verify(vodka, "not the right one", device=device) is None
    with pytest.raises(TooMany):
        verify(vodka, GOOD, device=device)


def test_one_place_cannot_try_many_names(start: Start, freezer: FrozenDateTimeFactory) -> None:
    """So many wrong ones an hour from one place, whoever they are for."""
    vodka = start(limits=QUICK | {"passwords_per_client_ip": 3})
    vodka.signed_in()
    give(vodka)
    for number in range(3):
        verify(vodka, "not the right one", f"student{number}@epfl.ch", THERE)
    with pytest.raises(TooMany):
        verify(vodka, GOOD, ip=THERE)
    assert verify(vodka, GOOD, ip=HERE) is not None


def test_right_passwords_use_nothing_up(start: Start) -> None:
    """A program that signs in all day is not stopped: only wrong ones are counted."""
    vodka = start(limits=QUICK | {"passwords_per_address": 2, "passwords_per_client_ip": 2})
    vodka.signed_in()
    give(vodka)
    for _ in range(5):
        assert verify(vodka, GOOD) is not None


def test_ott_16_what_can_be_no_password_costs_nothing(camille: VodkaUnderTest) -> None:
    """Refused as such, without a try being counted; nothing after the 72nd byte is ignored."""
    give(camille, password="vier Worte am Fluss " * 4 + "und noch drei")
    camille.write("DELETE FROM tallies")
    for impossible in "", "a\0b", "x" * 1_000_000:
        with pytest.raises(InvalidInput):
            verify(camille, impossible)
    assert camille.rows("SELECT 1 FROM tallies") == []
    assert verify(camille, "vier Worte am Fluss " * 4 + "und noch vier") is None
    assert verify(camille, "vier Worte am Fluss " * 4 + "und noch drei") is not None


def test_a_hash_of_older_parameters_is_made_anew(start: Start, freezer: FrozenDateTimeFactory) -> None:
    """At the next right password, unnoticed; it lives no longer for that."""
    vodka = start(limits=QUICK)
    vodka.signed_in()
    give(vodka)
    before = kept(vodka)
    freezer.tick(60)
    stronger = start(limits=QUICK | {"password_passes": 3})
    assert verify(stronger, "not the right one") is None
    assert kept(stronger) == before
    assert verify(stronger, GOOD) is not None
    after = kept(stronger)
    assert "t=3" in after["hash"]
    assert after["changed_at"] == before["changed_at"]
    assert verify(stronger, GOOD) is not None


@pytest.mark.parametrize("seconds", [180 * 86400 - 1, 180 * 86400], ids=["the last second", "then"])
def test_a_password_ends_after_half_a_year(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory, seconds: int) -> None:
    """A mailbox may be somebody else's by then: it is proven anew before a new password is set."""
    vodka.signed_in()
    give(vodka)
    freezer.tick(seconds)
    assert (verify(vodka, GOOD) is not None) is (seconds < 180 * 86400)


def test_an_account_that_is_shut_out_stays_out(vodka: VodkaUnderTest) -> None:
    """Only its holder learns why."""
    vodka.signed_in()
    give(vodka)
    vodka.write("UPDATE users SET disabled_at = created_at")
    with pytest.raises(AccountDisabled):
        verify(vodka, GOOD)
    assert verify(vodka, "not the right one") is None


def test_the_account_takes_its_password_along(vodka: VodkaUnderTest) -> None:
    """Deleted with it (GDPR art. 17)."""
    vodka.signed_in()
    give(vodka)
    vodka.write("DELETE FROM users")
    assert vodka.rows("SELECT 1 FROM passwords") == []
