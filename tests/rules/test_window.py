"""The outer limit of one process: a sliding window, exact, and bounded in memory."""

from __future__ import annotations

from freezegun.api import FrozenDateTimeFactory

from vodka.web.plumbing import ratelimit
from vodka.web.plumbing.ratelimit import Window


def test_the_window_slides(freezer: FrozenDateTimeFactory) -> None:
    """Two in a minute: the third waits until the first is a minute old, and a refused act does not count."""
    window = Window(2)
    assert window.spend("a") == 0
    freezer.tick(20)
    assert window.spend("a") == 0
    assert [window.spend("a"), window.spend("a")] == [40, 40]
    assert window.spend("b") == 0
    freezer.tick(39)
    assert window.spend("a") == 1
    freezer.tick(1)
    assert window.spend("a") == 0
    assert window.spend("a") == 20


def test_who_did_nothing_for_a_minute_is_forgotten(freezer: FrozenDateTimeFactory) -> None:
    """However many callers there were, only those of the last minute are remembered."""
    window = Window(1)
    for number in range(ratelimit._REMEMBERED):
        window.spend(f"{number}")
    freezer.tick(60)
    assert window.spend("new") == 0
    assert len(window._acts) == 1
    assert window.spend("new") == 60
