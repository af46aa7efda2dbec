"""The DATA_JWT for a verified website (SPEC authorization 3a), in three grades of identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vodka import clock
from vodka.accounts.fields import ANONYMOUS, DATED, Value
from vodka.accounts.subjects import pairwise_subject
from vodka.audit import store as audit
from vodka.consent import store
from vodka.keys.ring import Keyring
from vodka.keys.tokens import mint
from vodka.limits import Limits
from vodka.randomness import identifier
from vodka.sealing import Vault
from vodka.sessions.lifecycle import LiveSession

TYP = "vodka-data+jwt"


@dataclass(frozen=True)
class Statement:
    """What a website is told once: the accepted values, under one grade, to one audience.

    `sector` is the domain that identifiers are stable for; `read_at` is when the directory said so, in seconds, or None.
    """

    audience: str
    sector: str
    grade: str
    user: Mapping[str, Value]
    state: str | None
    nonce: str | None
    read_at: int | None


def issue(
    session: LiveSession,
    statement: Statement,
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
        "aud": statement.audience,
        **_who(session.subject, session.authenticated_at, statement, vault),
        "iat": now,
        "exp": now + limits.data_jwt_lifetime,
        "jti": jti,
        "grade": statement.grade,
        "user": dict(statement.user),
    }
    given = {"nonce": statement.nonce, "state": statement.state, "directory_time": _read_at(statement)}
    claims |= {name: value for name, value in given.items() if value is not None}
    store.add_release(session.user_id, consent, statement.audience, list(statement.user), statement.grade, jti)
    audit.add("token.minted", user_id=session.user_id, subject=statement.audience, detail=jti)
    return mint(keyring.signing(), TYP, claims)


def _who(subject: str, authenticated_at: datetime, statement: Statement, vault: Vault) -> dict[str, Any]:
    """Who it is and when they signed in; nothing under the grade anonymous: two websites could compare either."""
    if statement.grade == ANONYMOUS:
        return {}
    return {
        "sub": pairwise_subject(subject, statement.sector, vault),
        "auth_time": int(authenticated_at.timestamp()),
    }


def _read_at(statement: Statement) -> int | None:
    """Being a student is true at a time; the site learns which. To the day only, where a second would tell two people apart."""
    if statement.read_at is None or DATED.isdisjoint(statement.user):
        return None
    return statement.read_at // clock.DAY * clock.DAY if statement.grade == ANONYMOUS else statement.read_at
