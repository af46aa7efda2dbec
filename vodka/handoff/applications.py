"""What websites keep behind a reverse proxy: which application a URL belongs to, who may pass there, the secrets of its proxies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from sqlalchemy import Row

from vodka.audit import store as audit
from vodka.errors import InvalidInput, NotFound
from vodka.handoff import scope
from vodka.handoff.passing import Rule
from vodka.handoff.scope import Place, Scope
from vodka.handoff.scoped import store
from vodka.limits import Limits
from vodka.onetime import digest
from vodka.randomness import token
from vodka.websites import redirects, secrets
from vodka.websites import store as websites
from vodka.websites.model import Website
from vodka.websites.redirects import Redirect

PREFIX = "vodka-proxy-"  # so that a secret in a public repository is found by those who scan for them
_HINT = 4  # characters
_LONGEST_PATH = 300  # characters, of the column
_REMEMBERED = 1024  # applications whose rules were read lately
# A cookie's Path is compared as bytes (RFC 6265 §5.1.4): only what everybody writes in one way can stand in it.
_PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9._~-]+/)*")

UNIX = "unix"  # among the networks: who may open vodka's own socket file

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Application:
    """One application as a check needs it; `networks` and `by_socket`: whose proxies need no secret."""

    id: int
    website_id: int
    domain: str
    scope: Scope
    rule: Rule
    networks: tuple[Network, ...]
    by_socket: bool = False

    @property
    def is_secure(self) -> bool:
        """Whether browsers come over https."""
        return self.scope.origin.startswith("https:")

    @property
    def cookie_path(self) -> str:
        """The path for a cookie that `/app` and all below it are to send (RFC 6265 §5.1.4)."""
        return self.scope.path.rstrip("/") or "/"


def read(row: Row[Any]) -> Application:
    """The application in a row of the store."""
    return _read(row.application_id, row.website_id, row.domain, row.origin, row.path, row.rule, row.networks)


def covering(place: Place, rows: Sequence[Row[Any]]) -> Row[Any] | None:
    """The row of the one application that a URL lies in; those of one origin do not overlap."""
    return next((row for row in rows if read(row).scope.covers(place)), None)


def find(raw: object, *, development: bool, limits: Limits) -> tuple[Application, Redirect]:
    """The application of the URL that a browser is to go back to, and that URL; raises InvalidInput with what to change."""
    back = redirects.parse(raw, development=development, max_length=limits.redirect_length)
    place = scope.read(back.url)
    row = covering(place, store.list_of_origin(place.origin)) if place is not None else None
    if row is None:
        raise InvalidInput(
            "scope_unknown",
            "The application that sent you here is not registered with vodka, or its domain is not proven at the moment.",
            f"{back.scheme}://{back.host}",
            "Register the address of the application, then send people again.",
        )
    return read(row), replace(back, path=back.path or "/")


def list_of(website: Website) -> list[Application]:
    """The applications of a website in whatever state it is, the oldest first."""
    return [_application(website, row) for row in store.list_of_website(website.id)]


def get(website: Website, number: int) -> Application:
    """One of them; raises NotFound for any other."""
    for application in list_of(website):
        if application.id == number:
            return application
    raise NotFound("no such application of this website")


def create(
    website: Website,
    raw: object,
    rule: Rule,
    networks: Sequence[str],
    by: int,
    *,
    development: bool,
    limits: Limits,
) -> int:
    """Put an application of a website behind forward-auth; its number. Raises InvalidInput with what to change."""
    websites.lock_website(website.id)  # of two at once, the second sees the first
    wanted = scope.parse(raw, development=development, max_length=limits.redirect_length)
    _check_scope(website, wanted)
    number = store.add_application(
        {
            "website_id": website.id,
            "origin": wanted.origin,
            "path": wanted.path,
            "rule": _plain(rule),
            "networks": _written(networks),
        }
    )
    audit.add("site.changed", user_id=by, subject=website.domain, detail=wanted.url)
    return number


def change(website: Website, number: int, rule: Rule, networks: Sequence[str], by: int) -> None:
    """Another rule and other networks, from the next check on; raises InvalidInput and NotFound as above."""
    application = get(website, number)
    store.change_application(number, _plain(rule), _written(networks))
    audit.add("site.changed", user_id=by, subject=website.domain, detail=application.scope.url)


def _check_scope(website: Website, wanted: Scope) -> None:
    if not _PLAIN_PATH.fullmatch(wanted.path) or len(wanted.path) > _LONGEST_PATH:
        raise _refused(
            "scope_path",
            "The path of the application has characters that cookies cannot carry, or too many of them.",
            "Use letters, digits and . _ ~ - in the path.",
        )
    if wanted.origin.partition("://")[2].partition(":")[0] != website.domain:
        raise _refused(
            "scope_elsewhere",
            "This address is not on the domain of the website.",
            "Give an address on the domain of the website.",
        )
    for other in (application.scope for application in list_of(website)):
        if other.origin == wanted.origin and _overlap(other.segments, wanted.segments):
            # Two cookies of one name would reach the deeper one, and which rule counts nobody could tell.
            raise _refused(
                "scope_overlaps",
                "One of the website’s applications has this address, lies in it or around it.",
                "Change or remove the other application first.",
            )


def make_secret(website: Website, application_id: int, by: int, limits: Limits, seen: str | None = None) -> str:
    """A new secret for the proxies of an application, to be shown this once; raises InvalidInput as websites.secrets.create."""
    websites.lock_website(website.id)  # of two at once, the second counts the first
    get(website, application_id)
    living = store.list_secrets(application_id)
    secrets.check_seen(living, seen)
    secrets.check_room(living, limits.secrets_per_website)
    secret = PREFIX + token()
    store.add_secret(application_id, digest(secret), secret[-_HINT:])
    audit.add("site.secret_made", user_id=by, subject=website.domain, detail=secret[-_HINT:])
    return secret


def remove_secret(website: Website, application_id: int, secret_id: int, by: int) -> None:
    """End a secret at once; raises NotFound for one of another application or website."""
    get(website, application_id)
    hint = store.remove_secret(application_id, secret_id)
    if hint is None:
        raise NotFound("no such secret of this application")
    audit.add("site.secret_removed", user_id=by, subject=website.domain, detail=hint)


def remove(website: Website, application_id: int, by: int) -> None:
    """Forget an application, and with it all that was let in there; raises NotFound for one of another website."""
    application = get(website, application_id)
    store.remove_application(application_id)
    audit.add("site.changed", user_id=by, subject=website.domain, detail=application.scope.url)


def _plain(rule: Rule) -> dict[str, Any]:
    """A rule as JSON: sets as sorted lists, so that one rule is one text."""
    return {
        name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(rule).items() if value
    }


@lru_cache(_REMEMBERED)
def _read(number: int, website_id: int, domain: str, origin: str, path: str, rule: str, networks: str) -> Application:
    proofs = json.loads(networks)
    nets = tuple(ip_network(text) for text in proofs if text != UNIX)
    area = Scope(origin, tuple(segment for segment in path.split("/") if segment))
    return Application(number, website_id, domain, area, _rule(json.loads(rule)), nets, UNIX in proofs)


def _application(website: Website, row: Row[Any]) -> Application:
    rule, networks = json.dumps(row.rule), json.dumps(row.networks)
    return _read(row.id, website.id, website.domain, row.origin, row.path, rule, networks)


def _rule(kept: Mapping[str, Any]) -> Rule:
    return Rule(
        students=bool(kept.get("students", False)),
        public=tuple(tuple(path) for path in kept.get("public", ())),
        **{name: frozenset(kept.get(name, ())) for name in ("sections", "addresses", "groups", "methods")},
    )


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _written(networks: Sequence[str]) -> list[str]:
    return [UNIX if text == UNIX else str(network(text)) for text in networks]


def network(text: str) -> Network:
    """A network as it is written; raises InvalidInput."""
    try:
        return ip_network(text)
    except ValueError as error:
        raise _refused("network_bad", "This is not a network.", "Write it like 10.0.0.0/24.") from error


def _refused(code: str, public: str, hint: str) -> InvalidInput:
    return InvalidInput(code, public, hint=hint)
