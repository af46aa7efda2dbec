"""Daily, the worker looks again: a domain that is sold or lapsed must not keep its login (attacks DOM-13)."""

from __future__ import annotations

from datetime import timedelta

from vodka import clock
from vodka.audit import store as audit
from vodka.limits import Limits
from vodka.websites import registry, store
from vodka.websites.model import Website
from vodka.websites.verification import Prover, accept, challenge_of


def recheck_due(prover: Prover, limits: Limits) -> list[Website]:
    """Look at every proof that was not looked at for a day; the websites that were suspended by it."""
    due = store.list_due(clock.now() - timedelta(seconds=limits.recheck_interval))
    return [website for website in due if recheck(website, prover, limits)]


def recheck(website: Website, prover: Prover, limits: Limits) -> bool:
    """Look at one proof; whether its absence suspends the website now.

    One good look heals everything, also a suspension for want of proof, but not one by an operator.
    """
    looked = prover.look(website.domain, challenge_of(website, limits).token)
    if looked.method is not None and website.suspended_why != "operator":
        accept(website, looked.method)
        return False
    now = clock.now()
    website.checked_at = now
    if looked.method is not None:
        return False
    website.failures += 1
    website.failing_since = website.failing_since or now
    audit.add("site.unproven", user_id=website.owner_id, subject=website.domain, detail=looked.seen)
    # Three looks over three days, so that neither one outage nor one busy worker takes a site down.
    long_enough = now - website.failing_since >= timedelta(seconds=limits.recheck_grace - limits.recheck_interval)
    if website.suspended_at is None and website.failures >= limits.recheck_failures and long_enough:
        registry.suspend(website, "proof")
        return True
    return False
