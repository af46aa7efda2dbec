"""A request as Authlib reads it, from plain values: no framework below `web` (RFC 6749 §3.1, §3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request

from vodka.networks import IPAddress
from vodka.sessions.lifecycle import LiveSession

Pairs = tuple[tuple[str, str], ...]
# RFC 8707 §2, RFC 8693 §2.1: these may be sent several times, everything else once.
REPEATABLE = frozenset({"resource", "audience"})


class Garbled(InvalidRequestError):
    """A parameter has characters that nobody can read or keep."""


class Payload(OAuth2Payload):
    """The parameters of a request; raises InvalidRequestError where one that must be single stands twice."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._lists: dict[str, list[str]] = {}
        for name, value in pairs:
            # RFC 6749 §3.1: parameters sent without a value MUST be treated as if they were omitted.
            if value:
                self._lists.setdefault(name, []).append(value)
        for name, values in self._lists.items():
            # RFC 6749 §3.1: request and response parameters MUST NOT be included more than once (attacks OAU-28).
            if len(values) > 1 and name not in REPEATABLE:
                raise InvalidRequestError(f"The parameter {plain(name)[:40]} was sent more than once.")
        self._data = {name: values[0] for name, values in self._lists.items()}

    @property
    def data(self) -> dict[str, str]:
        """Each parameter's first value."""
        return self._data

    @property
    def datalist(self) -> Any:
        """Each parameter's values."""
        return self._lists


class Request(OAuth2Request):
    """One request to an endpoint; what is found out about it on the way is kept beside.

    `login`, `agreed`: who is signed in, and what they let go out, at the authorization endpoint. `dpop_key`: the thumbprint
    of the key that the request proved to hold (RFC 9449). `granted`: the grant that tokens are made from. `browser_state`:
    what the session frame of this browser knows (oauth.logout.session_state).
    """

    def __init__(
        self, method: str, url: str, headers: Mapping[str, str], parameters: Iterable[tuple[str, str]]
    ) -> None:
        super().__init__(method, url, headers=dict(headers))
        self.payload: Payload = Payload(parameters)
        self.login: LiveSession | None = None
        self.agreed: Any = None
        self.granted: Any = None
        self.dpop_key: str | None = None
        self.browser_state = ""
        self.ip: IPAddress | None = None  # where a program asks from, at the endpoints for programs

    @property
    def form(self) -> dict[str, str]:
        """The parameters, as Authlib calls them for POST."""
        return self.payload.data

    def get(self, name: str) -> str | None:
        """One parameter."""
        return self.payload.data.get(name)

    def list(self, name: str) -> list[str]:
        """A parameter that may be repeated."""
        return list(self.payload.datalist.get(name, ()))


def plain(text: str) -> str:
    """`text` in the characters that RFC 6749 §4.1.2.1 allows in an error_description; any other becomes `?`."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "?" for c in text)
