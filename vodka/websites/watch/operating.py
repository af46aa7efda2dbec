"""What operators do to a website: stop it, let it go on, close its reports, approve its words (attacks RED-32, CON-08).

Each act stands in the audit with who did it; on the command line that is nobody. None of it gives an operator anything that
is the owner's: no secret, no setting, no visitor.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from vodka import clock
from vodka.audit import store as audit
from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.sealing import Vault
from vodka.websites import asking, messages, registry
from vodka.websites.model import Website
from vodka.websites.watch import store

_OPERATOR = "operator"


@dataclass(frozen=True)
class Waiting:
    """Words that visitors do not see before an operator has read them."""

    id: int
    domain: str
    name: str
    description: str
    digest: str


def is_stopped(website: Website) -> bool:
    """Whether an operator has stopped a website."""
    return website.suspended_at is not None and website.suspended_why == _OPERATOR


def stop(website: Website, operator: int | None, vault: Vault, limits: Limits) -> None:
    """Nothing is handed to the website from now on, and its owners are told; doing so twice changes nothing."""
    if is_stopped(website):
        return
    registry.suspend(website, _OPERATOR)
    audit.add("operator.stopped", user_id=operator, subject=website.domain)
    messages.promise("site_stopped", website, vault, limits, page=f"/websites/{website.id}")


def lift(website: Website, operator: int | None, limits: Limits) -> None:
    """Let a website that was stopped go on; one whose proof went missing meanwhile waits for that."""
    if not is_stopped(website):
        return
    if website.failures >= limits.recheck_failures:
        website.suspended_why = "proof"
    else:
        registry.resume(website)
    audit.add("operator.lifted", user_id=operator, subject=website.domain)


def close_reports(website: Website, operator: int | None) -> None:
    """The open reports about a website are dealt with."""
    if store.close_reports(website.id, clock.now()):
        audit.add("site.report_closed", user_id=operator, subject=website.domain)


def approve(website: Website, digest: str, operator: int | None) -> None:
    """Let visitors see the words that were read; raises InvalidInput when they are others by now."""
    if digest != digest_of(website):
        raise InvalidInput("words_changed", "These words have changed since you read them. Please read them again.")
    website.approved_words = asking.words_of(website.name, website.description)
    audit.add("site.approved", user_id=operator, subject=website.domain)


def digest_of(website: Website) -> str:
    """What stands for a website's words in a form: an approval is bound to what was read."""
    return hashlib.sha256(asking.words_of(website.name, website.description).encode()).hexdigest()


def list_waiting() -> list[Waiting]:
    """The words that wait, of websites that visitors could come from."""
    return [
        Waiting(site.id, site.domain, site.name, site.description, digest_of(site))
        for site in store.list_proven()
        if asking.waits_for_approval(site)
    ]
