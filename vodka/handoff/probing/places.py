"""The address itself, vodka's place for proxies (SCO-08), the application past its proxy, answers that were kept (SCO-22)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from vodka.handoff.identity import HEADER, NAMED
from vodka.handoff.probing.attack import Attack, Door, Group, Kind
from vodka.handoff.probing.ground import CLOSE, PROGRAM, Ground, wire
from vodka.handoff.proxies import PROOF
from vodka.handoff.status import PATH

_INTERNAL = "vodka-status"  # what vodka's configurations call the place where a proxy asks
# Proxies are often told to serve such names by themselves, before they ask anybody.
_OFTEN_LEFT_OUT = (
    "x.css",
    "x.js",
    "x.png",
    "x.php",
    "favicon.ico",
    "robots.txt",
    "static/",
    "assets/",
    "api/",
    "index.html",
)
_JWT = "eyJhbGciOiJub25lIn0.e30."  # alg none (RFC 8725 §2.1)


def address_attacks(ground: Ground) -> Iterator[Attack]:
    """Nothing but asking, as a program, as a browser, and for what is often left out."""
    page = ground.page
    yield Attack(Group.ADDRESS, "plain", "a program simply asks", ground.ask(page), path=page)
    yield Attack(Group.ADDRESS, "browser", "a browser simply asks", ground.ask_as_browser(page), path=page)
    for name in _OFTEN_LEFT_OUT:
        path = ground.home + name
        if ground.is_closed(path):
            yield Attack(Group.ADDRESS, f"plain-{name}", f"a program asks for {path}", ground.ask(path), path=path)


def vodka_attacks(ground: Ground) -> Iterator[Attack]:
    """Asking vodka as if one were the proxy, and through the proxy's own place for that."""
    host = f"Host: {ground.issuer.partition('://')[2]}"
    url = f"X-Original-Url: {ground.open_address}"
    cookie = f"Cookie: __Host-scoped_session={'A' * 43}"
    for word, says, headers in (
        ("plain", "vodka is asked without a proof", ()),
        ("address", "vodka is asked about a public address without a proof", (url,)),
        ("made-up", "vodka is asked with a made-up proof", (url, f"{PROOF}: x", cookie)),
        ("local", "vodka is asked as if by this machine", (url, "X-Forwarded-For: 127.0.0.1", "X-Real-Ip: 127.0.0.1")),
    ):
        sent = wire(f"GET {PATH} HTTP/1.1", host, PROGRAM, CLOSE, *headers)
        yield Attack(Group.VODKA, f"status-{word}", says, sent, door=Door.VODKA, path=PATH)
    home, place = ground.home, ground.home + _INTERNAL
    for word, path in (("plain", place), ("slashes", f"{home}/{_INTERNAL}"), ("escaped", f"{home}%76{_INTERNAL[1:]}")):
        says = f"the proxy's own place {path} is asked from outside"
        yield Attack(Group.VODKA, f"internal-{word}", says, ground.ask(path, url), Kind.ASKING, path=path)
    if ground.cookie:
        sent = ground.ask(place, f"Cookie: {ground.cookie}")
        says = "the same by somebody who is signed in"
        yield Attack(Group.VODKA, "internal-signed-in", says, sent, Kind.ASKING_OPEN, path=place)


def direct_attacks(ground: Ground) -> Iterator[Attack]:
    """The application itself, where an operator says that it listens."""
    named = tuple(f"{name}: {ground.marker}.{name.lower()}" for name in NAMED)
    for number, url in enumerate(ground.direct, start=1):
        for word, says, headers in (
            ("plain", "without a word", ()),
            ("named", "with a made-up identity", named),
            ("signed", "with an identity that nobody signed", (*named, f"{HEADER}: {_JWT}")),
        ):
            sent = wire(f"GET {ground.page} HTTP/1.1", f"Host: {ground.host}", PROGRAM, CLOSE, *headers)
            yield Attack(
                Group.DIRECT,
                f"direct-{word}-{number}",
                f"{urlsplit(url).netloc} is asked past the proxy, {says}",
                sent,
                Kind.DIRECT,
                Door.DIRECT,
                ground.page,
                url=url,
            )


def kept_attacks(ground: Ground) -> Iterator[Attack]:
    """What was answered to one, asked again by another; the same for an address."""
    if ground.cookie:
        for word, path in (("page", ground.page), ("fresh", f"{ground.page}?{ground.marker}")):
            before = ground.ask(path, f"Cookie: {ground.cookie}")
            says = "a stranger asks for what somebody was just shown"
            yield Attack(Group.KEPT, f"kept-{word}", says, ground.ask(path), path=path, before=before)
    for number, public in enumerate(ground.public, start=1):
        before = ground.ask(public + "/")
        says = f"a stranger who was just let in at {public}/ asks for the page"
        yield Attack(
            Group.KEPT, f"kept-public-{number}", says, ground.ask(ground.page), path=ground.page, before=before
        )
