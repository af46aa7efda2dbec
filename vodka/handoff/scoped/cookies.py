"""The cookies of scoped logins (FLOWS long term session): the code for a minute, then the session, for one host and path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vodka import clock
from vodka.handoff.applications import Application
from vodka.handoff.dialects import Original

_CODE = "scoped_session_code"  # FLOWS
_SESSION = "scoped_session"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_COOKIE = re.compile(r"(?:^|;)[ \t]*((?:__Host-|__Secure-)?scoped_session(?:_code)?)=([^;]*)")

Header = tuple[str, str]


@dataclass(frozen=True)
class Cookies:
    """Our cookies of a request, by name; one that came twice is none: somebody planted it (traps T18, attacks SCO-13)."""

    found: Mapping[str, str]

    @property
    def code(self) -> str | None:
        """What can be a code."""
        return self.found.get(_CODE)

    def sessions(self, original: Original) -> list[str]:
        """The tokens that can be scoped sessions here; over https only a name that plain http cannot have set."""
        prefixes = ("__Host-", "__Secure-") if original.is_secure else ("",)
        return [self.found[prefix + _SESSION] for prefix in prefixes if prefix + _SESSION in self.found]


def is_token(text: str) -> bool:
    """Whether this can be the value of one of them."""
    return _TOKEN.fullmatch(text) is not None


def read(header: str) -> Cookies:
    """Our cookies in a Cookie header."""
    sent = _COOKIE.findall(header)
    names = [name for name, _ in sent]
    return Cookies({name: value for name, value in sent if names.count(name) == 1 and _TOKEN.fullmatch(value)})


def of_code(code: str, seconds: int, application: Application) -> Header:
    """FLOWS: the code as a cookie, until the scoped session takes its place."""
    return _header(_CODE, code, seconds, application)


def of_session(token: str, until: datetime, application: Application) -> Header:
    """FLOWS: valid for the exact host and path, for as long as the global session."""
    name = session_name(is_secure=application.is_secure, path=application.cookie_path)
    return _header(name, token, max(0, int((until - clock.now()).total_seconds())), application)


def session_name(*, is_secure: bool, path: str) -> str:
    """What the cookie of a scoped session is called at an application there."""
    # RFC 6265bis §4.1.3: `__Host-` demands the path "/", `__Secure-` only that it was set over https.
    return (("__Host-" if path == "/" else "__Secure-") if is_secure else "") + _SESSION


def _header(name: str, value: str, seconds: int, application: Application) -> Header:
    secure = "; Secure" if application.is_secure else ""
    path = application.cookie_path
    return "Set-Cookie", f"{name}={value}; Max-Age={seconds}; Path={path}; SameSite=Lax; HttpOnly{secure}"
