"""Registering sites, and which site a redirect belongs to (SPEC authorization 1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.accounts.fields import PERSONAL, Wanted, wanted_of
from vodka.audit import store as audit
from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.websites import redirects, store
from vodka.websites.answering import QUERY, answer_by
from vodka.websites.asking import ask_for, describe, shown_words
from vodka.websites.domains import parse_domain, unicode_form
from vodka.websites.model import Website
from vodka.websites.redirects import Redirect


@dataclass(frozen=True)
class Site:
    """A verified website as the consent page and the token need it."""

    id: int
    domain: str
    unicode: str | None
    name: str
    description: str
    privacy_url: str
    terms_url: str
    logo: str | None
    grade: str
    reason: str
    wanted: tuple[Wanted, ...]
    response_mode: str
    verified_since: datetime
    unchecked_since: datetime | None
    is_vouched_for: bool  # by an operator, in place of a proof


def owner_of(raw: object, *, development: bool, limits: Limits) -> tuple[Redirect, Site]:
    """The redirect in its canonical form and the verified website it belongs to; raises InvalidInput with what to change."""
    redirect = redirects.parse(raw, development=development, max_length=limits.redirect_length)
    row = store.find_verified(redirect.host)
    # Exactly this host: neither a subdomain of a verified domain nor the domain above one (attacks RED-09, DOM-12).
    if row is None:
        raise InvalidInput(
            "website_not_verified",
            "The website that sent you here is not registered with vodka, or its domain is not proven at the moment.",
            redirect.host,
            "Register the domain and prove it, then send people again.",
        )
    # RFC 9700 §4.1.3: once exact callbacks are named, nothing else is good.
    if row.callbacks and not redirects.matches_pinned(redirect, row.callbacks):
        raise InvalidInput(
            "redirect_not_registered",
            "The address to go back to is not one of those that the website registered.",
            redirect.host,
            "Send one of the registered callback addresses, to the letter.",
        )
    return redirect, _site(row, limits)


def _site(row: Row[Any], limits: Limits) -> Site:
    name, description = shown_words(row.domain, row.name, row.description, row.approved_words)
    return Site(
        id=row.id,
        domain=row.domain,
        unicode=unicode_form(row.domain),
        name=name,
        description=description,
        privacy_url=row.privacy_url,
        terms_url=row.terms_url,
        logo=row.logo,
        grade=row.grade,
        reason=row.reason,
        wanted=wanted_of(row.grade, row.fields),
        response_mode=row.response_mode,
        verified_since=row.verified_since,
        unchecked_since=row.seen_at if row.failures >= limits.recheck_failures_told else None,
        is_vouched_for=row.verified_by == "operator",
    )


def find_site(domain: str, limits: Limits) -> Site | None:
    """The verified website of exactly this domain, not suspended."""
    row = store.find_verified(domain)
    return _site(row, limits) if row else None


def lists_origin(origin: str, *, development: bool) -> bool:
    """Whether the owner of a verified website lists this very origin, which is on its own domain (attacks COR-02)."""
    match = re.fullmatch(r"https?://([a-z0-9.-]{1,253})(?::[0-9]{1,5})?", origin)
    # Plain http is a page on the developer's own machine, and listed under localhost alone.
    if match is None or (origin.startswith("http:") and not development):
        return False
    row = store.find_verified(match[1])
    return row is not None and origin in row.origins


def claim(raw_domain: object, owner_id: int, *, development: bool = False) -> Website:
    """One person's claim to a domain, made unless it stands; proving it is another step. Raises InvalidInput("domain_…")."""
    domain = parse_domain(raw_domain, development=development)
    website = store.keep_claim(domain, owner_id)
    audit.add("site.registered", user_id=owner_id, subject=domain)
    return website


def register(
    raw_domain: object,
    owner_id: int,
    *,
    name: str,
    description: str,
    limits: Limits,
    grade: str = PERSONAL,
    reason: str = "",
    wanted: Sequence[Wanted] = (),
    callbacks: Sequence[str] = (),
    mode: str = QUERY,
    development: bool = False,
) -> Website:
    """A claim with all that is said of it, as an operator registers one; proving it is another step."""
    website = claim(raw_domain, owner_id, development=development)
    describe(website, name=name, description=description)
    ask_for(website, grade, reason, wanted)
    answer_by(website, mode, callbacks, (), development=development, limits=limits)
    return website


def suspend(website: Website, why: str) -> None:
    """Stop tokens for a site at once (attacks RED-32, faults D1)."""
    website.suspended_at = clock.now()
    website.suspended_why = why
    audit.add("site.suspended", user_id=website.owner_id, subject=website.domain, detail=why)


def resume(website: Website) -> None:
    """Let an operator's suspension end; being verified starts anew."""
    website.suspended_at = website.suspended_why = None
    website.verified_since = clock.now() if website.verified_since else None
    audit.add("site.resumed", user_id=website.owner_id, subject=website.domain)


def website_json(domain: str, limits: Limits) -> dict[str, str | bool | int]:
    """SPEC's type `Website`, to the letter; a domain that nobody proved has no name and no description."""
    site = find_site(domain, limits)
    return {
        "domain": domain,
        "verified": site is not None,
        "verifiedSince": int(site.verified_since.timestamp()) if site else 0,
        "name": site.name if site else "",
        "description": site.description if site else "",
    }
