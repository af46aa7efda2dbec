"""A relying party that signs with keys of its own, and the https server where it publishes: helper objects with verbs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from werkzeug.test import TestResponse

from tests.oauth.relying_party import RelyingParty
from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite
from tests.vodka_under_test import SITE, VodkaUnderTest
from vodka.randomness import identifier

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JWKS_PATH, OBJECT_PATH = "/jwks.json", "/request.jwt"
JWKS_URI, OBJECT_URI = f"https://{SITE}{JWKS_PATH}", f"https://{SITE}{OBJECT_PATH}"


@cache
def key_for(algorithm: str, number: int = 0) -> Key:
    """A private key that fits an algorithm; `number`: which of several."""
    if algorithm in ("RS256", "PS256"):
        return RSAKey.generate_key(2048)
    return ECKey.generate_key("P-256") if algorithm == "ES256" else OKPKey.generate_key("Ed25519")


def public(key: Key, **more: Any) -> dict[str, Any]:
    """The JWK that is published; `more`: kid, use, alg."""
    return {**key.as_dict(private=False), **more}


def key_set(*keys: dict[str, Any]) -> dict[str, Any]:
    """A JWKS."""
    return {"keys": list(keys)}


def signed(key: Key, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A JWS, whatever its header says."""
    registry = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, registry=registry)


@dataclass
class SigningParty(RelyingParty):
    """A client with a key. `kid` stands in its headers."""

    key: Key = field(default_factory=lambda: key_for("ES256"))
    algorithm: str = "ES256"
    kid: str | None = None

    @classmethod
    def with_key(cls, vodka: VodkaUnderTest, algorithm: str = "ES256", **more: Any) -> Self:
        """A client of private_key_jwt, its public key inline unless it has a jwks_uri."""
        key = key_for(algorithm)
        inline = {} if "jwks_uri" in more else {"jwks": key_set(public(key))}
        usual = {"token_endpoint_auth_method": "private_key_jwt"} | inline
        made = cls.of(vodka, **usual | more)
        assert isinstance(made, cls)
        made.key, made.algorithm = key, algorithm
        return made

    @classmethod
    def with_secret(cls, vodka: VodkaUnderTest, **more: Any) -> Self:
        """A client of client_secret_jwt; its secret is the key."""
        made = cls.of(vodka, token_endpoint_auth_method="client_secret_jwt", **more)
        assert isinstance(made, cls)
        made.key, made.algorithm, made.secret = OctKey.import_key(made.secret), "HS256", None
        return made

    def header(self, **changed: Any) -> dict[str, Any]:
        """The header of what it signs; None leaves a parameter out."""
        usual = {"alg": self.algorithm, "kid": self.kid}
        return {name: value for name, value in (usual | changed).items() if value is not None}

    def claims(self, **changed: Any) -> dict[str, Any]:
        """The claims of an assertion; None leaves one out."""
        now = int(time.time())
        usual = {"iss": self.client_id, "sub": self.client_id, "aud": self.vodka.origin}
        usual |= {"jti": identifier(), "iat": now, "exp": now + 60}
        return {name: value for name, value in (usual | changed).items() if value is not None}

    def assertion(self, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A client assertion (RFC 7523 §2.2)."""
        return signed(self.key, self.header(**header or {}), self.claims(**changed))

    def object(self, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A request object with a whole request in it (RFC 9101 §4)."""
        usual = self.parameters() | {"iss": self.client_id, "aud": self.vodka.origin}
        claims = {name: value for name, value in (usual | changed).items() if value is not None}
        return signed(self.key, self.header(**{"typ": "oauth-authz-req+jwt"} | (header or {})), claims)

    def error_of(self, answer: TestResponse) -> tuple[str, str]:
        """What it is told at its own address, with the state that it sent outside of any object."""
        said = self.answer(answer)
        assert said["state"] == "a state"
        return said["error"], said["error_description"]

    def post(self, path: str, *, headers: dict[str, str] | None = None, **form: Any) -> TestResponse:
        """POST, proving itself by an assertion unless the form says how."""
        if self.algorithm == "HS256" or self._is_keyed():
            form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()} | form
        return super().post(path, headers=headers, **form)

    def ask_for_itself(self, **form: Any) -> TestResponse:
        """POST /oauth/token for a token of its own."""
        return self.token(grant_type="client_credentials", **form)

    def prove(self, assertion: str, **form: Any) -> TestResponse:
        """The same, with this assertion."""
        return self.ask_for_itself(client_assertion=assertion, **form)

    def _is_keyed(self) -> bool:
        [row] = self.vodka.rows("SELECT details FROM clients WHERE client_id = :id", id=self.client_id)
        return json.loads(row["details"]).get("token_endpoint_auth_method") == "private_key_jwt"


@contextmanager
def publishing(start: Any, **settings: Any) -> Iterator[tuple[VodkaUnderTest, HttpsSite]]:
    """A vodka, and the https server of the chess club that it can read."""
    with DnsServer(a={SITE: ["127.0.0.1"], "internal.epfl.ch": ["10.0.0.1"]}, txt={}) as dns, HttpsSite(SITE) as site:
        outside = {"dns_servers": (dns.address,), "fetch_port": site.port, "fetch_ca_file": site.ca_file}
        yield start(**outside | {"fetch_allow": ("127.0.0.0/8",)} | settings), site


def publish(site: HttpsSite, *keys: dict[str, Any]) -> None:
    """Put these keys at the jwks_uri, in place of what stands there."""
    site.pages[JWKS_PATH] = (200, {"Content-Type": "application/json"}, json.dumps(key_set(*keys)).encode())


def visits(site: HttpsSite) -> int:
    """How often anybody came."""
    return len(site.asked)
