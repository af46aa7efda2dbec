"""Imports every model, so that the metadata is whole: for Alembic and for nobody else."""

from __future__ import annotations

from vodka.accounts import model as accounts
from vodka.audit import model as audit
from vodka.consent import model as consent
from vodka.handoff import model as handoff
from vodka.keys import model as keys
from vodka.login import model as login
from vodka.login.passkeys import model as passkeys
from vodka.oauth import model as oauth
from vodka.outbox import model as outbox
from vodka.sessions import model as sessions
from vodka.websites import model as websites
from vodka.websites.owners import model as owners
from vodka.websites.watch import model as watch

__all__ = [
    "accounts",
    "audit",
    "consent",
    "handoff",
    "keys",
    "login",
    "oauth",
    "outbox",
    "owners",
    "passkeys",
    "sessions",
    "watch",
    "websites",
]
