"""Daily, the worker looks again: a domain that is sold or lapsed must not keep its login (attacks DOM-13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from vodka import clock
from vodka.audit import store as audit
from vodka.language import words
from vodka.limits import Limits
from vodka.sealing import Vault
from vodka.websites import messages, registry, store
from vodka.websites.model import Website
from vodka.websites.places import LABELS
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


def ends_at(website: Website, limits: Limits) -> datetime:
    """When a website whose proof is missing is suspended at the earliest."""
    assert website.failing_since is not None
    return website.failing_since + timedelta(seconds=limits.recheck_grace - limits.recheck_interval)


def _conclude(website: Website, looked: Looked, vault: Vault, limits: Limits) -> None:
    """One good look heals everything, also a suspension for want of proof, but not one by an operator.

    The first failure is told to those who keep the website, the second one to visitors too (websites.registry).
    """
    if looked.method is not None:
        accept(website, looked.method, vault, limits)
        return
    now = clock.now()
    website.failures += 1
    website.failing_since = website.failing_since or now
    audit.add("site.unproven", user_id=website.owner_id, subject=website.domain, detail=looked.seen)
    if website.suspended_at is not None:
        return
    # Three looks over three days, so that neither one outage nor one busy worker takes a site down.
    end = ends_at(website, limits)
    if website.failures >= limits.recheck_failures and now >= end:
        registry.suspend(website, "proof")
        messages.promise("site_suspended", website, vault, limits)
    elif website.failures == 1:
        messages.promise("site_unproven", website, vault, limits, **_told(website.lang, looked, end))


def _told(language: str, looked: Looked, end: datetime) -> dict[str, object]:
    """What was looked for, what stood there, and by when it must be back, in the language of the mail."""
    say = words(language)
    found = [(say.gettext(LABELS[one.place.method]), one.place.where, one.sentence(language)) for one in looked.found]
    return {"found": found, "until": say.moment(end)}
