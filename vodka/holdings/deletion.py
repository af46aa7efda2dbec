"""Deleting an account: everything about the person is gone with the answer (GDPR art. 17, attacks AUD-04, DIR-09).

What stays says nothing about anybody: the events of the audit under a pseudonym that is kept nowhere else, and counters whose
keys are MACs.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from vodka import clock
from vodka.accounts import store as accounts
from vodka.audit import store as audit
from vodka.holdings.store import Holder, forget_address
from vodka.limits import Limits
from vodka.websites.owners import membership


def is_fresh(authenticated_at: datetime, limits: Limits) -> bool:
    """Whether a login is recent enough to delete the account: a browser left open must not be able to."""
    return clock.now() < authenticated_at + timedelta(seconds=limits.fresh_login)


def delete(holder: Holder) -> None:
    """Delete an account and everything about its person; sessions, consents and websites go with the row, in the database.

    A website that others keep too is theirs from then on: people go on signing in there.
    """
    membership.pass_on(holder.user_id)
    audit.add("account.deleted", user_id=holder.user_id)
    audit.forget_person(holder.user_id, holder.email)
    forget_address(holder)
    accounts.delete_user(holder.user_id)
