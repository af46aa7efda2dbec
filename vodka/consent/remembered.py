"""Consents that stand in for asking again: the student's choice for each site, and only while nothing has changed.

What may go out unasked is what went out when the student chose so: the same question of the same website (its fields, which
of them it needs, why it says it asks) and the same values. A keyed digest of these is kept, the values are not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.accounts.fields import Value, Wanted
from vodka.audit import store as audit
from vodka.consent import store
from vodka.consent.model import FOR_EVER
from vodka.consent.ticket import Ticket
from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.sealing import Vault

ONCE, MONTH, ALWAYS = "once", "month", "always"  # the student's choices
_PURPOSE = "remembered consent"


def question(site: int, grade: str, reason: str, wanted: tuple[Wanted, ...]) -> str:
    """What a website asks, in 43 characters: another website, grade, reason, field, need or purpose makes another question."""
    asked = json.dumps([site, grade, reason, *(astuple(field) for field in wanted)])
    return hashlib.sha256(asked.encode()).hexdigest()[:43]


def until(choice: str, limits: Limits) -> datetime | None:
    """Until when a choice is remembered; None is just this once. Raises InvalidInput for a choice that is none."""
    if choice not in (ONCE, MONTH, ALWAYS):
        raise InvalidInput("bad_choice", "Please choose for how long to remember this.")
    if choice == ONCE:
        return None
    return FOR_EVER if choice == ALWAYS else clock.after(limits.consent_memory)


def record(
    user_id: int,
    ticket: Ticket,
    user: Mapping[str, Value],
    end: datetime | None,
    vault: Vault,
    session: bytes | None = None,
) -> int:
    """Record a decision to accept these values, remembered until `end` if there is one; the consent's number.

    `session`: the digest of the login for which a client need not ask again, whatever the student chose beyond it.
    """
    if end is None and session is None:
        return store.add_consent(user_id, ticket.audience, list(user), client=ticket.client)
    if end is not None:
        audit.add("consent.remembered", user_id=user_id, subject=ticket.audience, detail=f"until {end:%Y-%m-%d}")
    digest = vault.mac(_PURPOSE, *_parts(ticket, user))
    return store.add_consent(user_id, ticket.audience, list(user), end, digest, ticket.client, session)


def leaning(user_id: int, ticket: Ticket, vault: Vault, session: bytes | None = None) -> Ticket | None:
    """The ticket for going on without asking, if a living consent covers what would go out now; else None."""
    consent = store.find_newest_consent(user_id, ticket.audience, ticket.client)
    if consent is None or not _lives(consent, session):
        return None
    agreed = tuple(replace(field, essential=True) for field in ticket.fields if field.key in consent.fields)
    values = {field.key: field.value for field in agreed}
    if not vault.mac_matches(_PURPOSE, consent.digest, *_parts(ticket, values)):
        return None
    return replace(ticket, fields=agreed, under=consent.id)


def still_stands(user_id: int, ticket: Ticket) -> bool:
    """Whether the consent that a page leaned on counts at this moment: it may have been withdrawn since the page was shown."""
    consent = store.find_newest_consent(user_id, ticket.audience, ticket.client)
    return consent is not None and consent.id == ticket.under and _lives(consent, None)


def is_given(user_id: int, consent_id: int) -> bool:
    """Whether a decision to accept was not withdrawn since; it need not be remembered."""
    return store.is_standing(user_id, consent_id)


def withdraw(user_id: int, audience: str) -> None:
    """Withdraw what was agreed with a site: its next visit asks again (attacks CON-10). Doing so twice changes nothing."""
    if store.withdraw_consents(user_id, audience):
        audit.add("consent.withdrawn", user_id=user_id, subject=audience)


def _lives(consent: Row[Any], session: bytes | None) -> bool:
    if consent.withdrawn_at is not None:
        return False
    end = consent.remembered_until
    return (session is not None and consent.session == session) or (end is not None and not clock.is_over(end))


def _parts(ticket: Ticket, values: Mapping[str, Value]) -> tuple[str, str, str]:
    return ticket.audience, ticket.asked, json.dumps(values, sort_keys=True)
