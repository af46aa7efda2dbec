"""Who is at the other end: the client's address behind declared proxies, and the browser's family in our own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from flask import g, request

from vodka.language import negotiate
from vodka.login.requester import Requester
from vodka.networks import IPAddress, parse_ip
from vodka.web.plumbing import cookies
from vodka.web.plumbing.means import means

Networks = tuple[IPv4Network | IPv6Network, ...]
_NOWHERE = ip_address("0.0.0.0")  # noqa: S104 - an address nobody can have, not one to bind
_LONGEST_CHAIN = 20

_BROWSERS = (
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/|Chromium/")),
    ("Safari", re.compile(r"Safari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"iPhone")),
    ("iPad", re.compile(r"iPad")),
    ("Android", re.compile(r"Android")),
    ("Windows", re.compile(r"Windows")),
    ("Mac", re.compile(r"Macintosh|Mac OS X")),
    ("Linux", re.compile(r"Linux|X11|CrOS")),
)


def client_ip(environ: Mapping[str, Any], trusted: Networks) -> IPAddress:
    """The address of the client: the peer, or, where the peer is a declared proxy, the nearest address that is not one.

    X-Forwarded-For is read from the right, since only that end was written by somebody we trust (attacks ASK-07).
    """
    address = _parsed(environ.get("REMOTE_ADDR", ""))
    chain = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")[-_LONGEST_CHAIN:]
    while chain and any(address in network for network in trusted):
        hop = chain.pop().strip()
        if not hop:
            break
        address = _parsed(hop)
    return address


def peer(environ: Mapping[str, Any], trusted: Networks) -> IPAddress | None:
    """The same for who has to prove what they are: None for who opened our socket file, and does not ask for a third.

    A proxy that hands on what the whole world asks says so (X-Forwarded-For), or must not be given the file.
    """
    if environ.get("REMOTE_ADDR") == "" and "HTTP_X_FORWARDED_FOR" not in environ:
        return None
    return client_ip(environ, trusted)


def _parsed(text: str) -> IPAddress:
    try:
        return parse_ip(text)
    except ValueError:
        return _NOWHERE


@lru_cache(maxsize=512)
def browser_family(user_agent: str) -> str:
    """As in "Firefox on Linux": chosen from a closed list, so that nothing a requester writes reaches a mail or a page."""
    browser = next((name for name, pattern in _BROWSERS if pattern.search(user_agent)), "a browser")
    system = next((name for name, pattern in _SYSTEMS if pattern.search(user_agent)), None)
    return f"{browser} on {system}" if system else browser


def present_ip() -> IPAddress:
    """The client's address of this request."""
    if "client_ip" not in g:
        g.client_ip = client_ip(request.environ, means().settings.trusted_proxies)
    found: IPAddress = g.client_ip
    return found


def present_language() -> str:
    """The reader's language: what was chosen on the page, else what the browser prefers."""
    if "language" not in g:
        chosen = request.args.get("lang") or cookies.read("lang")
        g.language = negotiate(request.headers.get("Accept-Language", "")[:200], chosen)
    return str(g.language)


def suggest_language(language: str | None) -> None:
    """Somebody else says what the reader of this page reads: it counts unless they chose a language here."""
    if language is not None and not (request.args.get("lang") or cookies.read("lang")):
        g.language = language


def requester() -> Requester:
    """The browser behind this request, as far as a login cares."""
    family = browser_family(request.headers.get("User-Agent", "")[:512])
    return Requester(present_ip(), family, present_language(), cookies.read("DEVICE"))
