"""The feed of refused requests: what a website sent, which rule refused it, what to change (field B8, C1).

The browser of a stranger is shown a reference number; the whole of it is for those who hold the domain.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.limits import Limits
from vodka.websites.watch import store
from vodka.words import clean

SHOWN_AT_MOST = 50  # of a feed on a page
_LONGEST = 300  # characters of a value, a sentence and a hint
_OF_A_SECRET = 4  # characters of a value that is between the website and its visitor
_CUT = "…"
# Only to find the website that is meant: an address that a browser might read as another host belongs to nobody's feed.
# What follows a colon is a port, or else the beginning of a password, and the host comes after the "@".
_HOST = re.compile(r"https?://([a-z0-9.-]{1,253})(?=(?::[0-9]{1,5})?(?:[/?#]|\Z))", re.ASCII | re.IGNORECASE)
_QUERY = re.compile(r"[?#](.*)", re.DOTALL)


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
    if store.count_refusals(website_id, now - timedelta(seconds=clock.DAY)) >= limits.refusals_per_day:
        return
    row = {"website_id": website_id, "at": now, "reference": reference, "code": code, "parameter": parameter}
    texts = {"shown": told(parameter, shown), "sentence": sentence, "hint": hint}
    store.add_refusal(row | {name: clean(text, _LONGEST) for name, text in texts.items()})


def told(parameter: str, value: str) -> str:
    """What of a value its owner is told: enough to recognise it, and nothing that lets anybody in (ASVS 16.2.5).

    A redirect may carry tokens after its `?`: the names stay. `state` and `nonce` belong to one visitor: their beginning
    and how long they are stay.
    """
    if parameter in ("redirect", "redirect_uri"):
        return _QUERY.sub(_without_values, value, count=1)
    if parameter in ("state", "nonce"):
        return f"{value[:_OF_A_SECRET]}{_CUT} ({len(value)})"
    return value


def _without_values(query: re.Match[str]) -> str:
    """The names of the parameters; what follows a `#`, and what has no name, may itself be a secret."""
    if query[0].startswith("#"):
        return f"#{_CUT}"
    parameters, fragment, _ = query[1].partition("#")
    names = [
        f"{name}={_CUT}" if equals else _CUT for name, equals, _ in (p.partition("=") for p in parameters.split("&"))
    ]
    return f"?{'&'.join(names)}" + (f"#{_CUT}" if fragment else "")


def feed(website_id: int, limits: Limits) -> list[Row[Any]]:
    """The refused requests of a website that are young enough to be kept, newest first."""
    return store.list_refusals(website_id, clock.now() - timedelta(seconds=limits.keep_refusals), SHOWN_AT_MOST)
