"""Authlib's authorization server, told where our things are: one for each app, framework-neutral, without state of a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Error

from vodka.oauth import clients
from vodka.oauth.client_auth import secret
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.grants.authorization_code import AuthorizationCode, WithIdToken
from vodka.oauth.grants.client_credentials import ClientCredentials
from vodka.oauth.grants.refresh_token import RefreshToken
from vodka.oauth.pkce import S256
from vodka.oauth.provider import Provider
from vodka.oauth.request import Request


@dataclass(frozen=True)
class Answer:
    """What to send back: a JSON object, or at the authorization endpoint pairs for the client."""

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
        self.register_client_auth_method("none", secret.by_name)
        self.register_grant(AuthorizationCode, [S256(), WithIdToken()])
        self.register_grant(RefreshToken, [WithIdToken()])
        self.register_grant(ClientCredentials)

    def query_client(self, client_id: str) -> RegisteredClient | None:
        """Authlib's hook: a client that may be used now."""
        return clients.find(client_id)

    def authenticate_client(self, request: Any, methods: Sequence[str], endpoint: str = "token") -> RegisteredClient:
        """The client that proved itself in the one way that it registered; raises InvalidClientError."""
        way = secret.presented(request)
        if way not in methods:
            raise secret.refused()
        try:
            client: RegisteredClient = super().authenticate_client(request, [way], endpoint)
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

    def handle_response(self, status: int, body: Any, headers: Any) -> Answer:
        """Authlib's hook: `web` sends it."""
        return Answer(status, body, tuple(headers))
