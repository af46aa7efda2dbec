"""Who may register a client, and what the client may be: open while vodka is being certified, else on a website's word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from authlib.oauth2.rfc7591 import InvalidClientMetadataError

from vodka.accounts.fields import PERSONAL
from vodka.oauth import scopes
from vodka.oauth.clients import HYBRID, IMPLICIT, NO_PKCE
from vodka.oauth.metadata import ClientMetadata, host_of
from vodka.oauth.request import plain

# What a client that nobody looked at may use for a website; its owner can switch on more, on the website's page.
_GRANT_TYPES = frozenset(
    {
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
    }
)
_ON_TRIAL = (HYBRID, IMPLICIT, NO_PKCE)  # of `legacy`: the Foundation's suite asks for all of it


@dataclass(frozen=True)
class Registrar:
    """On whose word a client registers. Without a website: on nobody's, which is for the certification alone."""

    website_id: int | None = None
    domain: str | None = None
    grade: str = PERSONAL
    by: int | None = None
    token: bytes | None = None  # the digest of the initial access token, which is to be spent

    @property
    def legacy(self) -> Collection[str]:
        """The switches that its clients start with."""
        return _ON_TRIAL if self.website_id is None else ()


def every_scope(grade: str, grant_types: object) -> str:
    """The scope of a client that names none (RFC 7591 §2 leaves the default to us): all that its website's grade allows."""
    refreshes = isinstance(grant_types, list) and "refresh_token" in grant_types
    return " ".join(word for word in scopes.of_grade(grade) if word != scopes.OFFLINE or refreshes)


def check(metadata: ClientMetadata, registrar: Registrar) -> None:
    """Refuse what a client of this registrar may not be; raises InvalidClientMetadataError, with what to change."""
    if registrar.website_id is None:
        _check_sector(metadata)
        return
    if metadata.response_types not in ((), ("code",)):
        raise InvalidClientMetadataError("response_types: only code can be registered here. The code flow is enough.")
    if unknown := sorted(set(metadata.grant_types) - _GRANT_TYPES):
        raise InvalidClientMetadataError(plain(f"grant_types: {unknown[0]} cannot be registered here. Leave it out."))
    if metadata.subject_type != "pairwise":
        raise InvalidClientMetadataError("subject_type: only pairwise can be registered here. Leave it out.")


def _check_sector(metadata: ClientMetadata) -> None:
    """OIDC Core §8.1: redirect addresses on several hosts have to name the sector that they form together."""
    hosts = {host_of(uri) for uri in metadata.redirect_uris}
    if len(hosts) > 1 and metadata.subject_type == "pairwise" and metadata.sector_identifier_uri is None:
        raise InvalidClientMetadataError(
            "redirect_uris are on several hosts: register a sector_identifier_uri as well."
        )
