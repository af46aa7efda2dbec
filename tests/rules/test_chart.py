"""The drawing of a website's days: whole numbers inside of the picture, nothing lost, nothing exaggerated."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vodka.consent.statistics import Day, Numbers
from vodka.web.plumbing.sites.chart import HEIGHT, drawn

AT = datetime(2026, 11, 2, tzinfo=UTC)


def days(*counts: tuple[int, int]) -> tuple[Day, ...]:
    """A day for each pair of accepted and denied."""
    return tuple(Day(AT, *pair) for pair in counts)


@pytest.mark.parametrize(
    ("most", "top"),
    [
        (0, 5),
        (1, 5),
        (5, 5),
        (6, 10),
        (10, 10),
        (11, 20),
        (20, 20),
        (21, 50),
        (51, 100),
        (201, 500),
        (999_999, 1_000_000),
    ],
)
def test_the_scale_ends_at_a_number_that_reads_well(most: int, top: int) -> None:
    """Never below five: one sign-in does not look like a crowd."""
    assert drawn(days((most, 0))).top == top


def test_what_was_accepted_stands_on_the_ground_and_what_was_denied_on_top_of_it() -> None:
    """Heights in proportion, one bar after the other from left to right."""
    chart = drawn(days((5, 0), (2, 2), (0, 1)))
    assert [(bar.kind, bar.y, bar.height) for bar in chart.bars] == [
        ("accepted", 0, HEIGHT),
        ("accepted", HEIGHT - 48, 48),
        ("denied", HEIGHT - 96, 48),
        ("denied", HEIGHT - 24, 24),
    ]
    assert chart.bars[0].x < chart.bars[1].x == chart.bars[2].x < chart.bars[3].x
    assert chart.bars[3].x + chart.bar_width <= chart.width


@pytest.mark.parametrize("counts", [(1_000_000, 1), (1, 1_000_000), (999_999, 1), (3, 7)])
def test_what_happened_at_all_is_seen_and_nothing_leaves_the_picture(counts: tuple[int, int]) -> None:
    """One denial beside a million is a line, and not less than that."""
    accepted, denied = drawn(days(counts)).bars
    assert (accepted.kind, denied.kind) == ("accepted", "denied")
    assert min(accepted.height, denied.height) >= 1
    assert denied.y >= 0
    assert denied.y + denied.height == accepted.y
    assert accepted.y + accepted.height == HEIGHT


def test_a_website_without_visitors_has_an_empty_picture() -> None:
    """No bars; the width is that of its days."""
    chart = drawn(days(*[(0, 0)] * 30))
    assert chart.bars == ()
    assert chart.width == 600


def test_no_days_are_no_picture() -> None:
    """And no error."""
    assert drawn(()).bars == ()


@pytest.mark.parametrize(
    ("accepted", "denied", "share"),
    [
        pytest.param(0, 0, None, id="nobody decided"),
        pytest.param(7, 0, 100, id="everybody"),
        pytest.param(0, 7, 0, id="nobody"),
        pytest.param(5, 1, 83, id="five of six"),
        pytest.param(9999, 1, 99, id="all but one is not everybody"),
        pytest.param(1, 9999, 1, id="one is not nobody"),
    ],
)
def test_the_share_is_exact_at_its_ends(accepted: int, denied: int, share: int | None) -> None:
    """In whole percents."""
    assert Numbers(days((accepted, denied)), None).share == share
