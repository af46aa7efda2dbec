"""Where a login leads afterwards: a short list of vodka's own pages, never another site (attacks RED-28, RED-31)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote

HOME = "/"
_ENTER = "/enter"
LONGEST = 6144  # characters: a redirect of 2,048, percent-encoded, and a state
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_PAGES = re.compile(
    r"/(?:|account(?:/[a-z/-]*)?|operator|report/[a-z0-9.-]{1,253}|websites(?:/[a-z0-9-][a-z0-9.-]*)*"
    r"|enter\?scope=[^#\\&]*|(?:oauth/)?authorize\?[^#\\]*"
    r"|oauth/device(?:\?(?:user_code=[A-Za-z-]{1,16}|device=[A-Za-z0-9_=-]{1,200}))?)"
)


def parse(raw: str | None) -> str:
    """The page to come back to; home for anything that is not on the list.

    An https address is SPEC's `/login?redirect=REDIRECT_URI`: it leads through the consent page, which checks it.
    """
    if not raw or len(raw) > LONGEST or not _VISIBLE.fullmatch(raw):
        return HOME
    if raw.startswith(("https://", "http://localhost:")):
        return f"/authorize?redirect={quote(raw, safe='')}"
    return raw if _PAGES.fullmatch(raw) else HOME


def enter(scope: str) -> str:
    """The page that leads into an application behind a proxy (FLOWS scoped login)."""
    return f"{_ENTER}?scope={quote(scope, safe='')}"


def scope_in(return_to: str) -> str | None:
    """The application inside a page to come back to, if it is the one above."""
    path, _, query = return_to.partition("?")
    return parse_qs(query).get("scope", [None])[0] if path == _ENTER else None


def redirect_in(return_to: str) -> str | None:
    """The website's redirect inside a page to come back to, if it is a consent page and names exactly one."""
    path, _, query = return_to.partition("?")
    if path != "/authorize":
        return None
    values = parse_qs(query, keep_blank_values=True).get("redirect", [])
    return values[0] if len(values) == 1 else None
