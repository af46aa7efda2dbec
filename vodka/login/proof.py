"""The second half of every login by mail: what was proven is used up, and becomes an `Authentication`."""

from __future__ import annotations

from dataclasses import dataclass

from vodka import clock
from vodka.accounts.authentication import Authentication
from vodka.accounts.identity import account_of
from vodka.adapters.directory import Finding
from vodka.audit import store as audit
from vodka.errors import AccountDisabled, SecretRejected
from vodka.login import store
from vodka.login.model import MagicLink, Question
from vodka.onetime import SecretModel, consume
from vodka.sealing import Vault


@dataclass(frozen=True)
class Proof:
    """A right secret was shown for this address. It is not used up yet: `redeem` does that, for exactly one of two racers."""

    email: str
    model: SecretModel  # Question or MagicLink
    key: bytes
    question: bytes
    method: str  # amr
    return_to: str


def redeem(proof: Proof, finding: Finding, vault: Vault) -> Authentication:
    """Use the secret up, with everything that came in the same mail; raises SecretRejected for the second of two racers."""
    # The question first, always: code and link of one mail, shown at the same moment, then wait for each other in one order.
    if proof.model is MagicLink:
        consume(Question, proof.question)
    if consume(proof.model, proof.key) is None:
        raise SecretRejected("used meanwhile")
    store.retire_links(proof.question)
    store.reset_failures(proof.email)
    account = account_of(proof.email, finding, vault)
    if account.disabled_at is not None:
        raise AccountDisabled().noted("login.disabled", proof.email)
    audit.add("login", user_id=account.id, subject=proof.email, detail=proof.method)
    return Authentication(
        user_id=account.id,
        email=proof.email,
        subject=account.subject,
        sciper=account.sciper,
        epoch=account.epoch,
        methods=(proof.method,),
        at=clock.now(),
        return_to=proof.return_to,
    )
