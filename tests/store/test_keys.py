"""The signing keys in the database: rotation, withdrawal, two makers at once, and what is readable of them (KEY-01…04)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.forging import opened
from tests.vodka_under_test import ORIGIN, SECRETS, SITE, VodkaUnderTest
from vodka.db import commit
from vodka.errors import Unavailable
from vodka.handoff.website import TYP
from vodka.keys.ring import PURPOSE, Keyring
from vodka.keys.tokens import Kind, TokenRefused, mint, verify
from vodka.sealing import SealBroken

AHEAD, OVERLAP = 600, 600 + 600 + 60 + 5  # seconds: until a new key signs; until the one before it is gone


@pytest.fixture
def ring(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> Iterator[Keyring]:
    """A keyring on a database with one key of its algorithm, an hour old, inside the context of its vodka."""
    vodka.write("DELETE FROM signing_keys WHERE algorithm <> 'ES256'")
    vodka.write("UPDATE signing_keys SET active_from = '2026-11-02 08:00:00.000000'")
    with vodka.app.app_context():
        yield another_worker(vodka)


def another_worker(vodka: VodkaUnderTest, algorithm: str = "ES256") -> Keyring:
    """The keyring of another process on the same database."""
    return Keyring(vodka.means.vault, vodka.means.limits, algorithm)


def published(ring: Keyring) -> list[str]:
    """The kids in the JWKS."""
    return [key["kid"] for key in json.loads(ring.jwks())["keys"]]


def test_key_01_a_new_key_is_published_before_it_signs(ring: Keyring, freezer: FrozenDateTimeFactory) -> None:
    """Ten minutes ahead, so that every cache has it; then it signs, on every worker."""
    old = ring.signing().kid
    new = ring.rotate()
    assert published(ring) == [old, new]
    freezer.tick(AHEAD - 1)
    assert ring.signing().kid == old
    freezer.tick(1)
    assert ring.signing().kid == new


def test_key_01_the_old_key_stays_until_its_last_token_is_over(
    vodka: VodkaUnderTest, ring: Keyring, freezer: FrozenDateTimeFactory
) -> None:
    """A token signed in the last second of the old key is good to its end; after the overlap the kid is gone."""
    old = ring.signing()
    ring.rotate()
    commit()
    freezer.tick(AHEAD - 1)
    now = int(freezer().timestamp())
    token = mint(ring.signing(), TYP, {"iss": ORIGIN, "aud": "x", "iat": now, "exp": now + 60})
    other = another_worker(vodka)

    freezer.tick(59)
    assert verify(token, Kind(TYP, ("ES256",)), other.find, issuer=ORIGIN, audience="x")
    freezer.tick(OVERLAP - AHEAD - 59)
    assert old.kid in published(other)
    freezer.tick(timedelta(seconds=1 + 5))
    assert old.kid not in published(other)
    with pytest.raises(TokenRefused):
        verify(token, Kind(TYP, ("ES256",)), other.find, issuer=ORIGIN, audience="x")


def test_key_01_in_an_emergency_the_new_key_signs_at_once(ring: Keyring) -> None:
    """`at_once` skips the ten minutes."""
    assert ring.signing().kid != ring.rotate(at_once=True) == ring.signing().kid


def test_tok_24_a_withdrawal_reaches_other_workers_within_five_seconds(
    vodka: VodkaUnderTest, ring: Keyring, freezer: FrozenDateTimeFactory
) -> None:
    """The process that withdraws forgets the key at once, the others when they read again."""
    other = another_worker(vodka)
    kid = other.signing().kid
    assert ring.withdraw(kid)
    commit()
    assert ring.find(kid) is None
    freezer.tick(5)
    assert other.find(kid) is None
    with pytest.raises(Unavailable):
        other.signing()
    other.ensure()
    assert other.signing().kid != kid
    assert not ring.withdraw("unknown")


def test_tok_24_after_a_withdrawal_the_announced_key_signs(ring: Keyring) -> None:
    """The one key in force is withdrawn while the next is only published: the next one signs, nobody waits for it."""
    old = ring.signing().kid
    new = ring.rotate()
    ring.withdraw(old)
    assert ring.signing().kid == new


def test_f_23_two_processes_that_start_at_once_make_one_key(vodka: VodkaUnderTest, ring: Keyring) -> None:
    """The second maker of a generation finds the first one's key and uses it."""
    vodka.write("DELETE FROM signing_keys")
    first, second = another_worker(vodka), another_worker(vodka)
    second.jwks()
    first.ensure()
    commit()
    second.ensure()
    commit()
    assert [row["generation"] for row in vodka.rows("SELECT * FROM signing_keys")] == [1]
    assert first.signing().kid == second.signing().kid


def test_a_clock_that_jumped_back_does_not_keep_a_stale_ring(ring: Keyring, freezer: FrozenDateTimeFactory) -> None:
    """The ring is read again when its last reading seems to lie in the future (faults F-17)."""
    ring.jwks()
    assert ring.is_fresh()
    freezer.tick(timedelta(hours=-1))
    assert not ring.is_fresh()


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_another_algorithm_begins_a_line_of_its_own(vodka: VodkaUnderTest, ring: Keyring, algorithm: str) -> None:
    """Changing the setting makes a first key of the new kind; tokens under the old one are still readable."""
    old = ring.signing()
    changed = another_worker(vodka, algorithm)
    changed.ensure()
    assert changed.signing().algorithm == algorithm
    assert changed.find(old.kid) is not None


def test_key_04_the_private_part_is_sealed(vodka: VodkaUnderTest, ring: Keyring) -> None:
    """The row holds no private number in clear; only the vault opens it, and only for this very kid."""
    (row,) = vodka.rows("SELECT * FROM signing_keys")
    vault = vodka.means.vault
    private = json.loads(vault.unseal(PURPOSE, row["private"], row["kid"].encode()))
    assert private["d"].encode() not in row["private"]
    assert "d" not in json.loads(row["public"])
    for purpose, context in ((PURPOSE, b"another kid"), ("another purpose", row["kid"].encode())):
        with pytest.raises(SealBroken):
            vault.unseal(purpose, row["private"], context)


def test_key_04_with_another_secret_the_keys_are_unreadable(start: Start) -> None:
    """A stolen database alone signs nothing; with the secret as the previous one everything goes on."""
    vodka = start()
    with vodka.app.app_context():
        before = vodka.means.keyring.signing().kid
    renewed = {"secret_key": "another secret key, 0123456789 abcdef", "secret_key_previous": SECRETS["secret_key"]}
    after = start(**renewed)
    with after.app.app_context():
        assert after.means.keyring.signing().kid == before


def test_key_02_a_pending_question_survives_a_new_pepper_and_a_new_secret(start: Start) -> None:
    """Secrets are replaced while a code is under way: it works, once; the session from before lives on."""
    before = start()
    signed_in = before.signed_in("robin.modele@epfl.ch", ip="192.0.2.61")
    asking = before.browser()
    asking.ask()
    code = asking.code()
    renewed = {"pepper": "another pepper for tests, 0123456789", "pepper_previous": SECRETS["pepper"]}
    renewed |= {"secret_key": "another secret key, 0123456789 abcdef", "secret_key_previous": SECRETS["secret_key"]}
    after = start(**renewed)
    answering, staying = after.browser(), after.browser()
    answering.set_cookie("QUESTION_ID", asking.cookie("QUESTION_ID") or "")
    staying.set_cookie("SESSION_ID", signed_in.cookie("SESSION_ID") or "")
    assert answering.answer(code).status_code == 200
    assert staying.get(f"/data?domain={SITE}").status_code == 200
    again = after.browser()
    again.set_cookie("QUESTION_ID", asking.cookie("QUESTION_ID") or "")
    assert again.answer(code).status_code == 401
    # New cookies are signed with the new secret.
    kid = opened(answering.cookie("SESSION_ID") or "")[0]["kid"]
    assert kid == after.means.vault.current_id != before.means.vault.current_id


def test_key_02_without_the_old_pepper_old_codes_are_wrong(start: Start) -> None:
    """A pepper that is gone takes the codes made under it along."""
    asking = start().browser()
    asking.ask()
    code = asking.code()
    answering = start(pepper="another pepper for tests, 0123456789").browser()
    answering.set_cookie("QUESTION_ID", asking.cookie("QUESTION_ID") or "")
    assert answering.answer(code).status_code == 401
