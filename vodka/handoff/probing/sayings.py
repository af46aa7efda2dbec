"""What only a proxy may tell vodka (SCO-08, SCO-09), said by a browser; and cookies and codes made up (SCO-13)."""

from __future__ import annotations

from collections.abc import Iterator

from vodka.handoff.applications import PREFIX
from vodka.handoff.probing.attack import Attack, Group, Kind
from vodka.handoff.probing.ground import Ground
from vodka.handoff.proxies import PROOF

_TOKEN = 43  # characters
_MUCH = 8 * 1024  # bytes, as many as most servers take


def proxy_attacks(ground: Ground) -> Iterator[Attack]:
    """Another address, another method, a made-up proof."""
    for word, says, headers in _sayings(ground):
        asked = ground.ask(ground.page, *headers)
        yield Attack(Group.PROXY, f"proxy-{word}", says, asked, Kind.UNHEARD, path=ground.page)


def _sayings(ground: Ground) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    url = ground.open_address
    path = url.removeprefix(ground.origin)
    forwarded = (f"X-Forwarded-Host: {ground.host}", "X-Forwarded-Proto: https")
    for name, value in (
        ("X-Original-Url", url),
        ("X-Original-Uri", path),
        ("X-Forwarded-Uri", path),
        ("X-Envoy-Original-Path", path),
        ("X-Rewrite-Url", path),
    ):
        word = name.lower()
        yield word, f"{name} says {value}", (f"{name}: {value}", *forwarded)
        yield f"{word}-underscores", f"{name} with underscores", (f"{name.replace('-', '_')}: {value}", *forwarded)
        yield f"{word}-twice", f"{name} twice", (f"{name}: {value}", f"{name}: {value}", *forwarded)
    elsewhere = "X-Original-Url: https://elsewhere.invalid/"
    yield "elsewhere", "X-Original-Url names another application", (elsewhere,)
    yield "forwarded-host", "X-Forwarded-Host names another application", ("X-Forwarded-Host: elsewhere.invalid",)
    yield "path-of-both", "path and host as another kind of proxy says them", (f"X-Forwarded-Uri: {path}", *forwarded)
    yield "proof", "a made-up proof", (f"{PROOF}: {PREFIX}{'A' * _TOKEN}",)
    yield "proof-underscores", "a made-up proof, with underscores", (f"{PROOF.replace('-', '_')}: {'A' * _TOKEN}",)
    yield "sent-from", "speaks like an ingress", ("X-Sent-From: nginx-ingress-controller",)
    for name in ("X-Original-Method", "X-Forwarded-Method", "X-HTTP-Method-Override", "X-Method-Override"):
        yield name.lower(), f"{name} says OPTIONS", (f"{name}: OPTIONS",)
    taken_out = f"Connection: close, {PROOF}, X-Original-Url, X-Forwarded-Uri, Cookie"
    yield "hop-by-hop", "Connection takes out what the proxy says", (taken_out,)
    yield "local", "comes from the machine itself", ("X-Forwarded-For: 127.0.0.1", "X-Real-Ip: 127.0.0.1")


def cookie_attacks(ground: Ground) -> Iterator[Attack]:
    """Sessions and codes that nobody gave."""
    made_up = "A" * _TOKEN
    names = ("scoped_session", "__Secure-scoped_session", "__Host-scoped_session", "scoped_session_code")
    for name in names:
        yield _cookie(ground, name.lower(), f"a made-up {name}", f"{name}={made_up}")
    everything = "; ".join(f"{name}={made_up}" for name in names)
    yield _cookie(ground, "all", "all of them at once", everything)
    yield _cookie(ground, "long", "a cookie of 8 kB", f"__Host-scoped_session={'A' * _MUCH}")
    yield _cookie(ground, "nul", "a cookie with NUL", f"__Host-scoped_session={made_up}\0")
    yield _cookie(ground, "quote", "a cookie that ends a quotation", f"__Host-scoped_session=' OR '1'='1{made_up}")
    yield _cookie(ground, "empty", "an empty cookie", "__Host-scoped_session=; scoped_session=; scoped_session_code=")
    path = f"{ground.page}?code={made_up}"
    yield Attack(Group.COOKIE, "code", "a made-up code in the address", ground.ask(path), path=path)
    shown = ground.ask_as_browser(path)
    yield Attack(Group.COOKIE, "code-browser", "the same from a browser", shown, path=path)


def _cookie(ground: Ground, word: str, says: str, cookie: str) -> Attack:
    asked = ground.ask(ground.page, f"Cookie: {cookie}")
    return Attack(Group.COOKIE, f"cookie-{word}", says, asked, path=ground.page)
