"""`sub`: what a client knows a person by. Pairwise, the same as in the DATA_JWT of the same website (OIDC Core §8.1)."""

from __future__ import annotations

from vodka.accounts.fields import ANONYMOUS
from vodka.accounts.subjects import pairwise_subject
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.metadata import host_of
from vodka.oauth.provider import Provider
from vodka.websites.domains import sector_of

_PUBLIC = "public"  # no domain has this name, so it is a sector of its own


def of(provider: Provider, client: RegisteredClient, subject: str, grant: str) -> str:
    """The identifier of a person at a client; under the grade anonymous another one for every grant."""
    if client.grade == ANONYMOUS:
        return pairwise_subject(f"grant:{grant}", sector_of_client(provider, client), provider.vault)
    if client.metadata.subject_type == "public":
        return pairwise_subject(subject, _PUBLIC, provider.vault)
    return pairwise_subject(subject, sector_of_client(provider, client), provider.vault)


def sector_of_client(provider: Provider, client: RegisteredClient) -> str:
    """The domain that identifiers are stable for: of the sector document, else of the website, else of the redirect address."""
    if client.metadata.sector_identifier_uri is not None:
        host = host_of(client.metadata.sector_identifier_uri)
    else:
        host = client.domain or next((host_of(uri) for uri in client.metadata.redirect_uris), client.client_id)
    return sector_of(host, provider.domains_of_many)
