"""Whom the attacks may be aimed at: an application that is registered here, by what its operator says of it."""

from __future__ import annotations

from urllib.parse import urlsplit

from vodka.errors import InvalidInput
from vodka.handoff import applications, scope
from vodka.handoff.applications import Application
from vodka.handoff.probing.ground import Ground
from vodka.handoff.scoped import cookies
from vodka.limits import Limits
from vodka.randomness import letters

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_LENGTH = 20


def own(url: str, *, development: bool, limits: Limits) -> Application:
    """The registered application at this address; raises InvalidInput for any other, so that no stranger's is attacked."""
    try:
        return applications.find(url, development=development, limits=limits)[0]
    except InvalidInput as refused:
        raise InvalidInput(
            "not_registered",
            f"{url} is no application that is registered here, or its domain is not proven.",
            refused.code,
            "Only what its owner put behind vodka is attacked: see `vodka application add`.",
        ) from refused


def ground(
    application: Application, issuer: str, *, page: str | None, cookie: str | None, direct: tuple[str, ...]
) -> Ground:
    """All that the attacks need to know; raises InvalidInput with what to change."""
    name = cookies.session_name(is_secure=application.is_secure, path=application.cookie_path)
    made = Ground(
        application,
        issuer,
        page or application.scope.path,
        letters(_ALPHABET, _LENGTH),
        f"{name}={_token(cookie)}" if cookie else "",
        tuple(_checked(url) for url in direct),
    )
    if not made.page.startswith(made.home) or scope.read(made.origin + made.page) is None:
        raise _refused("page_bad", "This page does not lie in the application.", f"Give a path below {made.home}.")
    if not made.is_closed(made.page):
        raise _refused("page_public", "This page is open to everybody.", "Name one that needs a login with --page.")
    return made


def _token(cookie: str) -> str:
    """The value of the cookie, also where its name was copied along."""
    value = cookie.strip().rpartition("=")[2]
    if not cookies.is_token(value):
        raise _refused("cookie_bad", "This is not the cookie of a scoped session.", "Copy scoped_session, all of it.")
    return value


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refused("direct_bad", f"{url} is no address of a server.", "Write it like http://127.0.0.1:8080.")
    return url


def _refused(code: str, public: str, hint: str) -> InvalidInput:
    return InvalidInput(code, public, hint=hint)
