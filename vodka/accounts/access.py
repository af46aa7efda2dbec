"""Shutting an account out, and letting it in again: an operator's act, which the person is told of at the next login."""

from __future__ import annotations

from vodka import clock
from vodka.accounts import store
from vodka.accounts.model import User
from vodka.audit import store as audit


def disable(user: User) -> None:
    """No login from now on; every session and token ends with the transaction, on every worker (attacks SES-13)."""
    store.change_user(user.id, disabled_at=clock.now())
    # Sessions ask for disabled_at too. The epoch keeps those of today dead after the account was enabled again.
    store.raise_epoch(user.id)
    audit.add("user.disabled", user_id=user.id, subject=user.email or "")


def enable(user: User) -> None:
    """The next login works again; what ended stays ended."""
    store.change_user(user.id, disabled_at=None)
    audit.add("user.enabled", user_id=user.id, subject=user.email or "")
