"""The drawing of a website's days: from counts to whole numbers that a template puts into an inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vodka.consent.statistics import Day

HEIGHT = 120  # of the drawing, in its own units
_LEAST = 2  # what can be seen at all
_STEP, _GAP = 20, 4  # from bar to bar, and the room between two


@dataclass(frozen=True)
class Bar:
    """One part of a day's bar; `kind` is "accepted" or "denied"."""

    x: int
    y: int
    height: int
    kind: str


@dataclass(frozen=True)
class Chart:
    """A drawing; `top` is what its full height stands for."""

    width: int
    height: int
    bar_width: int
    top: int
    bars: tuple[Bar, ...]


def drawn(days: Sequence[Day]) -> Chart:
    """A bar for each day: who accepted below, who denied on top of it. What happened at all can be seen."""
    top = _round_up(max((day.accepted + day.denied for day in days), default=0))
    bars: list[Bar] = []
    for number, day in enumerate(days):
        x, all_of_it = number * _STEP + _GAP // 2, _height(day.accepted + day.denied, top)
        denied = min(_height(day.denied, top), all_of_it - bool(day.accepted))
        accepted = all_of_it - denied
        if day.accepted:
            bars.append(Bar(x, HEIGHT - accepted, accepted, "accepted"))
        if day.denied:
            bars.append(Bar(x, HEIGHT - all_of_it, denied, "denied"))
    return Chart(len(days) * _STEP, HEIGHT, _STEP - _GAP, top, tuple(bars))


def _height(count: int, top: int) -> int:
    return max(_LEAST, round(HEIGHT * count / top)) if count else 0


def _round_up(most: int) -> int:
    """The next number that reads well: 1, 2 or 5 with zeros; at least 5, so that one login does not look like a crowd."""
    power = 10
    while power < most:
        power *= 10
    return next(top for top in (power // 5, power // 2, power) if top >= max(most, 5))
