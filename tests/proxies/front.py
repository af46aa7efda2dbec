"""A real reverse proxy, set up as vodka prints it, between browsers, a served vodka and an application: the actor `Front`."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.proxying import DOMAIN, Protected
from tests.races.served import Answer, Served, Visitor
from tests.servers.application import Application
from tests.servers.caddy import caddy
from tests.servers.envoy import envoy
from tests.servers.haproxy import haproxy
from tests.servers.nginx import nginx
from tests.vodka_under_test import CAMILLE, hidden_value
from vodka.handoff import snippets
from vodka.handoff.scope import Scope

PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
LIFTED = (
    "mails_per_address_quarter",
    "mails_per_address_hour",
    "mails_per_address_day",
)  # one person signs in often here
FORM = "application/x-www-form-urlencoded"
SERVERS: Mapping[str, Callable[..., AbstractContextManager[int]]] = {
    "nginx": nginx,
    "caddy": caddy,
    "haproxy": haproxy,
    "envoy": envoy,
}
AT_ROOT = Scope(f"https://{DOMAIN}", ())
_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)">')
# TLS of the application is left out, and nobody else is listened to.
_LOCAL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "nginx": ((r"    listen 443 ssl;\n(    ssl_.*\n)*", "    listen 127.0.0.1:{port};\n"),),
    "caddy": ((r"(?m)^https://([a-z.]+) \{", r"http://\1:{port} {"),),
    "haproxy": ((r"bind :443 .*", "bind 127.0.0.1:{port}"),),
    "envoy": (
        (r'"0\.0\.0\.0", port_value: 443', '"127.0.0.1", port_value: {port}'),
        (r"          transport_socket:\n(            .*\n)+", ""),
    ),
}


@dataclass
class Front:
    """Everything together: where the proxy listens, what reached the application, the vodka beside."""

    port: int
    application: Application
    house: Served
    cookies: dict[str, str] = field(default_factory=dict)
    proxy: str = "nginx"

    @property
    def stranger(self) -> Front:
        """Another browser, without cookies."""
        return Front(self.port, self.application, self.house, proxy=self.proxy)

    def open(self, path: str = "/", method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        """A request of a browser that opens a page; its cookies are kept."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        sent = {"Host": DOMAIN, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            kept = {k: v for k, v in (sent | PAGE | given).items() if v}
            connection.request(method, path, body or None, headers=kept)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        lines = response.headers.get_all("Set-Cookie", [])
        assert len(lines) <= 1
        fresh = {name: morsel.value for line in lines for name, morsel in SimpleCookie(line).items()}
        self.cookies |= fresh
        told = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, told, fresh, body)

    def raw(self, line: str, *headers: str, host: str = DOMAIN) -> int:
        """The status of a request that no library would write."""
        cookies = "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return raw(self.port, line, cookies, *headers, host=host)

    def where(self, answer: Answer) -> str:
        """Where a browser goes from here: by a redirect, or by the page that leads on by itself; "" for nowhere."""
        if answer.status == 303:
            return answer.headers["location"]
        page = _REFRESH.search(answer.text) if answer.headers.get("content-type", "").startswith("text/html") else None
        return unescape(page[1]) if page is not None and answer.status in (401, 403) else ""

    def is_sent_to_sign_in(self, answer: Answer) -> bool:
        """Whether the browser is on its way to vodka's login."""
        return self.where(answer).startswith(f"{self.house.vodka.origin}/login?scope=")

    def sign_in(self, email: str = CAMILLE) -> Visitor:
        """From the protected page through the login and the consent back to it; the browser at vodka."""
        visitor = self.house.signed_in(email)
        self.come_back(visitor)
        return visitor

    def come_back(self, visitor: Visitor, path: str = "/") -> str:
        """With a browser that is signed in at vodka; the address with the code."""
        away = self.where(self.open(path))
        assert away
        answer = visitor.get(away.removeprefix(self.house.vodka.origin))
        while answer.status == 303 and answer.headers["location"].startswith("/"):
            answer = visitor.get(answer.headers["location"])
        if answer.status == 200:
            form = {name: hidden_value(answer.text, name) for name in ("ticket", "csrf_token")}
            call = visitor.call("POST", "/enter", urlencode(form | {"decision": "accept"}).encode(), FORM)
            answer = visitor.send(call)
        back = urlsplit(answer.headers["location"])
        assert back.netloc == DOMAIN
        kept = self.open(f"{back.path}?{back.query}")
        assert self.where(kept) == f"https://{DOMAIN}{path}"
        assert list(kept.cookies) == ["scoped_session_code"]
        # A browser names the page that leads on by itself; through a redirect it names nothing of ours.
        came = {} if kept.status == 303 else {"Referer": back.geturl()}
        assert kept.status == 303 or kept.headers["referrer-policy"] == "same-origin"
        assert self.open(path, **came).status == 200
        return f"{back.path}?{back.query}"

    def told(self, answer: Answer) -> dict[str, Any]:
        """What the application says that it was sent."""
        assert answer.status == 200
        found: dict[str, Any] = json.loads(answer.body)
        return found


def raw(port: int, line: str, *headers: str, host: str = DOMAIN, seconds: float = 10) -> int:
    """The status of a request that no library would write; 0 where there was no answer."""
    # A second `Connection` header would be one more thing to be read in two ways.
    usual = [] if any(header.lower().startswith("connection:") for header in headers) else ["Connection: close"]
    lines = [line, f"Host: {host}", *usual, *headers, "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        try:
            first = connection.makefile("rb").readline().split()
        except (TimeoutError, ConnectionResetError):
            return 0
    return int(first[1]) if first else 0


def printed(word: str, vodka: str, upstream: str, scope: Scope = AT_ROOT, issuer: str = "https://vodka.epfl.ch") -> str:
    """What vodka prints for this proxy."""
    at, behind = snippets.place(vodka), snippets.place(upstream)
    return snippets.snippet(word, scope, issuer, vodka=at, upstream=behind).text


def local(word: str, text: str) -> str:
    """The same without TLS, which these tests leave out, on a `{port}` of this machine alone."""
    for pattern, instead in _LOCAL[word]:
        text, times = re.subn(pattern, instead, text)
        assert times == 1, pattern
    return text


def configuration(
    house: Served, application: Application, app: Protected, word: str = "nginx", segments: tuple[str, ...] = ()
) -> str:
    """What a proxy gets to read here, with the secret in its place."""
    vodka, upstream = (f"http://127.0.0.1:{port}" for port in (house.port, application.port))
    text = printed(word, vodka, upstream, Scope(AT_ROOT.origin, segments), house.vodka.origin)
    return local(word, text).replace(snippets.PLACEHOLDER, app.secret)
