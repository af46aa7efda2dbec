"""Which websites may go on without asking a person: while they are signed in, or while they are away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vodka import clock
from vodka.oauth.standing import store


@dataclass(frozen=True)
class Standing:
    """What the clients of one website may still do."""

    away_until: datetime | None = None  # a refresh token is good at most until then
    while_signed_in: bool = False

    @property
    def is_any(self) -> bool:
        """Whether there is something to withdraw."""
        return self.while_signed_in or self.away_until is not None


def of(user_id: int) -> dict[str, Standing]:
    """By audience, what clients may still do."""
    now = clock.now()
    away, signed_in = store.list_away(user_id, now), store.list_while_signed_in(user_id, now)
    return {audience: Standing(away.get(audience), audience in signed_in) for audience in away.keys() | signed_in}
