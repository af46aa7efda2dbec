"""One attack: what is sent to whom, and what kind of answer would be a break-in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What an attack tries, in a few words; printed in this order."""

    ADDRESS = "The address itself"
    IDENTITY = "Made-up identities"
    PROXY = "What only a proxy may say"
    NAME = "Other names"
    PATH = "Ways around a path"
    REQUEST = "Odd requests"
    COOKIE = "Made-up cookies and codes"
    VODKA = "vodka itself"
    DIRECT = "Past the proxy"
    KEPT = "Kept answers"


class Kind(StrEnum):
    """What is no break-in.

    CLOSED: only a refusal. UNHEARD: the one that the same request gets where nothing is said. OPEN: an answer, but without
    the made-up identity in it. HINT: the same, where the name is none of those that vodka's proxies set. ELSEWHERE: the
    answer of another site. ASKING: a refusal that is not vodka's own; ASKING_OPEN: any answer that is not. DIRECT: silence,
    or a refusal by the application.
    """

    CLOSED = "closed"
    UNHEARD = "unheard"
    OPEN = "open"
    HINT = "hint"
    ELSEWHERE = "elsewhere"
    ASKING = "asking"
    ASKING_OPEN = "asking open"
    DIRECT = "direct"


class Door(StrEnum):
    """Whom it is sent to."""

    APPLICATION = "application"
    VODKA = "vodka"
    DIRECT = "direct"


@dataclass(frozen=True)
class Attack:
    """`id` is stable, `says` one sentence for people, `before` a request that is sent first.

    `path` is the path that was asked for. `url`: where the application itself listens, for Door.DIRECT. `tls_name`: another
    name for TLS to ask for, "" for none.
    """

    group: Group
    id: str
    says: str
    request: bytes
    kind: Kind = Kind.CLOSED
    door: Door = Door.APPLICATION
    path: str = ""
    before: bytes = b""
    url: str = ""
    tls_name: str | None = None
