"""response_mode=code: the browser carries a code, and the website's server fetches the DATA_JWT for it (RFC 6749 §4.1.2)."""

from __future__ import annotations

import json
from dataclasses import asdict

from vodka import clock, onetime
from vodka.consent import remembered
from vodka.errors import SecretRejected, VodkaError
from vodka.handoff import store
from vodka.handoff.model import SiteCode
from vodka.handoff.website import Statement
from vodka.limits import Limits
from vodka.randomness import token
from vodka.sealing import SealBroken, Vault
from vodka.sessions import lifecycle
from vodka.sessions.lifecycle import LiveSession
from vodka.websites.registry import Site

_PURPOSE = "site code"


class CodeRejected(SecretRejected):
    """The same answer for a code that is wrong, over, used, another website's, or whose session or consent has ended."""

    def __init__(self, detail: str) -> None:
        # The sentence of the family is for people who typed a code; this one is read by who writes a website.
        VodkaError.__init__(
            self,
            "rejected",
            public="This code is wrong, over or was used: it works once, for a minute. Send the visitor to /authorize again.",
            detail=detail,
        )


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


def redeem(code: str, site: Site, vault: Vault) -> tuple[LiveSession, Statement, int]:
    """What a code stands for, used up now: the session, the statement, the consent.

    Raises CodeRejected; what was used up is rolled back with the refusal, so that another website's try spends nothing.
    """
    key = onetime.digest(code)
    row = onetime.consume(SiteCode, key)
    if row is None:
        raise _dead(key, site)
    if row.website_id != site.id:
        raise CodeRejected("the code belongs to another website")
    session = lifecycle.find_by_digest(row.session)
    if session is None:
        raise CodeRejected("the session behind the code has ended")
    if not remembered.is_given(row.user_id, row.consent_id):
        raise CodeRejected("the consent was withdrawn")
    try:
        statement = Statement(**json.loads(vault.unseal(_PURPOSE, row.sealed, key)))
    except SealBroken as broken:
        raise CodeRejected("sealed under a secret that is gone") from broken
    return session, statement, row.consent_id


def _dead(key: bytes, site: Site) -> SecretRejected:
    """RFC 6749 §4.1.2: a code that comes a second time may have been stolen. Nothing lives on to be revoked: it is told."""
    holder = store.find_holder_of_used(key, site.id)
    if holder is None:
        return CodeRejected("the code is wrong or over")
    return CodeRejected(site.domain).noted("alarm.code_reused", holder)
