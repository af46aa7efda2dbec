"""A program that registers itself as a client, and the servers that it names: helper objects with verbs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from typing import Any

from PIL import Image
from werkzeug.test import TestResponse

from tests.oauth.relying_party import RelyingParty
from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, VodkaUnderTest
from vodka.db import commit
from vodka.oauth.registration import initial_tokens
from vodka.websites import store as websites

REGISTER = "/oauth/register"
SUITE = "suite.epfl.ch"  # where the certification suite listens, for these tests
SUITE_CALLBACK = f"https://{SUITE}/test/a/vodka/callback"
CODE = "424242"
RESERVED = {"profile": "development", "certification_account": CAMILLE, "certification_code": CODE}
JSON = {"Content-Type": "application/json"}
EVERYTHING = {
    "grant_types": ["authorization_code", "implicit", "refresh_token"],
    "response_types": ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"],
}


def png(colour: str = "green") -> bytes:
    """A picture."""
    file = BytesIO()
    Image.new("RGB", (300, 300), colour).save(file, "PNG")
    return file.getvalue()


@dataclass
class Program:
    """A program that registers itself. `initial`: the token that its website's owner gave it."""

    vodka: VodkaUnderTest
    initial: str | None = None
    redirect_uri: str = f"https://{SITE}/oidc"

    @classmethod
    def of_the_club(cls, vodka: VodkaUnderTest, domain: str = SITE) -> Program:
        """With a fresh token of a verified website, which is made if it is not there."""
        if not vodka.rows("SELECT 1 FROM websites WHERE domain = :d", d=domain):
            vodka.site(domain)
        return cls(vodka, initial_token(vodka, domain), f"https://{domain}/oidc")

    @classmethod
    def of_the_suite(cls, vodka: VodkaUnderTest) -> Program:
        """Of the Foundation's suite, which shows no token."""
        return cls(vodka, None, SUITE_CALLBACK)

    def send(self, body: Any = None, token: str | None = "", **metadata: Any) -> TestResponse:
        """POST the usual metadata with these changes, or this very body; None leaves a field out."""
        usual = {"redirect_uris": [self.redirect_uri], "client_name": "Chess"}
        if body is None:
            body = {name: value for name, value in (usual | metadata).items() if value is not None}
        return self.call("POST", REGISTER, body, self.initial if token == "" else token)

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> TestResponse:
        """Any request of a program: no cookie, no Origin."""
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        sent = {"json": body} if isinstance(body, dict | list) else {"data": body, "content_type": "application/json"}
        client = self.vodka.app.test_client()
        return client.open(path, method=method, headers=headers, base_url=self.vodka.origin, **(sent if body else {}))

    def register(self, **metadata: Any) -> Registered:
        """Register, which must succeed."""
        answer = self.send(**metadata)
        assert answer.status_code == 201, answer.text
        return Registered(self, answer.get_json())

    def refused(self, **metadata: Any) -> tuple[str, str]:
        """The error and what it says; nothing must have been made."""
        before = count(self.vodka)
        answer = self.send(**metadata)
        assert answer.status_code == 400, answer.text
        assert count(self.vodka) == before
        assert set(answer.get_json()) == {"error", "error_description"}
        return answer.get_json()["error"], answer.get_json()["error_description"]


@dataclass
class Registered:
    """A client that registered itself, and what it was told."""

    program: Program
    told: dict[str, Any]

    @property
    def client_id(self) -> str:
        """Its identifier."""
        return self.told["client_id"]

    @property
    def path(self) -> str:
        """Where it looks after itself."""
        return self.told["registration_client_uri"].removeprefix(self.program.vodka.origin)

    def call(self, method: str, body: Any = None, token: str | None = "") -> TestResponse:
        """A request there, with its own token."""
        shown = self.told["registration_access_token"] if token == "" else token
        return self.program.call(method, self.path, body, shown)

    def put(self, **changed: Any) -> TestResponse:
        """Replace what is known; None leaves a field out."""
        usual = {"client_id": self.client_id, "redirect_uris": self.told["redirect_uris"], "client_name": "Chess"}
        return self.call("PUT", {name: value for name, value in (usual | changed).items() if value is not None})

    def party(self) -> RelyingParty:
        """The client, as a relying party."""
        secret = self.told.get("client_secret")
        return RelyingParty(self.program.vodka, self.client_id, secret, self.told.get("redirect_uris", [""])[0])


def initial_token(vodka: VodkaUnderTest, domain: str = SITE, by: str = ROBIN) -> str:
    """A fresh initial access token of a verified website."""
    with vodka.app.app_context():
        maker = vodka.rows("SELECT id FROM users WHERE email = :e", e=by)[0]["id"]
        secret = initial_tokens.create(websites.get_claim(domain), maker, vodka.means.limits)
        commit()
        return secret


def count(vodka: VodkaUnderTest) -> int:
    """How many clients there are."""
    return int(vodka.rows("SELECT count(*) AS n FROM clients")[0]["n"])


@contextmanager
def servers(*hosts: str) -> Iterator[tuple[dict[str, Any], HttpsSite]]:
    """The settings of a vodka that finds these hosts on a real web server, and the server."""
    with DnsServer(a={host: ["127.0.0.1"] for host in hosts}, txt={}) as dns, HttpsSite(*hosts) as web:
        outside = {"dns_servers": (dns.address,), "fetch_port": web.port, "fetch_ca_file": web.ca_file}
        yield outside | {"fetch_allow": ("127.0.0.0/8",)}, web


def serve_and_write(web: HttpsSite, path: str, content: Any, vodka: VodkaUnderTest) -> list[str]:
    """Put JSON at a path; whoever fetches it makes its server change vodka's database first. What was changed, so far."""
    changed: list[str] = []
    body = json.dumps(content).encode()

    def page(answer: BufferedIOBase) -> None:
        vodka.write("UPDATE websites SET lang = 'fr'")
        changed.append(path)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        answer.write(head.encode() + body)

    web.pages[path] = page
    return changed


def serve(web: HttpsSite, path: str, content: Any, status: int = 200) -> None:
    """Put JSON at a path."""
    web.pages[path] = (status, JSON, json.dumps(content).encode())
