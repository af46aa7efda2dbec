"""Registering sites, and which site a redirect belongs to (SPEC authorization 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.accounts.fields import DEFAULT, KEYS, Wanted
from vodka.audit import store as audit
from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.websites import redirects, store
from vodka.websites.domains import parse_domain, unicode_form
from vodka.websites.model import Website
from vodka.websites.redirects import Redirect
from vodka.words import clean

_LONGEST_NAME, _LONGEST_DESCRIPTION, _LONGEST_PURPOSE = 80, 300, 160


@dataclass(frozen=True)
class Site:
    """A verified website as the consent page and the token need it."""

    id: int
    domain: str
    unicode: str | None
    name: str
    description: str
    wanted: tuple[Wanted, ...]
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
    return redirect, _site(row)


def _site(row: Row[Any]) -> Site:
    wanted = tuple(Wanted(**field) for field in row.fields) or DEFAULT
    since = row.seen_at if row.failures else None
    about = (row.id, row.domain, unicode_form(row.domain), row.name, row.description, wanted, row.verified_since, since)
    return Site(*about, is_vouched_for=row.verified_by == "operator")


def register(
    raw_domain: object,
    owner_id: int,
    *,
    name: str,
    description: str,
    wanted: Sequence[Wanted] = (),
    callbacks: Sequence[str] = (),
    development: bool = False,
) -> Website:
    """One person's claim to a domain, made or changed; proving it is another step."""
    domain = parse_domain(raw_domain, development=development)
    if unknown := [field.key for field in wanted if field.key not in KEYS]:
        raise InvalidInput(
            "unknown_field", f"There is no field {unknown[0]}.", hint=f"The fields are {', '.join(KEYS)}."
        )
    pinned = [_pinned(callback, domain, development=development) for callback in callbacks]
    website = store.keep_claim(domain, owner_id)
    website.name = clean(name, _LONGEST_NAME) or domain
    website.description = clean(description, _LONGEST_DESCRIPTION)
    website.fields = [asdict(replace(field, purpose=clean(field.purpose, _LONGEST_PURPOSE))) for field in wanted]
    website.callbacks = pinned
    audit.add("site.registered", user_id=owner_id, subject=domain)
    return website


def _pinned(raw: str, domain: str, *, development: bool) -> str:
    redirect = redirects.parse(raw, development=development, max_length=len(raw))
    if redirect.host != domain:
        raise InvalidInput("callback_foreign", "A callback address must be on the website's own domain.", raw)
    return redirect.url


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


def website_json(domain: str) -> dict[str, str | bool | int]:
    """SPEC's type `Website`, to the letter; a domain that nobody proved has no name and no description."""
    row = store.find_verified(domain)
    return {
        "domain": domain,
        "verified": row is not None,
        "verifiedSince": int(row.verified_since.timestamp()) if row else 0,
        "name": row.name if row else "",
        "description": row.description if row else "",
    }
