"""The picture of a client that belongs to no website: fetched once, drawn anew and served by vodka, as a website's is."""

from __future__ import annotations

import hashlib

from vodka.adapters.fetch import Fetcher
from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.oauth.registration import store
from vodka.websites import logos

_HEX_DIGITS = 32  # of the digest in its address: 128 bits
_FOLDER = "client/"  # below /logos/, so that no page has to know whose picture it shows


def drawn(source: str | None, fetch: Fetcher, limits: Limits) -> bytes | None:
    """The picture at an address; None where there is none that vodka can show, which is no reason to refuse a client."""
    try:
        return logos.drawn_anew(source, fetch, limits) if source is not None else None
    except InvalidInput:
        return None


def put(client: int, png: bytes | None) -> None:
    """Show this picture from now on, or none."""
    if png is None:
        store.remove_logo(client)
    else:
        store.keep_logo(client, hashlib.sha256(png).hexdigest()[:_HEX_DIGITS], png)


def address_of(client: int) -> str | None:
    """The address of a client's picture, below /logos/ and without its ending."""
    digest = store.find_logo_of(client)
    return _FOLDER + digest if digest else None
