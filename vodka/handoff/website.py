"""The DATA_JWT for a verified website (SPEC authorization 3a)."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from vodka import clock
from vodka.accounts.fields import DATED, Value
from vodka.audit import store as audit
from vodka.consent import store
from vodka.consent.ticket import Ticket
from vodka.keys.ring import Keyring
from vodka.keys.tokens import mint
from vodka.limits import Limits
from vodka.randomness import identifier
from vodka.sealing import Vault
from vodka.sessions.lifecycle import LiveSession

TYP = "vodka-data+jwt"


def pairwise_subject(subject: str, sector: str, vault: Vault) -> str:
    """The identifier of a person at one site: stable there, meaningless anywhere else (OIDC Core §8.1, attacks TOK-16)."""
    return urlsafe_b64encode(vault.mac("pairwise", subject, sector)[:24]).decode()


def issue(
    session: LiveSession,
    ticket: Ticket,
    user: Mapping[str, Value],
    sector: str,
    *,
    consent: int,
    issuer: str,
    keyring: Keyring,
    vault: Vault,
    limits: Limits,
) -> str:
    """Sign the statement, and record the release and the act with it. Only ever called after Accept, under that consent."""
    now, jti = clock.epoch(), identifier()
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": ticket.audience,
        "sub": pairwise_subject(session.subject, sector, vault),
        "iat": now,
        "exp": now + limits.data_jwt_lifetime,
        "jti": jti,
        "auth_time": int(session.authenticated_at.timestamp()),
        "user": dict(user),
    }
    given = {"nonce": ticket.nonce, "state": ticket.state}
    claims |= {name: value for name, value in given.items() if value is not None}
    # Being a student is true at a time; the site learns which.
    if ticket.read_at is not None and not DATED.isdisjoint(user):
        claims["directory_time"] = ticket.read_at
    store.add_release(session.user_id, consent, ticket.audience, list(user), jti)
    audit.add("token.minted", user_id=session.user_id, subject=ticket.audience, detail=jti)
    return mint(keyring.signing(), TYP, claims)
