"""What the consent page needs to know of a request, and requests that do not come by redirect: a device's, a password's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from vodka.oauth.authorize.claims_parameter import Claims
from vodka.oauth.authorize.response import QUERY
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.provider import Provider


class Askable(Protocol):
    """A request that a person can be asked about."""

    @property
    def provider(self) -> Provider:
        """Who asks on behalf of the client."""
        ...

    @property
    def client(self) -> RegisteredClient:
        """Which client."""
        ...

    @property
    def scope(self) -> str:
        """What of the scope may be granted."""
        ...

    @property
    def claims(self) -> Claims:
        """What was asked for by name."""
        ...

    @property
    def redirect_uri(self) -> str:
        """An address of the client, to know a client of no website by."""
        ...

    @property
    def mode(self) -> str:
        """How the answer goes there."""
        ...

    @property
    def sealed(self) -> str:
        """The request, to be read again when the person has decided."""
        ...


@dataclass(frozen=True)
class Elsewhere:
    """A request without a redirect: the client hears of the answer in its own way."""

    provider: Provider
    client: RegisteredClient
    scope: str
    sealed: str = ""
    claims: Claims = field(default_factory=Claims)
    mode: str = QUERY

    @property
    def redirect_uri(self) -> str:
        """The address that the client is known by; an operator's own may have none, and is then vodka's."""
        metadata = self.client.metadata
        return next(iter(metadata.redirect_uris), metadata.client_uri or self.provider.url("/"))
