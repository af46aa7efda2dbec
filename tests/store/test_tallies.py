"""Counting in a sliding window (traps T5): exact to the second, all rules or none, nothing counted that did not happen."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.vodka_under_test import VodkaUnderTest
from vodka.db import commit, rollback
from vodka.login import tallies
from vodka.login.tallies import Rule

KEY, OTHER = b"k" * 32, b"o" * 32
THREE_A_MINUTE = Rule(KEY, 3, 60)


def spend(vodka: VodkaUnderTest, *rules: Rule) -> int:
    """One act in a transaction of its own; the seconds to wait, 0 if it was counted."""
    with vodka.app.app_context():
        wait = tallies.spend(rules)
        commit()
        return wait


def test_as_many_acts_as_allowed_pass_and_one_more_does_not(
    freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest
) -> None:
    """Three pass; the fourth hears how long until the first leaves the window."""
    waits = []
    for _ in range(4):
        waits.append(spend(vodka_on_each, THREE_A_MINUTE))
        freezer.tick(10)
    assert waits == [0, 0, 0, 30]


@pytest.mark.parametrize(("seconds", "wait"), [(59, 1), (60, 0), (61, 0)], ids=["a second before", "then", "after"])
def test_an_act_is_free_again_when_the_oldest_leaves_the_window(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, seconds: int, wait: int
) -> None:
    """To the second."""
    for _ in range(3):
        spend(vodka, THREE_A_MINUTE)
    freezer.tick(seconds)
    assert spend(vodka, THREE_A_MINUTE) == wait


def test_what_is_refused_is_not_counted(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Whoever knocks all the time does not push the end of the wait away."""
    for _ in range(3):
        spend(vodka, THREE_A_MINUTE)
    for _ in range(10):
        freezer.tick(5)
        assert spend(vodka, THREE_A_MINUTE) > 0
    freezer.tick(10)
    assert spend(vodka, THREE_A_MINUTE) == 0


def test_an_act_counts_under_all_rules_or_under_none(vodka_on_each: VodkaUnderTest) -> None:
    """The longest wait is told, and the rule that would have let it pass has not counted it."""
    strict, generous = Rule(OTHER, 1, 3600), THREE_A_MINUTE
    assert spend(vodka_on_each, strict, generous) == 0
    assert spend(vodka_on_each, strict, generous) in range(3595, 3601)
    assert [spend(vodka_on_each, generous) for _ in range(3)][:2] == [0, 0]
    assert spend(vodka_on_each, generous) > 0


def test_two_windows_of_one_key_are_kept_as_long_as_the_longer_one(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Two in a minute and three in an hour: the short window forgets, the long one does not."""
    rules = (Rule(KEY, 2, 60), Rule(KEY, 3, 3600))
    assert [spend(vodka, *rules), spend(vodka, *rules), spend(vodka, *rules)] == [0, 0, 60]
    freezer.tick(60)
    assert spend(vodka, *rules) == 0
    freezer.tick(60)
    assert spend(vodka, *rules) == 3600 - 120


def test_what_left_the_window_is_forgotten(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """A row holds no more hits than its rule can count."""
    for _ in range(20):
        assert spend(vodka, THREE_A_MINUTE) == 0
        freezer.tick(20)
    (row,) = vodka.rows("SELECT hits FROM tallies")
    assert len(row["hits"]) == 3 * 4


def test_a_limit_of_zero_lets_nothing_pass(vodka: VodkaUnderTest) -> None:
    """And its wait is the whole window."""
    assert spend(vodka, Rule(KEY, 0, 60)) == 60


def test_an_act_that_is_rolled_back_was_not_counted(vodka_on_each: VodkaUnderTest) -> None:
    """The count is part of the act's own transaction."""
    with vodka_on_each.app.app_context():
        for _ in range(3):
            assert tallies.spend([THREE_A_MINUTE]) == 0
            rollback()
    assert spend(vodka_on_each, THREE_A_MINUTE) == 0


def test_no_key_says_whose_it_is(vodka: VodkaUnderTest) -> None:
    """Addresses of people and of clients stand in no tally, not even hashed in a plain way."""
    vodka.signed_in()
    rows = vodka.rows("SELECT key FROM tallies")
    assert len(rows) >= 3
    assert {len(row["key"]) for row in rows} == {32}
