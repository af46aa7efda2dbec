"""The second link of a login mail, "this was not me": it ends what that mail offers and slows down whoever asked for it.

The owner of the mailbox may read it anywhere, so it works in every browser, signed in or not; the secret is all it takes.
"""

from __future__ import annotations

from dataclasses import dataclass

from vodka import clock
from vodka.audit import store as audit
from vodka.errors import NotFound
from vodka.limits import Limits
from vodka.login import store
from vodka.login.devices import SHARED_LANE
from vodka.login.model import Question
from vodka.login.throttle import Throttle
from vodka.onetime import consume, digest


@dataclass(frozen=True)
class NotMe:
    """Hears what the owner of a mailbox says, with the numbers and counters of one deployment."""

    limits: Limits
    throttle: Throttle

    def address(self, secret: str) -> str:
        """The address that the mail went to; nothing is done. Raises NotFound: unknown, used and over are one answer."""
        mail = store.find_not_me(digest(secret))
        if mail is None:
            raise NotFound("no living not-me link")
        return str(mail.email)

    def say(self, secret: str) -> None:
        """End the code and the link of that mail, stop the address's codes for strangers, count against the asker.

        Once: raises NotFound for the second of two racers too. Known devices keep their lane, so nobody is locked out.
        """
        key = digest(secret)
        mail = store.find_not_me(key)
        if mail is None:
            raise NotFound("no living not-me link")
        # Counters, question, link: in the order in which asking locks them, so that no two wait for each other.
        if mail.asker is not None:
            self.throttle.strike(mail.asker)
        consume(Question, mail.question)
        store.freeze(mail.email, SHARED_LANE, clock.after(self.limits.not_me_freeze))
        store.retire_links(mail.question)
        if not store.use_not_me(key):
            raise NotFound("said meanwhile")
        audit.add("not_me", subject=mail.email)
