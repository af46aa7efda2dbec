"""What the routes of one app work with: one typed bundle, built in `vodka.app`, reached from every request."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import cast

from flask import current_app

from vodka.accounts.passwords import Passwords
from vodka.adapters.services import Services
from vodka.handoff.status import Gate
from vodka.keys.ring import Keyring
from vodka.limits import Limits
from vodka.login.email_code import EmailCode
from vodka.login.passkeys.party import RelyingParty
from vodka.login.throttle import Throttle
from vodka.oauth.server import Server
from vodka.sealing import Vault
from vodka.sessions.claims import SessionClaims
from vodka.settings import Settings
from vodka.web.plumbing.ratelimit import OuterLimit

EXTENSION = "vodka"


@dataclass(frozen=True)
class Means:
    """Settings, secrets, keys, doors."""

    settings: Settings
    limits: Limits
    vault: Vault
    keyring: Keyring
    services: Services
    session_claims: SessionClaims
    email_code: EmailCode
    passkeys: RelyingParty
    passwords: Passwords
    throttle: Throttle
    look_ups: OuterLimit
    logo_tries: OuterLimit
    site_checks: OuterLimit
    document_visits: OuterLimit
    visits: BoundedSemaphore
    oauth: Server
    gate: Gate


present: ContextVar[Means] = ContextVar("means")  # of the request that is being answered, set by the front lane


def means() -> Means:
    """The bundle of the app that serves this request; outside of one, of the app whose context is entered."""
    return present.get(None) or cast(Means, current_app.extensions[EXTENSION])
