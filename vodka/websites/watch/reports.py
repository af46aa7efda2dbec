"""Reports about websites: one of each person about each, for the operators' eyes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.accounts import store as accounts
from vodka.audit import store as audit
from vodka.errors import InvalidInput, NotFound
from vodka.outbox import store as outbox
from vodka.sealing import Vault
from vodka.settings import Settings
from vodka.websites.watch import store
from vodka.words import clean

LONGEST_WORDS = 500
# In the order in which they are offered; `LABELS` says them to people.
PRETENDS, TOO_MUCH, MISUSE, OTHER = "pretends", "too_much", "misuse", "other"
LABELS = {
    PRETENDS: "It pretends to be somebody else",
    TOO_MUCH: "It asks for too much",
    MISUSE: "It misuses what it received",
    OTHER: "Something else",
}
_MAIL_LANGUAGE = "en"  # operators are addresses in the settings: nobody knows what they read


def website_of(domain: str) -> int:
    """The website that a report about a domain is about; raises NotFound for one that nobody ever proved."""
    found = store.find_proven(domain)
    if found is None:
        raise NotFound("no website of this domain was ever proven")
    return found


def can_be_reported(domain: str) -> bool:
    """Whether a domain is or was proven to be somebody's."""
    return store.find_proven(domain) is not None


def find_own(domain: str, user_id: int) -> Row[Any] | None:
    """What somebody reported about a domain; raises NotFound for a domain that nobody ever proved."""
    return store.find_report(website_of(domain), user_id)


def check_kind(kind: str) -> None:
    """That a report says what it is about; raises InvalidInput."""
    if kind not in LABELS:
        raise InvalidInput("kind_unknown", "Please choose what this is about.")


def report(domain: str, user_id: int, kind: str, said: str, settings: Settings, vault: Vault) -> None:
    """Keep a report; the first open one of a day is told to the operators. Raises InvalidInput, NotFound."""
    check_kind(kind)
    website_id = website_of(domain)
    now = clock.now()
    earlier = store.list_open_moments(website_id)
    row = {"website_id": website_id, "user_id": user_id, "at": now, "kind": kind}
    store.keep_report(row | {"words": clean(said, LONGEST_WORDS), "closed_at": None})
    audit.add("site.reported", user_id=user_id, subject=domain, detail=kind)
    lately = now - timedelta(seconds=settings.limits.report_mail_interval)
    if all(moment <= lately for moment in earlier):
        _tell_operators(domain, len(store.list_open_moments(website_id)), now, settings, vault)


def _tell_operators(domain: str, number: int, now: datetime, settings: Settings, vault: Vault) -> None:
    """Which website, and how many reports are open; what was reported stays behind the login."""
    told = {"domain": domain, "number": number, "link": f"{settings.origin}/login?redirect=%2Foperator"}
    end = now + timedelta(seconds=settings.limits.recheck_grace)
    for address in settings.operator_addresses:
        account = accounts.find_by_email(address)
        if account is None or account.disabled_at is None:
            outbox.add(vault, "site_reported", address, _MAIL_LANGUAGE, told, end)
