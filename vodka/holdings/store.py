"""The tables in which something stands about a person: by whom each row is found, and what of it the person is given.

What is left out are secrets, digests of secrets, and numbers that only join tables. A test walks over every model, so that
a new table is listed here or said to hold nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, select

from vodka.accounts.model import Password, PersonRecord, User
from vodka.audit.model import AuditEvent
from vodka.consent.model import Consent, Release
from vodka.db import Base, execute, table
from vodka.handoff.model import ScopedCode, ScopedSession, SiteCode
from vodka.login.model import AddressGuard, Device, MagicLink, Question
from vodka.login.passkeys.model import Passkey
from vodka.oauth.model import Grant, RegistrationToken
from vodka.outbox.model import OutboxMail
from vodka.sessions.model import Session
from vodka.websites.model import Website
from vodka.websites.owners.model import CoOwner, Invitation
from vodka.websites.watch.model import Report


@dataclass(frozen=True)
class Holding:
    """Rows about a person: found by `key`, which holds the number of the account or an address."""

    name: str
    model: type[Base]
    key: str
    columns: tuple[str, ...]
    by_address: bool = False
    also: str = ""  # another column that may hold the address

    @property
    def table(self) -> Table:
        """The Core table."""
        return table(self.model)


@dataclass(frozen=True)
class Holder:
    """The person: their account and, unless it went to somebody else, their address."""

    user_id: int
    email: str | None

    def value_of(self, holding: Holding) -> int | str | None:
        """What stands in the key of this person's rows."""
        return self.email if holding.by_address else self.user_id


_SECRET = ("created_at", "expires_at", "used_at", "attempts", "return_to")  # of a one-time secret

HOLDINGS = (
    Holding("account", User, "id", ("email", "sciper", "subject", "created_at", "disabled_at")),
    Holding("directory", PersonRecord, "email", ("email", "outcome", "person", "read_at"), by_address=True),
    Holding(
        "sessions",
        Session,
        "user_id",
        (
            *("opened_at", "authenticated_at", "last_used_at", "expires_at", "revoked_at", "ended_by"),
            *("methods", "device", "place"),
        ),
    ),
    Holding("devices", Device, "user_id", ("label", "created_at", "last_used_at")),
    Holding("passkeys", Passkey, "user_id", ("name", "is_synced", "sign_count", "created_at", "last_used_at")),
    Holding("passwords", Password, "user_id", ("changed_at",)),
    Holding(
        "consents",
        Consent,
        "user_id",
        ("id", "audience", "client", "fields", "given_at", "remembered_until", "withdrawn_at"),
    ),
    Holding("releases", Release, "user_id", ("audience", "at", "fields", "grade", "consent_id", "jti")),
    Holding(
        "grants",
        Grant,
        "user_id",
        (
            *("consent_id", "sub", "scope", "fields", "wanted", "resources", "is_offline"),
            *("authenticated_at", "methods", "created_at", "expires_at", "revoked_at", "told_at"),
        ),
    ),
    Holding("registration_tokens", RegistrationToken, "created_by", ("created_at", "expires_at", "used_at")),
    Holding(
        "websites",
        Website,
        "owner_id",
        (
            *("domain", "name", "description", "approved_words", "privacy_url", "terms_url", "logo", "lang"),
            *("grade", "reason", "fields", "callbacks", "response_mode", "origins"),
            *("created_at", "verified_since", "verified_by", "seen_at", "checked_at", "failures", "failing_since"),
            *("suspended_at", "suspended_why"),
        ),
    ),
    Holding("co_owned_websites", CoOwner, "user_id", ("website_id", "joined_at")),
    Holding("invitations", Invitation, "email", ("website_id", "created_at", "expires_at"), by_address=True),
    Holding("sent_invitations", Invitation, "invited_by", ("website_id", "email", "created_at", "expires_at")),
    Holding("reports", Report, "user_id", ("website_id", "at", "kind", "words", "closed_at")),
    Holding("site_codes", SiteCode, "user_id", ("website_id", "created_at", "expires_at", "used_at")),
    Holding("scoped_codes", ScopedCode, "user_id", ("application_id", "fields", "created_at", "expires_at", "used_at")),
    Holding("scoped_sessions", ScopedSession, "user_id", ("application_id", "fields", "opened_at", "last_used_at")),
    Holding(
        "events",
        AuditEvent,
        "user_id",
        ("at", "kind", "subject", "network", "request_id", "detail"),
        also="subject",
    ),
    Holding("codes", Question, "email", _SECRET, by_address=True),
    Holding("links", MagicLink, "email", _SECRET, by_address=True),
    Holding("guard", AddressGuard, "email", ("failures", "frozen_until"), by_address=True),
    Holding(
        "mails",
        OutboxMail,
        "to_address",
        ("kind", "lang", "created_at", "expires_at", "next_try_at", "tries", "sent_at", "dropped_at", "drop_reason"),
        by_address=True,
    ),
)


def rows_of(holding: Holding, holder: Holder) -> list[Mapping[str, Any]]:
    """What a person is given of one table, oldest first where rows have an order."""
    columns = holding.table.c
    whose = columns[holding.key] == holder.value_of(holding)
    if holding.also and holder.email is not None:
        whose |= columns[holding.also] == holder.email
    order = [columns[name] for name in ("at", "given_at", "created_at", "opened_at") if name in columns][:1]
    found = execute(select(*(columns[name] for name in holding.columns)).where(whose).order_by(*order))
    return [dict(row) for row in found.mappings()]


def forget_address(holder: Holder) -> None:
    """Delete what stands under the address itself; what stands under the account goes with its row."""
    for holding in HOLDINGS:
        if holding.by_address:
            execute(delete(holding.table).where(holding.table.c[holding.key] == holder.value_of(holding)))
