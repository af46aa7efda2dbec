"""Initial access tokens: with one of these a program registers itself, once, for the website of who made it (RFC 7591 §1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vodka import clock, onetime
from vodka.audit import store as audit
from vodka.errors import InvalidInput, NotFound
from vodka.limits import Limits
from vodka.oauth.model import RegistrationToken
from vodka.oauth.registration import store
from vodka.oauth.registration.policy import Registrar
from vodka.randomness import token
from vodka.websites import store as websites
from vodka.websites.model import Website
from vodka.websites.owners import store as owners

_PREFIX = "vodka-registration-"  # so that one in a public repository is found by those who scan for them


@dataclass(frozen=True)
class InitialToken:
    """A living token, without its secret. `handle`: what names it in a form."""

    handle: str
    created_at: datetime
    expires_at: datetime


def create(website: Website, by: int, limits: Limits) -> str:
    """A new token, to be shown this once; raises InvalidInput when as many live as are allowed."""
    websites.lock_website(website.id)  # of two at once, the second counts the first
    if len(store.list_tokens(website.id, clock.now())) >= limits.registration_tokens_per_website:
        raise InvalidInput(
            "registration_tokens_enough",
            "As many of these tokens live already as are allowed.",
            hint="Withdraw one that is not needed, or wait until it is over: each lives for a day.",
        )
    secret = _PREFIX + token()
    store.add_token(onetime.digest(secret), website.id, by, clock.after(limits.registration_token_lifetime))
    audit.add("site.registration_token_made", user_id=by, subject=website.domain)
    return secret


def list_living(website_id: int) -> list[InitialToken]:
    """The tokens of a website that may still be used, the oldest first."""
    rows = store.list_tokens(website_id, clock.now())
    return [InitialToken(onetime.handle(row.digest), row.created_at, row.expires_at) for row in rows]


def withdraw(website: Website, handle: str, by: int) -> None:
    """End a token at once; raises NotFound for one of another website, and one that is over or used."""
    rows = store.list_tokens(website.id, clock.now())
    found = next((row.digest for row in rows if onetime.handle(row.digest) == handle), None)
    if found is None or not store.remove_token(website.id, found):
        raise NotFound("no such living registration token of this website")
    audit.add("site.registration_token_removed", user_id=by, subject=website.domain)


def registrar(shown: str) -> Registrar | None:
    """On whose word a program that shows this token registers; None if the token is not good, or its maker has left."""
    row = store.find_token(onetime.digest(shown), clock.now())
    if row is None or owners.find_kept(row.website_id, row.created_by) is None:
        return None
    return Registrar(row.website_id, row.domain, row.grade, row.created_by, row.digest)


def spend(digest: bytes) -> bool:
    """Use a token up; of two at once exactly one hears True."""
    return onetime.consume(RegistrationToken, digest) is not None
