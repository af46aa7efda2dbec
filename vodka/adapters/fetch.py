"""The one guarded HTTP GET, and POST: public addresses only, fixed before connecting; no redirects; a cap on time and on size.

ASVS 1.3.6 (server-side request forgery), 15.2.2 (bounded resources), 15.3.2 (no redirects), 12.3.2 (TLS).
"""

from __future__ import annotations

import re
import time
from copy import copy
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from vodka.adapters import addresses
from vodka.adapters.addresses import Network, Resolve
from vodka.adapters.pinned import Line, PinnedAdapter, time_left, tls_context
from vodka.clock import stopwatch
from vodka.errors import Unavailable

# A narrow ASCII grammar, so that no two parsers can disagree on the host (traps T2): no user part, no fragment, no "\".
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[!-\"$-\[\]-~]*)?"
)
_HTTP_PORT = 80  # RFC 9110 §4.2.1
_FRAMING = 64 * 1024  # bytes: headers, the framing of chunks


class FetchRefused(Unavailable):
    """vodka may not go there: not https, another port, or an address that is not public. Nothing was connected to.

    Says the same as `FetchFailed` in public, so that nobody learns about networks he cannot see (attacks DOM-20).
    """


class FetchFailed(Unavailable):
    """Nobody answered properly: no such host, no connection, wrong certificate, too slow, too big, broken off."""


@dataclass(frozen=True)
class Fetched:
    """An answer, of whatever status: a redirect is an answer like any other."""

    status: int
    content_type: str  # lower case, without parameters; "" if there was none
    body: bytes


class Fetcher:
    """GETs a document from a host that somebody else has named, or POSTs one to it.

    `allow`: networks that may be reached although they are not public (setting FETCH_ALLOW). `ca_file`: further
    certificate authorities (PEM). `https_port`: what `https://host/` stands for, and the only port. `resolve`: how a name
    becomes addresses; by default as the operating system does.
    """

    def __init__(
        self,
        allow: tuple[Network, ...] = (),
        ca_file: str | None = None,
        https_port: int = 443,
        resolve: Resolve | None = None,
    ) -> None:
        self._allow = allow
        self._context = tls_context(ca_file)
        self._https_port = https_port
        self._resolve = resolve or addresses.of_the_system
        self._base: tuple[str, str, int] | None = None

    def for_base(self, url: str) -> Fetcher:
        """The same, for a service that the operator configured: the port of `url` is accepted there too, and plain
        http if the host lies in `allow` (a test, a lab). Raises FetchRefused if `url` is no http(s) URL.
        """
        configured = copy(self)
        configured._base = self._origin(url)
        return configured

    def get(
        self,
        url: str,
        *,
        timeout: float,
        size: int,
        accept: str,
        even_time: bool = False,
        only_beginning: bool = False,
    ) -> Fetched:
        """The answer of `url`, its body at most `size` bytes, after at most `timeout` seconds in all.

        `even_time`: a failure of any kind is told only when `timeout` is over, so that the time tells nothing either.
        `only_beginning`: of a larger body the first `size` bytes are the answer, and no more is read; otherwise it is a
        failure. Raises FetchRefused or FetchFailed.
        """
        deadline = stopwatch() + timeout
        request = requests.Request("GET", url, headers={"Accept": accept})
        try:
            return self._answer(request, deadline, size, only_beginning=only_beginning)
        except Unavailable:
            if even_time:
                time.sleep(max(0.0, deadline - stopwatch()))
            raise

    def post(self, url: str, body: bytes, content_type: str, *, deadline: float, size: int) -> Fetched:
        """The answer to `body`, guarded like `get`, until the moment `deadline` (by `stopwatch`), which several may share;
        of what it says the first `size` bytes. Raises FetchRefused or FetchFailed.
        """
        request = requests.Request("POST", url, headers={"Content-Type": content_type, "Accept": "*/*"}, data=body)
        return self._answer(request, deadline, size, only_beginning=True)

    def _answer(self, request: requests.Request, deadline: float, size: int, *, only_beginning: bool) -> Fetched:
        url = str(request.url)
        scheme, host, port = origin = self._origin(url)
        if origin != self._base and (scheme, port) != ("https", self._https_port):
            raise FetchRefused(f"{host}: only https on port {self._https_port} is allowed")
        line = Line(host, port, self._checked_addresses(scheme, host, deadline), deadline, size + _FRAMING)
        # Without a session there are no proxies, no netrc, no cookies and no redirects; in particular the body of a
        # redirect is not read in full, as `Session.send` does even when it does not follow.
        adapter = PinnedAdapter(line, self._context if scheme == "https" else None)
        request.headers |= {"Accept-Encoding": "identity", "User-Agent": "vodka", "Connection": "close"}
        try:
            response = adapter.send(request.prepare(), stream=True, timeout=time_left(deadline))
            return _read(response, size, only_beginning=only_beginning)
        except (OSError, HTTPError, ValueError) as error:  # RequestException is an OSError; a bad chunk is a ValueError
            raise FetchFailed(f"{host}: {_root(error)}") from error
        finally:
            adapter.close()

    def _origin(self, url: str) -> tuple[str, str, int]:
        """Scheme, host and port of `url` (RFC 6454 §4); raises FetchRefused if it does not fit the grammar."""
        match = _URL.fullmatch(url)
        if match is None:
            raise FetchRefused("not a URL that may be fetched")
        usual = self._https_port if match["scheme"] == "https" else _HTTP_PORT
        return match["scheme"], match["host"], int(match["port"] or usual)

    def _checked_addresses(self, scheme: str, host: str, deadline: float) -> tuple[str, ...]:
        """Every address of `host`, asked for once and all allowed: one bad one spoils the lot (attacks DOM-04, DOM-05)."""
        # What plain http says can be changed on the way: it stays inside the networks that the operator named.
        public = scheme == "https"
        try:
            found = self._resolve(host.strip("[]"), deadline - stopwatch())
        except Unavailable as error:
            raise FetchFailed(f"{host}: {error.detail}") from error
        if not found:
            raise FetchFailed(f"{host}: no address")
        for address in found:
            if not addresses.may_connect(address, self._allow, public=public):
                raise FetchRefused(f"{host}: {address} is not allowed")
        return tuple(found)


def _read(response: requests.Response, size: int, *, only_beginning: bool) -> Fetched:
    """The answer with its body as it came; raises FetchFailed when it is compressed, or too big and wanted whole."""
    with response:
        # We asked for identity (RFC 9110 §12.5.3): what is compressed all the same may be a bomb.
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise FetchFailed("the answer is compressed")
        body = b""
        # Read until nothing comes: only then is it known that a body was not broken off.
        while piece := response.raw.read(size + 1 - len(body), decode_content=False):
            body += piece
            if len(body) > size:
                if only_beginning:
                    body = body[:size]
                    break
                raise FetchFailed(f"the answer has more than {size} bytes")
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Fetched(response.status_code, media_type, body)


def _root(error: BaseException) -> str:
    """The first cause, in words: the outer errors repeat the URL, which may hold an address of a person."""
    while error.__context__ is not None:
        error = error.__context__
    return f"{type(error).__name__}: {error}"
