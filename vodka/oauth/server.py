"""Authlib's authorization server, told where our things are: one for each app, framework-neutral, without state of a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidRequestError,
    OAuth2Error,
)

from vodka.oauth import clients
from vodka.oauth.client_auth import secret
from vodka.oauth.client_auth.assertion import BY_KEY, BY_SECRET, Assertions, NotProven
from vodka.oauth.client_auth.keys import ClientKeys
from vodka.oauth.client_auth.published import Published
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.device.endpoint import DeviceAuthorization
from vodka.oauth.endpoints.introspection import Introspection
from vodka.oauth.endpoints.revocation import Revocation
from vodka.oauth.grants.authorization_code import AuthorizationCode, WithIdToken
from vodka.oauth.grants.client_credentials import ClientCredentials
from vodka.oauth.grants.device import DeviceCode
from vodka.oauth.grants.hybrid import Hybrid
from vodka.oauth.grants.implicit import IdToken, Token
from vodka.oauth.grants.password import Password
from vodka.oauth.grants.refresh_token import RefreshToken
from vodka.oauth.grants.token_exchange import TokenExchange
from vodka.oauth.pkce import S256
from vodka.oauth.provider import Provider
from vodka.oauth.registration import documents
from vodka.oauth.request import Request, plain


@dataclass(frozen=True)
class Answer:
    """What to send back: a JSON object."""

    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()


class Server(AuthorizationServer):
    """The protocol engine of one deployment."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider
        self.register_client_auth_method("client_secret_basic", secret.by_basic)
        self.register_client_auth_method("client_secret_post", secret.by_post)
        self.published = Published(provider)
        self.client_keys = ClientKeys(provider, self.published)
        self.assertions = Assertions(provider, self.client_keys)
        self.register_client_auth_method(BY_KEY, self.assertions.by_key)
        self.register_client_auth_method(BY_SECRET, self.assertions.by_secret)
        self.register_client_auth_method("none", secret.by_name)
        self.register_grant(AuthorizationCode, [S256(), WithIdToken()])
        self.register_grant(Hybrid, [S256()])
        self.register_grant(IdToken)
        self.register_grant(Token)
        self.register_grant(RefreshToken, [WithIdToken()])
        self.register_grant(ClientCredentials)
        self.register_grant(DeviceCode, [WithIdToken()])
        self.register_grant(Password, [WithIdToken()])
        self.register_grant(TokenExchange)
        self.register_endpoint(DeviceAuthorization)
        self.register_endpoint(Introspection)
        self.register_endpoint(Revocation)

    def query_client(self, client_id: str) -> RegisteredClient | None:
        """Authlib's hook: a client that may be used now."""
        client = clients.find(client_id)
        return None if client is None or documents.is_over(client, self.provider.limits) else client

    def authenticate_client(self, request: Any, methods: Sequence[str], endpoint: str = "token") -> RegisteredClient:
        """The client that proved itself in the one way that it registered; raises InvalidClientError."""
        way = secret.presented(request)
        if way == secret.ASSERTION:
            way = self.assertions.way(self.query_client, request)
        if way not in methods:
            raise secret.refused()
        try:
            client: RegisteredClient = super().authenticate_client(request, [way], endpoint)
        except NotProven:
            raise
        except OAuth2Error as error:
            # Authlib says which ways it tried; a client can do nothing with that.
            raise error if error.error != "invalid_client" else secret.refused() from error
        request.client = client
        return client

    def save_token(self, token: Any, request: Any) -> None:
        """Authlib's hook: tokens are kept when they are made."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Authlib's hook: nobody listens."""

    def create_oauth2_request(self, request: Any) -> Request:
        """Authlib's hook: requests arrive as ours."""
        assert isinstance(request, Request)
        return request

    def get_token_grant(self, request: Request) -> Any:
        """Authlib's hook: which grant is meant; raises InvalidRequestError where none is named (RFC 6749 §5.2)."""
        if not request.payload.grant_type:
            raise InvalidRequestError("Send grant_type, such as grant_type=authorization_code.")
        return super().get_token_grant(request)

    def handle_error_response(self, request: Any, error: OAuth2Error) -> Answer:  # noqa: ARG002
        """Authlib's hook: it says nothing of a grant type that it does not know (RFC 6749 §5.2)."""
        described = plain(error.get_error_description() or "")
        body = {"error": error.error} | ({"error_description": described} if described else {})
        return Answer(error.status_code, body, tuple(error.get_headers()))

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        """Authlib's hook: `web` sends it."""
        return Answer(status, body, tuple(headers))
