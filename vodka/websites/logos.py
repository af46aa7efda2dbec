"""A website's logo: fetched once from its own domain, drawn anew, and served by vodka (field C4, attacks DOM-18)."""

from __future__ import annotations

import hashlib
import re

from vodka.adapters.fetch import Fetcher
from vodka.adapters.pictures.clean import PictureRefused, cleaned
from vodka.audit import store as audit
from vodka.errors import InvalidInput, Unavailable
from vodka.limits import Limits
from vodka.websites import store
from vodka.websites.model import Website

LONGEST_SOURCE = 2048  # characters
_OK = 200  # RFC 9110 §15.3.1
_PATH = re.compile(r"[!-\"$-\[\]-~]*")  # visible ASCII without "#" and "\"
_HEX_DIGITS = 32  # of the digest in its address: 128 bits


def check_source(source: str, domain: str) -> None:
    """That a picture may be fetched from this address: https, and on the website's own domain. Raises InvalidInput."""
    # To the slash: so neither a name before "@" nor a port nor a longer domain goes in between.
    beginning = f"https://{domain}/"
    if len(source) > LONGEST_SOURCE or not source.startswith(beginning) or not _PATH.fullmatch(source, len(beginning)):
        raise InvalidInput("logo_foreign", "The picture must be on the website’s own domain.", source[:80])


def drawn_anew(source: str, fetch: Fetcher, limits: Limits) -> bytes:
    """The picture at an address, as vodka shows it; raises InvalidInput, the same for every reason (attacks DOM-20)."""
    try:
        answer = fetch.get(source, timeout=limits.logo_timeout, size=limits.logo_size, accept="image/*", even_time=True)
        if answer.status != _OK:
            raise PictureRefused(f"status {answer.status}")
        return cleaned(
            answer.body,
            longest=limits.logo_longest,
            side=limits.logo_side,
            size=limits.logo_size,
            timeout=limits.logo_timeout,
        )
    except (Unavailable, PictureRefused) as refusal:
        raise InvalidInput(
            "logo_refused", "No picture that vodka can show came from this address.", str(refusal)
        ) from None


def put(website: Website, png: bytes, source: str, by: int) -> None:
    """Show this picture beside the website's name from now on."""
    digest = hashlib.sha256(png).hexdigest()[:_HEX_DIGITS]
    store.keep_logo(website.id, digest, png, source)
    audit.add("site.logo_set", user_id=by, subject=website.domain, detail=digest)


def remove(website: Website, by: int) -> None:
    """Show no picture any more."""
    if store.remove_logo(website.id):
        audit.add("site.logo_removed", user_id=by, subject=website.domain)
