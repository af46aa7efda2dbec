"""A person's own claim to a domain: what they typed, read strictly, and what they probably meant by it."""

from __future__ import annotations

import re

import idna

from vodka.accounts.fields import PSEUDONYMOUS, Wanted
from vodka.errors import InvalidInput, NotPermitted
from vodka.limits import Limits
from vodka.websites import registry
from vodka.websites.asking import ask_for
from vodka.websites.domains import parse_domain
from vodka.websites.owners import store

# What stands around the name in a pasted address: scheme and user, then port, path, query and fragment.
_LONGEST_PASTED = 2048
_PASTED = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/?#@]*@)?(?:\*\.)*([^/?#:@]+)(?::[0-9]*)?(?:[/?#].*)?", re.I)

_REFUSALS = {
    "domain_wildcard": ("A website is one exact name, without a wildcard.", "Add each name by itself."),
    "domain_local": (
        "localhost is your own machine, and nobody else can reach it.",
        "Use it with a vodka that runs there too; here, give the name that others reach.",
    ),
}


def claim(raw: str, owner_id: int, language: str, limits: Limits, *, development: bool) -> int:
    """The number of the website of this domain that somebody keeps, registered for them if there is none.

    A new one asks only whether somebody is a student. Raises InvalidInput("domain_…") and NotPermitted.
    """
    domain = _read(raw, development)
    store.lock_person(owner_id)
    kept = [website for website in store.list_kept(owner_id) if website.domain == domain]
    if kept:
        return next((website.id for website in kept if website.owner_id == owner_id), kept[0].id)
    if store.count_owned(owner_id) >= limits.websites_per_user:
        raise NotPermitted(
            "too_many_websites", "You have as many websites as one person can have. Delete one of them first."
        )
    website = registry.claim(domain, owner_id, development=development)
    website.lang = language
    ask_for(website, PSEUDONYMOUS, "", (Wanted("student", True),))
    return website.id


def meant_by(raw: str, *, development: bool) -> str | None:
    """The domain inside what was typed, such as a pasted address; None if there is none, or nothing else was typed."""
    pasted = _PASTED.fullmatch(raw) if len(raw) <= _LONGEST_PASTED else None
    if pasted is None:
        return None
    name = pasted[1].rstrip(".")
    try:
        if not name.isascii():
            name = idna.encode(name, uts46=True).decode("ascii")
        domain = parse_domain(name, development=development)
    except (UnicodeError, InvalidInput):
        return None
    return domain if domain != raw.lower() else None


def _read(raw: str, development: bool) -> str:
    if "*" in raw:  # a wildcard would be every name of a domain, and whoever holds one of them
        raise _refusal("domain_wildcard")
    if raw.lower() == "localhost" and not development:
        raise _refusal("domain_local")
    return parse_domain(raw, development=development)


def _refusal(code: str) -> InvalidInput:
    public, hint = _REFUSALS[code]
    return InvalidInput(code, public, hint=hint)
