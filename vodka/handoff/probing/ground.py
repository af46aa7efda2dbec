"""What is known of the installation that is attacked, and how a request to it is written, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vodka.handoff import scope
from vodka.handoff.applications import Application
from vodka.handoff.passing import Verdict, verdict

_AGENT = "User-Agent: vodka-forward-auth-check"
PROGRAM = "Accept: */*"
BROWSER = ("Accept: text/html", "Sec-Fetch-Mode: navigate")
CLOSE = "Connection: close"


@dataclass(frozen=True)
class Ground:
    """One registered application as its public name shows it.

    `page`: the path of a page that needs a login. `marker`: a word that stands nowhere else. `cookie`: the pair of
    somebody who is signed in, or nothing. `direct`: where the application itself listens.
    """

    application: Application
    issuer: str
    page: str
    marker: str
    cookie: str = ""
    direct: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Of the application."""
        return self.application.scope.origin

    @property
    def host(self) -> str:
        """The application's name, with a port where there is one."""
        return self.origin.partition("://")[2]

    @property
    def home(self) -> str:
        """The path of the application, with a slash at its end."""
        return self.application.scope.path

    @property
    def tail(self) -> str:
        """The page as seen from there."""
        return self.page.removeprefix(self.home)

    @property
    def public(self) -> tuple[str, ...]:
        """The public paths, without a slash at their end."""
        return tuple(self.home + "/".join(path) for path in self.application.rule.public)

    @property
    def open_address(self) -> str:
        """An address that the rule opens to everybody, where there is one; else one that sounds like it."""
        return self.origin + (self.public or (self.home + "public",))[0] + "/"

    def is_closed(self, path: str) -> bool:
        """Whether vodka lets no stranger in there: it says so itself, by the rule (SCO-11), or cannot read the address."""
        area = self.application.scope
        place = scope.read(self.origin + path)
        if place is None:
            return True
        # What does not lie in the application is somebody else's.
        return area.covers(place) and verdict(self.application.rule, area, place, "GET", None) is not Verdict.ADMIT

    def ask(self, target: str, *headers: str, method: str = "GET", host: str | None = None) -> bytes:
        """A request to the application, from a program that is nobody."""
        line = f"{method} {target} HTTP/1.1"
        return wire(line, f"Host: {self.host if host is None else host}", PROGRAM, *closing(headers), *headers)

    def ask_as_browser(self, target: str) -> bytes:
        """The same from a browser that opens a page."""
        return wire(f"GET {target} HTTP/1.1", f"Host: {self.host}", *BROWSER, CLOSE)


def closing(headers: Iterable[str]) -> tuple[str, ...]:
    """The header that ends the line after one answer, where the request has none of its own."""
    return () if any(header.startswith("Connection:") for header in headers) else (CLOSE,)


def wire(line: str, *headers: str, body: str = "") -> bytes:
    """A request as it goes over the line; characters stand for the bytes of the same number."""
    return "\r\n".join((line, *headers, _AGENT, "", body)).encode("latin-1")
