"""`vodka keys …`: what each key does now, a new one, and one that is no longer secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.cli.conftest import Shell
from tests.vodka_under_test import VodkaUnderTest
from vodka.errors import NotFound
from vodka.limits import Limits

NOW = datetime(2031, 3, 1, 12, 0, tzinfo=UTC)  # long after the first key was made
LIMITS = Limits()
LAST_USE = LIMITS.key_publish_ahead + LIMITS.access_token_lifetime + LIMITS.clock_leeway + LIMITS.keyring_cache
ALGORITHMS = ("ES256", "EdDSA", "RS256")  # one key of each, always


@pytest.fixture(autouse=True)
def now(freezer: FrozenDateTimeFactory) -> None:
    """Stop the clock there."""
    freezer.move_to(NOW)


def states(shell: Shell, algorithm: str = "ES256") -> list[str]:
    """What `vodka keys list` says of each key of an algorithm, oldest first."""
    return [line.partition("made ")[2][18:] for line in shell.lines("keys", "list") if f"  {algorithm}  " in line]


def test_a_key_is_rotated_without_a_gap(freezer: FrozenDateTimeFactory, shell: Shell, vodka: VodkaUnderTest) -> None:
    """The new one is published first and signs later; the old one is published until its last token is over (D8)."""
    assert [states(shell, algorithm) for algorithm in ALGORITHMS] == [["signs"]] * 3
    kids = shell.lines("keys", "rotate")
    soon, gone = NOW + timedelta(seconds=600), NOW + timedelta(seconds=LAST_USE)
    for algorithm in ALGORITHMS:
        fading, coming = f"published until {gone:%Y-%m-%d %H:%M}", f"signs from {soon:%Y-%m-%d %H:%M}"
        assert states(shell, algorithm) == [fading, coming]
    freezer.tick(LAST_USE)
    assert states(shell) == [f"gone until {gone:%Y-%m-%d %H:%M}", "signs"]
    assert [event["subject"] for event in vodka.events("key.rotated")] == kids
    assert len(kids) == 3


def test_key_01_a_rotation_at_once_signs_at_once(
    freezer: FrozenDateTimeFactory, shell: Shell, vodka: VodkaUnderTest
) -> None:
    """For emergencies: as soon as a process reads its keys again."""
    kid = shell.lines("keys", "rotate", "--at-once")[0]
    assert states(shell)[1] == "signs"
    freezer.tick(LIMITS.keyring_cache)
    with vodka.app.app_context():
        assert vodka.means.keyring.signing().kid == kid


def test_tok_24_a_withdrawn_key_is_out_of_sight_at_once_and_replaced(
    freezer: FrozenDateTimeFactory, shell: Shell, vodka: VodkaUnderTest
) -> None:
    """There is always one key that signs."""
    (kid,) = (line.split()[0] for line in shell.lines("keys", "list") if "  ES256  " in line)
    assert shell.lines("keys", "withdraw", kid) == []
    withdrawn, fresh = states(shell)
    assert withdrawn == f"withdrawn {NOW:%Y-%m-%d %H:%M}"
    assert fresh == "signs"
    freezer.tick(LIMITS.keyring_cache)
    published = json.loads(vodka.browser().get("/.well-known/jwks.json").text)["keys"]
    assert kid not in [key["kid"] for key in published]
    assert sorted(key["alg"] for key in published) == sorted(ALGORITHMS)
    assert [event["subject"] for event in vodka.events("key.withdrawn")] == [kid]


def test_an_unknown_key_cannot_be_withdrawn(shell: Shell) -> None:
    """And nothing is recorded or made."""
    shell.run("keys", "withdraw", "nobody", fails=NotFound)
    assert states(shell) == ["signs"]
