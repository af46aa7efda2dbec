"""The configuration of a reverse proxy that asks vodka, filled in with an application's own values: whole, to be copied.

The secret is not in it: a file that is copied about is no place for one. `THE_SECRET` stands where it belongs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from vodka.errors import InvalidInput
from vodka.handoff.identity import HEADER, NAMED
from vodka.handoff.proxies import PROOF
from vodka.handoff.scope import Scope
from vodka.handoff.scoped import cookies
from vodka.handoff.status import PATH
from vodka.websites.snippets import programs

PLACEHOLDER = "THE_SECRET"
UPSTREAM = "http://127.0.0.1:8080"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]{1,253}(?::[1-9][0-9]{0,4})?")
_NO_WORD = re.compile(
    r"[^A-Za-z0-9]"
)  # for names within a configuration: two applications do not get in each other's way
_TOLD = (*NAMED, HEADER)  # the headers of a 200 that the application gets
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Proxy:
    """A reverse proxy: its name and the file of its configuration."""

    name: str
    file: str


PROXIES: Mapping[str, Proxy] = {
    "nginx": Proxy("nginx", "application.conf"),
    "caddy": Proxy("Caddy", "Caddyfile"),
    "traefik": Proxy("Traefik", "application.yml"),
    "haproxy": Proxy("HAProxy", "haproxy.cfg"),
    "envoy": Proxy("Envoy", "envoy.yaml"),
    "gateway": Proxy("Kubernetes Gateway API (Envoy Gateway)", "application.yaml"),
    "ingress-nginx": Proxy("ingress-nginx", "application.yaml"),
}


@dataclass(frozen=True)
class Place:
    """Where something listens, in the pieces that configurations want."""

    origin: str

    @property
    def tls(self) -> bool:
        """Whether it speaks https."""
        return self.origin.startswith("https:")

    @property
    def host(self) -> str:
        """Its name, without a port."""
        return str(urlsplit(self.origin).hostname)

    @property
    def port(self) -> int:
        """Its port, also where the address does not name it."""
        parts = urlsplit(self.origin)
        return parts.port or _PORTS[parts.scheme]

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Snippet:
    """A configuration and the name of its file."""

    file: str
    text: str


def place(raw: str) -> Place:
    """An address without a path, such as https://host or http://127.0.0.1:8080; raises InvalidInput for anything else."""
    if not _ORIGIN.fullmatch(raw):
        raise InvalidInput(
            "address_bad", "This is not the address of a server.", hint="Write it like http://127.0.0.1:8080."
        )
    return Place(raw)


def snippet(
    word: str, scope: Scope, issuer: str, *, vodka: Place | None = None, upstream: Place | None = None
) -> Snippet:
    """The configuration of one of PROXIES for the application at `scope`.

    `issuer`: vodka as browsers reach it. `vodka`: as the proxy does, which may be shorter. `upstream`: the application.
    """
    text = (
        programs()
        .get_template(f"snippets/proxies/{word}.jinja")
        .render(
            issuer=issuer,
            vodka=vodka or Place(issuer),
            application=Place(scope.origin),
            path=scope.path,
            slug=_NO_WORD.sub("_", scope.url.partition("://")[2].rstrip("/")),
            upstream=upstream or Place(UPSTREAM),
            status=PATH,
            told=_TOLD,
            aliases=[name for each in _TOLD for name in _aliases(each)],
            cookie=cookies.session_name(is_secure=scope.origin.startswith("https:"), path=scope.path),
            proof=PROOF,
            secret=PLACEHOLDER,
        )
    )
    return Snippet(PROXIES[word].file, text)


def _aliases(name: str) -> list[str]:
    """The names that a server may take for this one: each hyphen an underscore or not (attacks SCO-10)."""
    first, *rest = name.split("-")
    found = [first]
    for part in rest:
        found = [begin + joint + part for begin in found for joint in "-_"]
    return [each for each in found if each != name]
