"""The feed of refused requests: what a website sent, which rule refused it, what to change (field B8, C1).

The browser of a stranger is shown a reference number; the whole of it is for those who hold the domain.
"""

from __future__ import annotations

import re
from datetime import timedelta

from vodka import clock
from vodka.limits import Limits
from vodka.websites.watch import store

_SHOWN = 300  # characters of a value, a sentence and a hint
# Only to find the website that is meant: an address that a browser might read as another host belongs to nobody's feed.
_HOST = re.compile(r"https?://([a-z0-9.-]{1,253})(?=[:/?#]|\Z)", re.ASCII | re.IGNORECASE)
_DAY = timedelta(days=1)


def domain_in(redirect: str) -> str | None:
    """The domain that a refused address plainly names, lower-case; None where there is any doubt."""
    named = _HOST.match(redirect)
    return named[1].lower() if named else None


def record(
    domain: str, *, reference: str, code: str, parameter: str, shown: str, sentence: str, hint: str, limits: Limits
) -> None:
    """Keep a refused request for the holder of a domain; beyond so many on one day, and where nobody holds it, nothing."""
    website_id = store.find_holder(domain)
    if website_id is None:
        return
    now = clock.now()
    # Anybody can cause refusals: a flood of them must not fill the database.
    if store.count_refusals(website_id, now - _DAY) >= limits.refusals_per_day:
        return
    row = {"website_id": website_id, "at": now, "reference": reference, "code": code, "parameter": parameter}
    store.add_refusal(row | {"shown": shown[:_SHOWN], "sentence": sentence[:_SHOWN], "hint": hint[:_SHOWN]})
