"""A client that proves itself by a JWT (RFC 7521 §4.2, RFC 7523 §3, OIDC Core §9): under its own key, or under its secret."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from joserfc.jwk import OctKey

from vodka.keys.compact import unchecked_subject
from vodka.keys.ring import AnyKey
from vodka.keys.tokens import OfClient, TokenRefused, verify_of_client
from vodka.oauth import clients, store
from vodka.oauth.algorithms import SECRET_BY_CLIENTS, SIGNED_BY_CLIENTS
from vodka.oauth.client_auth import secret
from vodka.oauth.client_auth.keys import ClientKeys
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.provider import TOKEN, Provider
from vodka.oauth.registry import SEALED
from vodka.oauth.request import Request, plain
from vodka.onetime import digest
from vodka.sealing import SealBroken

BY_KEY, BY_SECRET = "private_key_jwt", "client_secret_jwt"
_ALGORITHMS = {BY_KEY: SIGNED_BY_CLIENTS, BY_SECRET: SECRET_BY_CLIENTS}
# RFC 8725 §3.11: no other kind of JWT that a client signs, such as a request object, passes for one (RFC 9101 §10.8).
_TYPS = frozenset({"", "jwt", "client-authentication+jwt"})
_LONGEST = 4096  # characters (attacks TOK-11)
FindKeys = Callable[[str, str | None], Iterable[AnyKey | OctKey]]


class NotProven(InvalidClientError):
    """An assertion does not hold; the client learns why."""

    def __init__(self, why: str) -> None:
        super().__init__(plain(f"The client assertion was refused: {why}."), status_code=401)


class Assertions:
    """The two ways, as Authlib registers them. Authlib's own would take fewer algorithms and one key (traps B 7, B 16)."""

    def __init__(self, provider: Provider, keys: ClientKeys) -> None:
        self._provider = provider
        self._keys = keys

    def way(self, query_client: secret.QueryClient, request: Request) -> str:
        """Which of the two ways this request uses: the one that the client it names registered; raises InvalidClientError."""
        client = query_client(self._named(request))
        if client is None or client.metadata.token_endpoint_auth_method not in _ALGORITHMS:
            raise secret.refused()
        return str(client.metadata.token_endpoint_auth_method)

    def by_key(self, query_client: secret.QueryClient, request: Request) -> Any:
        """Authlib's hook for private_key_jwt; raises NotProven."""
        client = query_client(self._named(request))
        return self._proven(client, request, BY_KEY, lambda alg, kid: self._keys.fitting(client.metadata, alg, kid))

    def by_secret(self, query_client: secret.QueryClient, request: Request) -> Any:
        """Authlib's hook for client_secret_jwt; raises NotProven."""
        client = query_client(self._named(request))
        tried: list[Any] = []
        proven = self._proven(client, request, BY_SECRET, lambda _alg, _kid: self._secrets(client, tried))
        clients.note_use(tried[-1])
        return proven

    def _named(self, request: Request) -> str:
        """Which client an assertion is about; raises NotProven where that cannot be said."""
        if request.get("client_assertion_type") != ASSERTION_TYPE:
            raise NotProven(f"client_assertion_type must be {ASSERTION_TYPE}")
        named = unchecked_subject(request.get("client_assertion") or "", _LONGEST)
        # RFC 7521 §4.2: client_id is not needed, but if it is there it must name the same client.
        if named is None or request.get("client_id") not in (None, named):
            raise NotProven("its sub must be the client_id")
        return named

    def _proven(self, client: RegisteredClient, request: Request, way: str, find_keys: FindKeys) -> RegisteredClient:
        registered = client.metadata.token_endpoint_auth_signing_alg
        limits = self._provider.limits
        kind = OfClient(
            # OIDC Registration §2: the registered one, and no other.
            tuple(name for name in _ALGORITHMS[way] if registered in (None, name)),
            _TYPS,
            limits.clock_leeway,
            lifetime=limits.assertion_lifetime,
            longest=_LONGEST,
        )
        try:
            claims = verify_of_client(request.form["client_assertion"], kind, find_keys)
        except TokenRefused as refusal:
            raise NotProven(str(refusal)) from refusal
        self._check(claims, client, request)
        return client

    def _check(self, claims: dict[str, Any], client: RegisteredClient, request: Request) -> None:
        """RFC 7523 §3: by the client, about itself, for vodka, and never before (attacks OAU-16)."""
        if not claims.get("iss") == claims.get("sub") == client.client_id:
            raise NotProven("its iss and sub must both be the client_id")
        aud = claims.get("aud")
        named = aud if isinstance(aud, list) else [aud]
        ours = (self._provider.issuer, self._provider.url(TOKEN), request.uri)
        # One that is also for somebody else could be replayed by whoever that is.
        if not named or any(audience not in ours for audience in named):
            raise NotProven(f"its aud must be {self._provider.issuer} and nobody else")
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= self._provider.limits.assertion_id_length:
            raise NotProven("it must have a jti, a short text")
        # OIDC Core §9: MUST only be used once. Two clients may well think of the same jti.
        until = datetime.fromtimestamp(claims["exp"], UTC)
        if not store.use_once(digest(f"client assertion {client.row} {jti}"), until):
            raise NotProven("its jti was used before; make a new one for each request")

    def _secrets(self, client: RegisteredClient, tried: list[Any]) -> Iterator[OctKey]:
        """Each living secret that vodka can compute with; `tried` ends with the one in hand."""
        for row in store.list_secrets(client.row):
            try:
                raw = self._provider.vault.unseal(SEALED, row.sealed or b"", str(client.row).encode())
            except SealBroken:
                continue
            tried.append(row)
            yield OctKey.import_key(raw)
