"""The secrets with which a website's server shows who it is: random, hashed at rest, two at a time for rotation (field B16)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.audit import store as audit
from vodka.errors import InvalidInput, NotFound
from vodka.limits import Limits
from vodka.onetime import digest
from vodka.randomness import token
from vodka.websites import store
from vodka.websites.model import Website
from vodka.websites.seen import newest

_PREFIX = "vodka-secret-"  # so that a secret in a public repository is found by those who scan for them
_HINT = 4  # characters
_TOUCH_INTERVAL = timedelta(minutes=10)  # last use is shown roughly, and costs a write


def create(website: Website, by: int, limits: Limits, seen: str | None = None) -> str:
    """A new secret, to be shown this once; raises InvalidInput when two live already, or the newest is not the one `seen`.

    `seen` is what a page knew: the same form sent again, by a reload or a second click, makes no second secret.
    """
    store.lock_website(website.id)  # of two at once, the second counts the first
    living = store.list_secrets(website.id)
    check_seen(living, seen)
    check_room(living, limits.secrets_per_website)
    secret = _PREFIX + token()
    store.add_secret(website.id, digest(secret), secret[-_HINT:])
    audit.add("site.secret_made", user_id=by, subject=website.domain, detail=secret[-_HINT:])
    return secret


def check_seen(living: Sequence[Row[Any]], seen: str | None) -> None:
    """Whether a page knew the newest of these secrets, where there was one; raises InvalidInput as `create` does."""
    if seen not in (None, newest(row.id for row in living)):
        raise InvalidInput(
            "secrets_changed",
            "The secrets have changed since you opened the page.",
            hint="Nothing was made now. A secret is shown only once: if you did not keep it, remove it and make another.",
        )


def check_room(living: Sequence[Row[Any]], most: int) -> None:
    """Whether one more may live beside these; raises InvalidInput as `create` does."""
    if len(living) >= most:
        raise InvalidInput(
            "secrets_enough",
            "Two secrets live already.",
            hint="Remove the one that is no longer used, then make a new one.",
        )


def remove(website: Website, secret_id: int, by: int) -> None:
    """End a secret at once; raises NotFound for one of another website."""
    hint = store.remove_secret(website.id, secret_id)
    if hint is None:
        raise NotFound("no such secret of this website")
    audit.add("site.secret_removed", user_id=by, subject=website.domain, detail=hint)


def is_good(website_id: int, presented: str) -> bool:
    """Whether this is a living secret of a website, compared in constant time; notes its use."""
    shown, now = digest(presented), clock.now()
    # Plain SHA-256 is enough for 256 random bits; every one is compared, so that the time does not tell which.
    good = [row for row in store.list_secrets(website_id) if hmac.compare_digest(row.digest, shown)]
    for row in good:
        if row.last_used_at is None or now - row.last_used_at >= _TOUCH_INTERVAL:
            store.touch_secret(row.id, now)
    return bool(good)
