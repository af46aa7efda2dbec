"""Whose account a proven mailbox opens. Addresses are handed on to other people at EPFL; only the sciper is permanent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from vodka.accounts import store
from vodka.adapters.directory import Finding
from vodka.randomness import identifier
from vodka.sealing import Vault


def account_of(email: str, finding: Finding, vault: Vault) -> Row[Any]:
    """The account of the person behind a proven address, made or moved as needed (attacks ASK-19, TOK-19).

    The directory's number decides where it is known: the same number under a new address is the same person, another
    number under the same address is somebody else.
    """
    holder = store.find_by_email(email)
    sciper = finding.person.sciper if finding.person else None
    if sciper is None:
        return holder if holder is not None else _added(email, finding, vault, None)
    if holder is not None and holder.sciper == sciper:
        return holder
    person = store.find_by_sciper(sciper)
    if holder is not None and holder.sciper is None and person is None:
        # First met while the directory was silent: the subject stays, so that no site sees a stranger.
        return store.change_user(holder.id, sciper=sciper)
    if holder is not None:
        store.change_user(holder.id, email=None)
        store.raise_epoch(holder.id)
    if person is not None:
        return store.change_user(person.id, email=email)
    return _added(email, finding, vault, sciper)


def _added(email: str, finding: Finding, vault: Vault, sciper: str | None) -> Row[Any]:
    added = store.add_user(email, sciper, subject_of(sciper, vault) if sciper else f"mailbox:{identifier()}")
    # Somebody was faster: the account that was not there a moment ago is found now.
    return added if added is not None else account_of(email, finding, vault)


def subject_of(sciper: str, vault: Vault) -> str:
    """The subject of a person: the same after the account was deleted and made again, meaningless to anybody else."""
    return f"person:{vault.mac('subject', sciper).hex()[:40]}"
