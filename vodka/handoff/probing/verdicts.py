"""What an answer to an attack means: it got in, it was refused, or somebody has to look."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from posixpath import normpath
from urllib.parse import unquote, urljoin, urlsplit

from vodka.adapters.wire.exchange import Answer
from vodka.handoff.identity import HEADER, NAMED
from vodka.handoff.probing.attack import Attack, Kind
from vodka.handoff.probing.ground import Ground
from vodka.handoff.status import LOGIN

_REFUSALS = frozenset({400, 401, 403, 405, 413, 414, 421, 426, 431, 501, 505})
_OF_VODKA = tuple(name.lower() for name in (HEADER, *NAMED))
_ASKING = frozenset({Kind.ASKING, Kind.ASKING_OPEN})
_OPEN = frozenset({Kind.OPEN, Kind.HINT, Kind.ASKING_OPEN})  # an answer is right
_NOT_HERE = frozenset({Kind.ASKING, Kind.ELSEWHERE})  # where there may be no such place
_SHOWN = 5  # headers in one line: all of an identity
# HTTP/0.9 has no status; a server's own page of an error begins with it.
_TITLE = re.compile(rb"<title>([45]\d\d) ")
_CODE = re.compile(r"(?:\A|&)code=[^&]*\Z")


class Verdict(StrEnum):
    """IN is a break-in; LOOK may be one."""

    IN = "in"
    LOOK = "look"
    REFUSED = "refused"


@dataclass(frozen=True)
class Finding:
    """What became of an attack, and why that is so."""

    attack: Attack
    verdict: Verdict
    status: int | None
    why: str


def judge(attack: Attack, answer: Answer | None, ground: Ground, plain: Answer) -> Finding:
    """Read an answer, None where nobody answered; `plain` is the one to a stranger who simply asks."""
    if answer is None:
        silent = attack.kind is Kind.DIRECT or attack.tls_name is not None
        return Finding(attack, Verdict.REFUSED if silent else Verdict.LOOK, None, "nobody answers there")
    status = _status(answer)
    verdict, why = _judged(attack, answer, status, ground, plain)
    return Finding(attack, verdict, status, why)


def _judged(attack: Attack, answer: Answer, status: int | None, ground: Ground, plain: Answer) -> tuple[Verdict, str]:
    arrived = _arrived(answer, ground)
    if arrived:
        hint = attack.kind is Kind.HINT
        more = f" and {len(arrived) - _SHOWN} more" if len(arrived) > _SHOWN else ""
        said = f"what the browser wrote arrived: {', '.join(arrived[:_SHOWN])}{more}"
        return (Verdict.LOOK, f"{said}; harmless unless it is read there") if hint else (Verdict.IN, said)
    if status is None:
        if answer.is_silent or answer.body:
            return Verdict.LOOK, "no answer, and no end" if answer.is_silent else "an answer without a status"
        return Verdict.REFUSED, "hung up"
    if attack.kind is Kind.DIRECT:
        return _past_the_proxy(answer, status, ground)
    if attack.kind in _ASKING and _is_vodkas(answer, plain):
        return Verdict.IN, "vodka's own answer came through"
    if status == 101 or 200 <= status < 300:
        return _let_in(attack, answer, status)
    return _turned_away(attack, answer, status, ground, plain)


def _let_in(attack: Attack, answer: Answer, status: int) -> tuple[Verdict, str]:
    if attack.kind in _OPEN:
        return Verdict.REFUSED, "answered, without what the browser wrote"
    if attack.kind is Kind.ELSEWHERE and not answer.body:
        return Verdict.REFUSED, f"{status} with nothing in it"  # Caddy's answer for a name that it does not serve
    if attack.kind is Kind.ELSEWHERE:
        return Verdict.LOOK, f"{status}: another site, or this one under a foreign name?"
    return Verdict.IN, f"{status}"


def _turned_away(attack: Attack, answer: Answer, status: int, ground: Ground, plain: Answer) -> tuple[Verdict, str]:
    # Who may pass meets what the application says by itself, and a place that is not there is not reachable.
    as_expected = (attack.kind in _OPEN and status < 500) or (attack.kind in _NOT_HERE and status == 404)
    if attack.kind is Kind.UNHEARD and status == 403 and plain.status == 401:
        return Verdict.LOOK, "403, and 401 without it: vodka heard what the browser said"
    if status in _REFUSALS or as_expected:
        return Verdict.REFUSED, f"{status}"
    location = answer.header("location") or ""
    if location and 300 <= status < 400 and (leads_to_login(location, ground) or _is_cleaned(location, attack, ground)):
        return Verdict.REFUSED, f"{status} to {location}"
    return Verdict.LOOK, f"{status} to {location}" if location else f"{status}"


def _past_the_proxy(answer: Answer, status: int, ground: Ground) -> tuple[Verdict, str]:
    """An application that checks the signed identity itself may listen to everybody."""
    if status in (401, 403) or leads_to_login(answer.header("location") or "", ground):
        return Verdict.REFUSED, f"{status}"
    return (Verdict.LOOK, "400: is this the right protocol?") if status == 400 else (Verdict.IN, f"{status}")


def _arrived(answer: Answer, ground: Ground) -> list[str]:
    """The headers whose made-up value stands in the answer."""
    found = re.findall(rb"%s\.([a-z-]+)" % ground.marker.encode(), answer.body)
    return list(dict.fromkeys(name.decode() for name in found))


def _status(answer: Answer) -> int | None:
    title = _TITLE.search(answer.body) if answer.status is None else None
    return int(title[1]) if title is not None else answer.status


def _is_vodkas(answer: Answer, plain: Answer) -> bool:
    """Whether vodka's own answer came through; some proxies hand on all of its refusals, wherever one asks."""
    if any(answer.header(name) is not None for name in _OF_VODKA):
        return True
    return answer.header(LOGIN.lower()) is not None and plain.header(LOGIN.lower()) is None


def leads_to_login(location: str, ground: Ground) -> bool:
    """Whether a browser is sent to sign in."""
    return location.startswith(f"{ground.issuer}/login?scope=")


def _is_cleaned(location: str, attack: Attack, ground: Ground) -> bool:
    """Whether a proxy sends the browser to the very same address, written properly: it will be asked about that one."""
    try:
        there = urlsplit(urljoin(f"{ground.origin}/", location))
    except ValueError:
        return False  # no address at all
    if f"{there.scheme}://{there.netloc}" != ground.origin:
        return False
    here = urlsplit(ground.origin + attack.path)
    return _plain(here.path) == _plain(there.path) and _CODE.sub("", here.query) == there.query


def _plain(path: str) -> str:
    return normpath("/" + unquote(path, "latin-1").replace("\\", "/").lstrip("/"))
