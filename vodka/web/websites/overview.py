"""GET /websites/<n>: how a website is doing, the one next step, its numbers, and the requests of it that were refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response
from sqlalchemy import Row

from vodka.accounts.fields import PERSONAL, wanted_of
from vodka.consent import statistics
from vodka.consent.statistics import Numbers
from vodka.language import words
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.consent.page import LABELS
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import done_of
from vodka.web.plumbing.sites.chart import drawn
from vodka.web.plumbing.sites.kept import SITE, behind_login, is_verified, kept, site_page, state_of
from vodka.websites import asking
from vodka.websites.model import Website
from vodka.websites.watch import refusals

blueprint = behind_login("websites_overview", __name__)

# What other pages of the website say here after an act of theirs.
_NOTICES = {"proven": "The domain is proven."}


@dataclass(frozen=True)
class Refused:
    """One request that was refused, in the reader's language."""

    at: datetime
    sentence: str
    hint: str
    parameter: str
    shown: str
    reference: str


@dataclass(frozen=True)
class Seen:
    """The website as visitors see it."""

    name: str
    description: str
    grade: str
    fields: str


@blueprint.get(SITE)
def show(number: int) -> Response:
    """The page."""
    _, website = kept(number)
    numbers = _numbers(website)
    return site_page(
        "websites/overview.html",
        "overview",
        website,
        done=done_of(_NOTICES),
        step=_next_step(website, numbers),
        numbers=numbers,
        chart=drawn(numbers.days) if numbers and numbers.share is not None else None,
        seen=_seen(website),
        refused=[_refused(row) for row in refusals.feed(website.id, means().limits)],
        most_refused=refusals.SHOWN_AT_MOST,
    )


def _numbers(website: Website) -> Numbers | None:
    """The numbers of who holds the domain now: a former holder sees nothing of what came after (attacks DOM-14)."""
    if website.verified_since is None:
        return None
    since = statistics.held_since(website.domain, website.owner_id, website.created_at, website.verified_since)
    return statistics.numbers_of(website.domain, since)


def _next_step(website: Website, numbers: Numbers | None) -> str:
    """One word: what this website needs most."""
    state = state_of(website)
    if state == "stopped":
        return "stopped"
    if not is_verified(website):
        return "prove"
    if state == "failing":
        return "prove_again"
    has_said = bool(website.description or website.fields)
    if not has_said or (website.grade == PERSONAL and not website.reason and website.verified_by != "operator"):
        return "ask"
    return "works" if numbers and numbers.last_at else "log_in"


def _seen(website: Website) -> Seen:
    said = words(present_language()).gettext
    wanted = wanted_of(website.grade, website.fields)
    shown = asking.shown_words(website.domain, website.name, website.description, website.approved_words)
    return Seen(*shown, website.grade, ", ".join(said(LABELS[field.key]) for field in wanted))


def _refused(row: Row[Any]) -> Refused:
    said = words(present_language()).gettext
    hint = said(row.hint) if row.hint else ""
    return Refused(row.at, said(row.sentence), hint, row.parameter, row.shown, row.reference)
