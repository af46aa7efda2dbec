"""Dynamic client registration (RFC 7591, OIDC Registration §3): first looked at, then looked up, then kept.

In three steps, because the middle one waits for other people's servers, and nothing may stay locked meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oauth2.rfc7591 import (
    InvalidClientMetadataError,
    InvalidRedirectURIError,
    UnapprovedSoftwareStatementError,
)

from vodka.errors import InvalidInput
from vodka.oauth import metadata, registry
from vodka.oauth.metadata import ClientMetadata
from vodka.oauth.provider import Provider
from vodka.oauth.registration import described, initial_tokens, logos, places, policy, sector, store
from vodka.oauth.registration.policy import Registrar
from vodka.oauth.request import plain
from vodka.onetime import digest
from vodka.randomness import token


class Unauthorized(OAuth2Error):
    """RFC 6750 §3.1: the token in the header is not good here, or there is none."""

    error = "invalid_token"

    def __init__(self, description: str, *, shown: bool) -> None:
        super().__init__(description, status_code=401)
        self._shown = shown

    def get_headers(self) -> list[tuple[str, str]]:
        """With the challenge; where nothing was shown it names no error."""
        challenge = 'Bearer error="invalid_token"' if self._shown else "Bearer"
        return [*super().get_headers(), ("WWW-Authenticate", challenge)]


@dataclass(frozen=True)
class Plan:
    """A client that may be registered, as far as it can be said without asking anybody else."""

    registrar: Registrar
    metadata: ClientMetadata

    @property
    def needs_visits(self) -> bool:
        """Whether something has to be fetched before it can be kept."""
        return self.metadata.sector_identifier_uri is not None or self._logo is not None

    @property
    def _logo(self) -> str | None:
        """The picture to show: a website has its own."""
        return self.metadata.logo_uri if self.registrar.website_id is None else None

    def visit(self, provider: Provider) -> bytes | None:
        """Ask the client's own servers: for the sector document, which must be right, and the picture, which is given back."""
        sector.check(self.metadata, provider.services.fetch, provider.limits)
        return logos.drawn(self._logo, provider.services.fetch, provider.limits)


def plan(provider: Provider, raw: dict[str, Any], shown: str | None) -> Plan:
    """What a program asks for with this token in its header; raises Unauthorized, or an error of RFC 7591 §3.2.2."""
    registrar = initial_tokens.registrar(shown) if shown is not None else None
    if registrar is None:
        if shown is not None or not provider.is_certifying:
            sentence = "Send an initial access token as a Bearer token: the owner makes one on the page of the website."
            raise Unauthorized(sentence, shown=shown is not None)
        registrar = Registrar()
    return Plan(registrar, understood(provider, raw, registrar))


def understood(provider: Provider, raw: dict[str, Any], registrar: Registrar) -> ClientMetadata:
    """The metadata of a client of this registrar; raises an error of RFC 7591 §3.2.2."""
    # RFC 7592 §2.2: a value of null is as if the field had been left out.
    said = {name: value for name, value in raw.items() if value is not None}
    if "software_statement" in said:
        raise UnapprovedSoftwareStatementError("vodka knows no issuer of software statements. Leave it out.")
    said.setdefault("scope", policy.every_scope(registrar.grade, said.get("grant_types")))
    try:
        read = metadata.read(said, development=provider.development)
    except InvalidInput as refused:
        is_redirect = refused.code == "redirect_uri_bad" or refused.public.startswith("redirect_uris")
        raise (InvalidRedirectURIError if is_redirect else InvalidClientMetadataError)(
            plain(refused.public)
        ) from refused
    places.check(read, registrar.domain, development=provider.development)
    policy.check(read, registrar)
    return read


def keep(provider: Provider, planned: Plan, png: bytes | None) -> dict[str, Any]:
    """Make the client; what it is told of itself (RFC 7591 §3.2.1). Raises Unauthorized when its token was used meanwhile."""
    registrar, secret = planned.registrar, token()
    if registrar.token is not None and not initial_tokens.spend(registrar.token):
        raise Unauthorized("This token was used before: each registers one client.", shown=True)
    made = registry.register(
        planned.metadata,
        registrar.website_id,
        origin="dynamic",
        by=registrar.by,
        vault=provider.vault,
        legacy=registrar.legacy,
        registration_digest=digest(secret),
    )
    logos.put(made.row, png)
    issued_at = store.get_moment(made.row)
    return described.client(provider, made.client_id, planned.metadata, secret, made.secret, issued_at)
