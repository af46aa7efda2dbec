"""What a reverse proxy says of the request that it asks about, in each proxy's own words: one small function for each.

None of it is believed unless the proxy has proven itself first (handoff.proxies).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from vodka.handoff import scope
from vodka.handoff.scope import Place


class Headers(Protocol):
    """What came with a request, by names in lower case; a header that came twice is joined by a comma."""

    def get(self, name: str, /) -> str | None:
        """One header."""
        ...


_NAMES = (
    *("cookie", "referer", "x-vodka-proxy", "x-original-url", "x-original-uri", "x-original-method"),
    *("x-forwarded-uri", "x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-envoy-original-path"),
)
_KEYS = {name: "HTTP_" + name.upper().replace("-", "_") for name in _NAMES}


class Sent(Headers):
    """The headers in a WSGI environment (PEP 3333), those of the names above, looked up one by one."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def get(self, name: str, /) -> str | None:
        """One header."""
        return self._environ.get(_KEYS[name])


class Original(NamedTuple):
    """The request that a proxy asks about."""

    place: Place
    method: str
    sent_from: str | None = None  # the Referer as it came

    @property
    def is_secure(self) -> bool:
        """Whether the browser came over https."""
        return self.place.origin.startswith("https:")

    @property
    def referer(self) -> Place | None:
        """The page that the request came from, as far as it is said, and can be read."""
        return scope.read(self.sent_from.partition("#")[0]) if self.sent_from is not None else None


def original_url(headers: Headers) -> tuple[str, str] | None:
    """Nginx and ingress-nginx: the whole address in X-Original-Url (FLOWS), the method in X-Original-Method."""
    url = headers.get("x-original-url")
    return (url, headers.get("x-original-method") or "GET") if url is not None else None


def original_uri(headers: Headers) -> tuple[str, str] | None:
    """Nginx as many guides write it: X-Original-URI holds path and query, host and scheme stand beside."""
    uri = headers.get("x-original-uri")
    return _joined(headers, uri, headers.get("x-original-method") or "GET") if uri is not None else None


def forwarded_uri(headers: Headers) -> tuple[str, str] | None:
    """Traefik's ForwardAuth, Caddy's forward_auth: X-Forwarded-Method, -Proto, -Host and -Uri."""
    uri = headers.get("x-forwarded-uri")
    return _joined(headers, uri, headers.get("x-forwarded-method") or "GET") if uri is not None else None


def envoy(headers: Headers) -> tuple[str, str] | None:
    """Envoy's ext_authz over HTTP, as the Gateway API's filters configure it: the original path in x-envoy-original-path."""
    uri = headers.get("x-envoy-original-path")
    return _joined(headers, uri, headers.get("x-forwarded-method") or "GET") if uri is not None else None


DIALECTS: tuple[Callable[[Headers], tuple[str, str] | None], ...] = (original_url, original_uri, forwarded_uri, envoy)


def read(headers: Headers) -> Original | None:
    """The request in question; None where nothing, or two things, are said about it (attacks SCO-09), or one that is unclear."""
    said = None
    for dialect in DIALECTS:
        found = dialect(headers)
        if found is not None:
            # A proxy speaks one dialect. A second one comes from whoever sent the request, and which is which nobody knows.
            if said is not None:
                return None
            said = found
    if said is None:
        return None
    url, method = said
    place = scope.read(url)
    if place is None or not _is_method(method):
        return None
    return Original(place, method, headers.get("referer"))


def _joined(headers: Headers, uri: str, method: str) -> tuple[str, str] | None:
    proto, host = headers.get("x-forwarded-proto"), headers.get("x-forwarded-host")
    # Without a scheme and a host there is no address; an empty one is refused when it is read.
    return (f"{proto}://{host}{uri}" if proto and host else "", method)


def _is_method(method: str) -> bool:
    # RFC 9110 §9.1: methods are case-sensitive; those in use are upper-case letters.
    return method.isascii() and method.isalpha() and method.isupper() and len(method) <= 20
