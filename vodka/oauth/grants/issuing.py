"""What all grants have in common: tokens come from one place, and answers at the authorization endpoint are plain pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError

from vodka.oauth import scopes, store
from vodka.oauth.client_auth import METHODS
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.provider import Provider
from vodka.oauth.request import Request
from vodka.oauth.tokens import issuing
from vodka.oauth.tokens.dpop import InvalidDpopProofError


class Issuing:
    """A mixin in front of Authlib's grants."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    TOKEN_RESPONSE_HEADER = ()  # `web` says no-store to everything
    GRANT_TYPE: str
    request: Request
    server: Any

    @property
    def provider(self) -> Provider:
        """The deployment behind this server."""
        found: Provider = self.server.provider
        return found

    def authenticate_token_endpoint_client(self) -> RegisteredClient:
        """Authlib's hook: the client, with the proof that it registered to send (RFC 9449 §5.2)."""
        client: RegisteredClient = self.server.authenticate_client(self.request, self.TOKEN_ENDPOINT_AUTH_METHODS)
        if client.metadata.dpop_bound_access_tokens and self.request.dpop_key is None:
            raise InvalidDpopProofError("This client registered dpop_bound_access_tokens: send a DPoP proof.")
        return client

    def generate_token(
        self, scope: str | None = None, *, include_refresh_token: bool = True, **_others: Any
    ) -> dict[str, Any]:
        """Authlib's hook: the token response for the grant that was found or made."""
        request = self.request
        # RFC 9449 §5: a refresh token of a public client MUST be bound to the key, since nothing else proves who uses it.
        if include_refresh_token and request.client.is_public and request.dpop_key is not None:
            store.bind_grant(request.granted.id, request.dpop_key)
        return issuing.response(
            self.provider,
            request.granted,
            scope=" ".join(scopes.split(scope or "")),
            asked_resources=request.list("resource"),
            dpop_key=request.dpop_key,
            with_refresh_token=include_refresh_token,
        )

    def save_token(self, token: dict[str, Any]) -> None:
        """Authlib's hook: all that is kept was written when the token was made."""


class Answering(Issuing):
    """For the authorization endpoint: the answer as pairs, which `authorize.response` alone turns into a redirect."""

    redirect_uri: str
    validate_authorization_request: Callable[[], str]  # Authlib's

    @staticmethod
    def validate_authorization_redirect_uri(request: Request, client: RegisteredClient) -> str:
        """Authlib's hook: where the answer goes; raises InvalidRequestError, and then nobody is redirected anywhere.

        From here on the client may be told: the first thing is UnauthorizedClientError for a response type not its own.
        """
        asked = request.payload.redirect_uri or client.get_default_redirect_uri()
        if not asked:
            raise InvalidRequestError("Send redirect_uri: this client has not registered exactly one.")
        if not client.check_redirect_uri(asked):
            raise InvalidRequestError("redirect_uri is none of those that this client registered, to the letter.")
        response_type = request.payload.response_type
        if not client.check_response_type(response_type):
            raise UnauthorizedClientError(client.why_not(response_type), redirect_uri=asked)
        return str(asked)

    def validate_consent_request(self) -> str:
        """Authlib's hook: the request without `prompt`, which `interaction.next_step` decides (traps B 12)."""
        self.redirect_uri = self.validate_authorization_request()
        return self.redirect_uri

    def create_granted_params(self, grant_user: Any) -> list[tuple[str, str]]:
        """What the client gets when the person agreed, without `state` and `iss`. A denial is an error like every other."""
        raise NotImplementedError
