"""What a form knew of a list, so that the same form sent again, by a reload or a second click, makes nothing twice."""

from __future__ import annotations

from collections.abc import Iterable


def newest(numbers: Iterable[int]) -> str:
    """What stands for a list in a form: the number of its youngest row; 0 where there is none."""
    return str(max(numbers, default=0))
