"""How a website gets the answer: where to, in which way, and whose pages may read it."""

from __future__ import annotations

from collections.abc import Sequence

from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.websites import redirects
from vodka.websites.model import Website

# OAuth 2.0 Multiple Response Type Encoding Practices §2.1, OAuth 2.0 Form Post Response Mode §2; `code` is fetched by the
# website's server at /redeem.
QUERY, FRAGMENT, FORM_POST, CODE = "query", "fragment", "form_post", "code"
MODES = (QUERY, FRAGMENT, FORM_POST, CODE)


def answer_by(
    website: Website, mode: str, callbacks: Sequence[str], origins: Sequence[str], *, development: bool, limits: Limits
) -> None:
    """Set the way of the answer; raises InvalidInput for an address that is not on the website's own domain."""
    if mode not in MODES:
        raise InvalidInput("mode_unknown", "Please choose one of the four ways to get the answer.")
    if max(len(callbacks), len(origins)) > limits.addresses_per_website:
        raise InvalidInput("too_many_addresses", "There are too many addresses.", hint="Keep those that are in use.")
    website.response_mode = mode
    website.callbacks = _unique(
        [pinned(raw, website.domain, development=development, limits=limits) for raw in callbacks]
    )
    website.origins = _unique(
        [origin_of(raw, website.domain, development=development, limits=limits) for raw in origins]
    )


def check_mode(asked: str | None, mode: str) -> None:
    """A website's owner chose one way; a request may name it and no other, so that nobody else chooses (attacks TOK-21)."""
    if asked not in (None, mode):
        raise InvalidInput(
            "response_mode_not_chosen",
            "The website asked for the answer in a way that its owner did not choose.",
            asked or "",
            "Leave response_mode out, or choose this way on the website’s page at vodka.",
        )


def pinned(raw: str, domain: str, *, development: bool, limits: Limits) -> str:
    """One callback address in its canonical form; raises InvalidInput."""
    redirect = redirects.parse(raw, development=development, max_length=limits.redirect_length)
    if redirect.host != domain:
        raise InvalidInput(
            "callback_foreign",
            "A callback address must be on the website’s own domain.",
            raw,
            "Begin with https:// and the domain itself.",
        )
    return redirect.url


def origin_of(raw: str, domain: str, *, development: bool, limits: Limits) -> str:
    """One origin as browsers send it (RFC 6454 §6.2), only of the domain that was proven; raises InvalidInput."""
    refusal = InvalidInput(
        "origin_malformed",
        "This is not an origin of the website.",
        raw,
        "Give https:// and the domain, with nothing after it.",
    )
    try:
        read = redirects.parse(raw.removesuffix("/"), development=development, max_length=limits.redirect_length)
    except InvalidInput:
        raise refusal from None
    if read.host != domain or read.url != read.origin:
        raise refusal
    return read.origin


def _unique(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))
