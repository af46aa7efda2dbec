"""Daily, the worker looks again: a domain that is sold or lapsed must not keep its login (attacks DOM-13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from vodka import clock
from vodka.audit import store as audit
from vodka.limits import Limits
from vodka.sealing import Vault
from vodka.websites import messages, registry, store
from vodka.websites.model import Website
from vodka.websites.verification import Looked, Prover, accept


def recheck_due(prover: Prover, vault: Vault, limits: Limits) -> Iterator[str]:
    """Look at every proof that was not looked at for a day; yields each domain after it was dealt with.

    The caller commits at each step, so that no lock is held while the next site takes its time, and what was done stays
    done whatever comes after it.
    """
    before = clock.now() - timedelta(seconds=limits.recheck_interval)
    for due in store.list_due(before):
        looked = prover.look(due.domain, due.token)
        # Meanwhile it may have been proven anew, or by somebody else: then this look says nothing.
        if (website := store.mark_checked(due.id, before)) is not None:
            _conclude(website, looked, vault, limits)
        yield due.domain


def _conclude(website: Website, looked: Looked, vault: Vault, limits: Limits) -> None:
    """One good look heals everything, also a suspension for want of proof, but not one by an operator."""
    if looked.method is not None:
        accept(website, looked.method, vault, limits)
        return
    now = clock.now()
    website.failures += 1
    website.failing_since = website.failing_since or now
    audit.add("site.unproven", user_id=website.owner_id, subject=website.domain, detail=looked.seen)
    # Three looks over three days, so that neither one outage nor one busy worker takes a site down.
    long_enough = now - website.failing_since >= timedelta(seconds=limits.recheck_grace - limits.recheck_interval)
    if website.suspended_at is None and website.failures >= limits.recheck_failures and long_enough:
        registry.suspend(website, "proof")
        messages.promise("site_suspended", website.domain, website.owner_id, vault, limits)
