"""response_mode=code: the browser carries a code, and the website's server fetches the DATA_JWT for it (RFC 6749 §4.1.2)."""

from __future__ import annotations

import json
from dataclasses import asdict

from vodka import clock, onetime
from vodka.consent import remembered
from vodka.errors import SecretRejected
from vodka.handoff import store
from vodka.handoff.model import SiteCode
from vodka.handoff.website import Statement
from vodka.limits import Limits
from vodka.randomness import token
from vodka.sealing import SealBroken, Vault
from vodka.sessions import lifecycle
from vodka.sessions.lifecycle import LiveSession

_PURPOSE = "site code"


def promise(
    session: LiveSession, statement: Statement, website_id: int, consent_id: int, vault: Vault, limits: Limits
) -> str:
    """A code for what was accepted: for this website, once, for a minute, as long as the session lives."""
    code = token()
    store.add_code(
        onetime.digest(code),
        clock.after(limits.authorization_code_lifetime),
        website_id=website_id,
        user_id=session.user_id,
        session=session.digest,
        consent_id=consent_id,
        sealed=vault.seal(_PURPOSE, json.dumps(asdict(statement)).encode(), onetime.digest(code)),
    )
    return code


def redeem(code: str, website_id: int, vault: Vault) -> tuple[LiveSession, Statement, int]:
    """What a code stands for, used up now: the session, the statement, the consent. Raises SecretRejected."""
    key = onetime.digest(code)
    row = onetime.consume(SiteCode, key)
    if row is None:
        raise SecretRejected("the code is wrong, over or was used")
    if row.website_id != website_id:
        raise SecretRejected("the code belongs to another website")
    session = lifecycle.find_by_digest(row.session)
    if session is None:
        raise SecretRejected("the session behind the code has ended")
    if not remembered.is_given(row.user_id, row.consent_id):
        raise SecretRejected("the consent was withdrawn")
    try:
        statement = Statement(**json.loads(vault.unseal(_PURPOSE, row.sealed, key)))
    except SealBroken as broken:
        raise SecretRejected("sealed under a secret that is gone") from broken
    return session, statement, row.consent_id
