"""What a reverse proxy says of the request that it asks about, in each proxy's own words: one small function for each.

None of it is believed unless the proxy has proven itself first (handoff.proxies).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from vodka.handoff import scope
from vodka.handoff.scope import Place


class Headers(Protocol):
    """What came with a request, by names in lower case; a header that came twice is joined by a comma.

    The parts of its first line are `:method`, `:query`, and `:below`: what stands behind /status in its path, decoded.
    """

    def get(self, name: str, /) -> str | None:
        """One header."""
        ...


_NAMES = (
    *("cookie", "referer", "x-vodka-proxy", "x-original-url", "x-original-uri", "x-original-method"),
    *("x-forwarded-uri", "x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "host", "x-sent-from"),
    *("accept", "sec-fetch-mode"),
)
BELOW = "vodka.below_status"  # in the environment: what stood behind /status in the path of the question itself
_KEYS = {name: "HTTP_" + name.upper().replace("-", "_") for name in _NAMES}
_KEYS |= {":below": BELOW, ":query": "QUERY_STRING", ":method": "REQUEST_METHOD"}
# What is sent back by `scoped.entering`, as the last parameter.
_CODE = re.compile(r"(?:\A|&)code=([A-Za-z0-9_-]{43})\Z")
_INGRESS = "nginx-ingress-controller"
_UNESCAPED = "/~!$&'()*+,;=:@"  # RFC 3986 §3.3
_READS = frozenset({"GET", "HEAD"})


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
    keeps_cookies: bool = True  # whether the proxy hands on the cookie of a 401

    @property
    def is_read(self) -> bool:
        """Whether the same address may simply be opened again."""
        return self.method in _READS

    @property
    def code(self) -> str | None:
        """The last parameter, where it looks like what `scoped.entering` sends back."""
        match = _CODE.search(self.place.query or "")
        return match[1] if match is not None else None

    @property
    def clean(self) -> str:
        """The address without the code."""
        query = _CODE.sub("", self.place.query or "")
        return self.place.origin + self.place.path + (f"?{query}" if query else "")

    @property
    def is_secure(self) -> bool:
        """Whether the browser came over https."""
        return self.place.origin.startswith("https:")

    @property
    def referer(self) -> Place | None:
        """The page that the request came from, as far as it is said, and can be read."""
        return scope.read(self.sent_from.partition("#")[0]) if self.sent_from is not None else None


def original_url(headers: Headers, url: str) -> tuple[str, str]:
    """Nginx and ingress-nginx: the whole address in X-Original-Url (FLOWS), the method in X-Original-Method."""
    return url, headers.get("x-original-method") or "GET"


def original_uri(headers: Headers, uri: str) -> tuple[str, str]:
    """Nginx as many guides write it: X-Original-URI holds path and query, host and scheme stand beside."""
    return _joined(headers, uri, headers.get("x-original-method") or "GET")


def forwarded_uri(headers: Headers, uri: str) -> tuple[str, str]:
    """Traefik's ForwardAuth, Caddy's forward_auth: X-Forwarded-Method, -Proto, -Host and -Uri."""
    return _joined(headers, uri, headers.get("x-forwarded-method") or "GET")


def envoy(headers: Headers, below: str) -> tuple[str, str]:
    """Envoy's ext_authz over HTTP: asks with the request's own method and host, its path put behind /status.

    WSGI (PEP 3333) has decoded that path. What was decoded is escaped again and read as strictly as every other; of an
    escaped slash nothing is left to be seen, so Envoy has to refuse those by itself (docs/forward-auth.md).
    """
    path, query = quote(below, safe=_UNESCAPED, encoding="latin-1"), headers.get(":query")
    proto, host = headers.get("x-forwarded-proto"), headers.get("host")
    url = f"{proto}://{host}{path}" + (f"?{query}" if query else "")
    return url if proto and host else "", headers.get(":method") or ""


# Each by the header that nobody else's has.
DIALECTS: Mapping[str, Callable[[Headers, str], tuple[str, str]]] = {
    "x-original-url": original_url,
    "x-original-uri": original_uri,
    "x-forwarded-uri": forwarded_uri,
    ":below": envoy,
}


def read(headers: Headers) -> Original | None:
    """The request in question; None where nothing, or two things, are said about it (attacks SCO-09), or one that is unclear."""
    said = None
    for name, dialect in DIALECTS.items():
        if (value := headers.get(name)) is not None:
            # A proxy speaks one dialect. A second one comes from whoever sent the request, and which is which nobody knows.
            if said is not None:
                return None
            said = dialect, value
    if said is None:
        return None
    dialect, value = said
    url, method = dialect(headers, value)
    place = scope.read(url)
    if place is None or not _is_method(method):
        return None
    return Original(place, method, headers.get("referer"), headers.get("x-sent-from") != _INGRESS)


def opens_a_page(headers: Headers) -> bool:
    """Whether somebody waits for a page: by Sec-Fetch-Mode (Fetch Metadata §2.1), else by Accept, as old browsers."""
    mode = headers.get("sec-fetch-mode")
    return mode == "navigate" if mode else "text/html" in (headers.get("accept") or "")


def _joined(headers: Headers, uri: str, method: str) -> tuple[str, str]:
    proto, host = headers.get("x-forwarded-proto"), headers.get("x-forwarded-host")
    # Without a scheme and a host there is no address; an empty one is refused when it is read.
    return (f"{proto}://{host}{uri}" if proto and host else "", method)


def _is_method(method: str) -> bool:
    # RFC 9110 §9.1: methods are case-sensitive; those in use are upper-case letters.
    return method.isascii() and method.isalpha() and method.isupper() and len(method) <= 20
