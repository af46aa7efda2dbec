"""Who calls themselves somebody (SCO-10): the headers of an identity, in every spelling, where nobody and somebody may pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from vodka.handoff.identity import HEADER, NAMED
from vodka.handoff.probing.attack import Attack, Group, Kind
from vodka.handoff.probing.ground import Ground

_NAMES = (*NAMED, HEADER)
# What other proxies tell their applications. vodka's do not, so whatever an application reads there anybody may write.
_OTHERS = (
    *("X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X-Remote-User"),
    *("X-Auth-Request-User", "X-Auth-Request-Email", "X-Authenticated-User", "X-WebAuth-User", "X-User"),
)

_STRANGE = frozenset({"dots"})  # spellings that almost nothing takes for the name itself

# A header line of this name with a value of ours.
_Spelling = Callable[[str, str], tuple[str, ...]]
_SPELLINGS: Mapping[str, tuple[str, _Spelling]] = {
    "as-they-are": ("as vodka writes them", lambda name, value: (f"{name}: {value}",)),
    "lower-case": ("in lower case", lambda name, value: (f"{name.lower()}: {value}",)),
    "upper-case": ("in upper case", lambda name, value: (f"{name.upper()}: {value}",)),
    "underscores": ("with underscores", lambda name, value: (f"{name.replace('-', '_')}: {value}",)),
    "dots": ("with dots", lambda name, value: (f"{name.replace('-', '.')}: {value}",)),
    "twice": ("twice, the first one empty", lambda name, value: (f"{name}:", f"{name}: {value}")),
    "space": ("with a space before the colon", lambda name, value: (f"{name} : {value}",)),
    "folded": ("on a second line", lambda name, value: (f"{name}:", f" {value}")),
    "line-feed": ("after a lone line feed", lambda name, value: (f"X-Nothing: x\n{name}: {value}",)),
}


def attacks(ground: Ground) -> Iterator[Attack]:
    """On the page, on every public path, and as somebody who is signed in."""
    yield from _at(ground, ground.page, "stranger", "a stranger", Kind.CLOSED, ())
    for number, path in enumerate(ground.public, start=1):
        yield from _at(ground, path + "/", f"public-{number}", f"a stranger at {path}/", Kind.OPEN, ())
    if ground.cookie:
        yield from _at(
            ground, ground.page, "signed-in", "somebody who is signed in", Kind.OPEN, (f"Cookie: {ground.cookie}",)
        )


def _at(ground: Ground, path: str, where: str, who: str, kind: Kind, cookie: tuple[str, ...]) -> Iterator[Attack]:
    other = Kind.HINT if kind is Kind.OPEN else kind
    hop_by_hop = f"Connection: close, {', '.join(_NAMES)}"
    for word, (how, spell) in _SPELLINGS.items():
        lines = _lines(ground, _NAMES, spell)
        says = f"{who}, with the headers of an identity {how}"
        meant = other if word in _STRANGE else kind
        yield _attack(ground, path, f"identity-{word}-{where}", says, meant, *cookie, *lines)
    lines = _lines(ground, _NAMES, _SPELLINGS["as-they-are"][1])
    says = f"{who}, with the headers of an identity and a Connection that takes them out"
    yield _attack(ground, path, f"identity-hop-by-hop-{where}", says, kind, *cookie, hop_by_hop, *lines)
    says = f"{who}, with a Connection that takes out what the proxy puts in"
    yield _attack(ground, path, f"identity-taken-out-{where}", says, kind, *cookie, hop_by_hop)
    lines = _lines(ground, _OTHERS, _SPELLINGS["as-they-are"][1])
    says = f"{who}, with the headers that other proxies use"
    yield _attack(ground, path, f"identity-other-names-{where}", says, other, *cookie, *lines)


def _attack(ground: Ground, path: str, word: str, says: str, kind: Kind, *headers: str) -> Attack:
    return Attack(Group.IDENTITY, word, says, ground.ask(path, *headers), kind, path=path)


def _lines(ground: Ground, names: tuple[str, ...], spell: _Spelling) -> list[str]:
    """Each value names its header, so that an answer tells which of them arrived."""
    return [line for name in names for line in spell(name, f"{ground.marker}.{name.lower()}")]
