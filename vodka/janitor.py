"""Retention: what is over is forgotten, each kind after its time (faults §5.5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from vodka import clock, onetime
from vodka.accounts import store as accounts
from vodka.audit import store as audit
from vodka.audit.chain import Chain
from vodka.consent import store as consent
from vodka.handoff.model import ScopedCode, SiteCode
from vodka.handoff.scoped import store as scoped
from vodka.limits import Limits
from vodka.login import store as login
from vodka.login.model import MagicLink, Question
from vodka.login.passkeys import store as passkeys
from vodka.login.passkeys.model import PasskeyChallenge
from vodka.oauth import store as oauth
from vodka.oauth.model import AuthorizationCode, DeviceCode, PushedRequest, RegistrationToken
from vodka.oauth.registration import store as registration
from vodka.oauth.standing import store as grants
from vodka.outbox import store as outbox
from vodka.sealing import Vault
from vodka.sessions import store as sessions
from vodka.websites import store as websites
from vodka.websites.owners import store as owners
from vodka.websites.watch import store as watch


def clean(limits: Limits, vault: Vault) -> dict[str, int]:
    """Forget what is past its time; what was forgotten, and how much of it. The caller commits."""
    chain = Chain(vault, limits)
    for _ in chain.seal_all():
        pass  # only what stands in the chain can be taken off its beginning
    return {
        "questions": onetime.purge(Question, _before(limits.keep_questions)),
        "links": onetime.purge(MagicLink, _before(limits.keep_questions)),
        "tallies": login.purge_tallies(int(_before(limits.keep_tallies).timestamp())),
        "guards": login.purge_guards(clock.now()),
        "devices": login.purge_devices(_before(limits.device_lifetime)),
        "passkeys": passkeys.purge(_before(limits.passkey_lifetime)),
        "passkey challenges": onetime.purge(PasskeyChallenge, clock.now()),
        "mails": outbox.purge(_before(limits.keep_mails)),
        "sessions": sessions.purge(_before(limits.keep_sessions)),
        "unused sessions": sessions.purge_unused(_before(limits.keep_unused_sessions)),
        "tickets": consent.purge_tickets(clock.now()),
        "directory records": accounts.purge_records(_before(limits.directory_cache)),
        "authorization codes": onetime.purge(AuthorizationCode, _before(limits.keep_authorization_codes)),
        "refresh tokens": grants.purge_refresh_tokens(_before(limits.keep_authorization_codes)),
        "grants": grants.purge_grants(_before(limits.keep_grants), _before(limits.keep_grants_of_clients)),
        "registration tokens": onetime.purge(RegistrationToken, _before(limits.keep_registration_tokens)),
        "site codes": onetime.purge(SiteCode, _before(limits.keep_site_codes)),
        "client documents": registration.purge_documents(_before(limits.keep_client_documents)),
        "device codes": onetime.purge(DeviceCode, _before(limits.keep_device_codes)),
        "pushed requests": onetime.purge(PushedRequest, clock.now()),
        "used identifiers": oauth.purge_seen(clock.now()),
        "scoped codes": onetime.purge(ScopedCode, clock.now()),
        "scoped sessions": scoped.purge(),
        "refused requests": watch.purge_refusals(_before(limits.keep_refusals)),
        "invitations": owners.purge_invitations(_before(limits.keep_invitations)),
        "unproven websites": websites.purge_unproven(_before(limits.keep_unproven_domains)),
        "places of sessions": sessions.forget_places(_before(limits.keep_networks)),
        "networks of events": audit.forget_networks(_before(limits.keep_networks)),
        "events": chain.purge(_before(limits.keep_audit)),
    }


def _before(seconds: int) -> datetime:
    return clock.now() - timedelta(seconds=seconds)
