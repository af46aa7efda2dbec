"""Making the attacks: one after the other, to the names that belong to the installation and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from vodka.adapters.wire.exchange import Answer, NoAnswer, Server, Tls, exchange
from vodka.handoff.probing.attack import Attack, Door
from vodka.handoff.probing.attacks import all_of
from vodka.handoff.probing.ground import Ground
from vodka.handoff.probing.verdicts import Finding, judge, leads_to_login

_SECONDS = 10.0  # for one request
_SIZE = 64 * 1024  # bytes of an answer
_PORTS = {"https": 443, "http": 80}


class NothingProven(Exception):
    """The installation cannot be reached, or the cookie lets nobody in: refusals would mean nothing."""


@dataclass(frozen=True)
class Doors:
    """Where the application's name, vodka and the application itself are reached."""

    application: Server
    vodka: Server

    def server(self, attack: Attack) -> Server:
        """Whom an attack goes to."""
        if attack.door is Door.DIRECT:
            return server_at(attack.url, verified=False)
        door = self.vodka if attack.door is Door.VODKA else self.application
        if attack.tls_name is None or door.tls is None:
            return door
        return replace(door, tls=replace(door.tls, name=attack.tls_name, verified=False))


def server_at(
    url: str,
    *,
    connect: tuple[str, int] | None = None,
    ca_file: str | None = None,
    plain: bool = False,
    verified: bool = True,
) -> Server:
    """The server of a URL; `connect`: somewhere else than its name says; `plain`: in the clear whatever the URL says."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    host, port = connect or (name, parts.port or _PORTS[parts.scheme])
    return Server(host, port, None if plain or parts.scheme == "http" else Tls(name, verified, ca_file))


def run(ground: Ground, doors: Doors) -> Iterator[Finding]:
    """Every attack and what became of it; raises NothingProven before the first one, or after the last."""
    plain = _plain(ground, doors)
    if ground.cookie:
        _check_cookie(ground, doors)
    for attack in all_of(ground):
        yield judge(attack, _answer(attack, doors.server(attack)), ground, plain)
    _plain(ground, doors)  # whoever was shut out in between was refused for that


def _plain(ground: Ground, doors: Doors) -> Answer:
    try:
        return _ask(doors.application, ground.ask(ground.page))
    except NoAnswer as error:
        raise NothingProven(f"Nobody answers for {ground.host}: {error}.") from error


def _check_cookie(ground: Ground, doors: Doors) -> None:
    answer = _ask(doors.application, ground.ask(ground.page, f"Cookie: {ground.cookie}"))
    if answer.status in (401, 403) or leads_to_login(answer.header("location") or "", ground):
        raise NothingProven("The cookie lets nobody in: sign in again, and copy it anew.")


def _answer(attack: Attack, server: Server) -> Answer | None:
    try:
        if attack.before:
            _ask(server, attack.before)
        return _ask(server, attack.request)
    except NoAnswer:
        return None


def _ask(server: Server, request: bytes) -> Answer:
    return exchange(server, request, seconds=_SECONDS, size=_SIZE)
