"""One worker at a time: a lease in the database, renewed while its holder lives, free again soon after it died."""

from __future__ import annotations

from datetime import datetime

from vodka import clock
from vodka.outbox import store
from vodka.randomness import identifier


class Lease:
    """One process's claim on the lease `name`. `seconds`: how long a holder that died keeps the others out."""

    def __init__(self, name: str, seconds: int) -> None:
        self._name = name
        self._seconds = seconds
        self._holder = identifier()
        self._renew_at: datetime | None = None

    def hold(self) -> bool:
        """Take the lease or keep it; whether it is ours now. Cheap: one's own is renewed after a third of its time."""
        if self._renew_at is None or clock.is_over(self._renew_at):
            held = store.take_lease(self._name, self._holder, clock.after(self._seconds))
            self._renew_at = clock.after(self._seconds // 3) if held else None
        return self._renew_at is not None

    def release(self) -> None:
        """Give the lease back, so that the next worker need not wait for its end."""
        self._renew_at = None
        store.end_lease(self._name, self._holder)
