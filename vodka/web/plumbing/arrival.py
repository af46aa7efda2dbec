"""What happens to every request before its view: it gets a number, its host is checked, its origin is noted."""

from __future__ import annotations

from flask import g, request

from vodka.audit.origin import Origin, set_current
from vodka.errors import InvalidInput
from vodka.handoff import status
from vodka.networks import shorten
from vodka.randomness import identifier
from vodka.web.plumbing.client import present_ip
from vodka.web.plumbing.means import means


def receive() -> None:
    """Runs first. An unknown Host is refused, so that no page, mail or cookie can be made for a foreign name (traps T8)."""
    g.request_id = identifier()[:12]
    set_current(Origin(shorten(present_ip()), g.request_id))
    # Health checks come from inside, by whatever name (RFC 9110 §7.2 would have them say ours); some proxies ask about a
    # request under the name that it was sent to.
    if (
        not request.path.startswith("/healthz/")
        and request.path != status.PATH
        and not is_our_host(request.environ, means().settings.origin)
    ):
        raise InvalidInput("unknown_host", "vodka does not answer under this name.")


def is_our_host(environ: dict[str, str], origin: str) -> bool:
    """Whether the request was sent to the name of this deployment."""
    return environ.get("HTTP_HOST", "").lower() == origin.partition("://")[2]
