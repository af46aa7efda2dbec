"""A client looks after itself, with the token from its registration (RFC 7592): it reads, replaces and removes what is known of it.

The token does not change when it is used: whoever lost one answer would be locked out for ever.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc7591 import InvalidClientMetadataError
from sqlalchemy import Row

from vodka.accounts.fields import PERSONAL
from vodka.oauth import clients, metadata, registry
from vodka.oauth import store as oauth
from vodka.oauth.metadata import ClientMetadata
from vodka.oauth.provider import Provider
from vodka.oauth.registration import described, logos, store
from vodka.oauth.registration.policy import Registrar
from vodka.oauth.registration.registering import Plan, Unauthorized, understood
from vodka.onetime import digest

_UNKNOWN = digest("")  # what the token of nobody is compared with


@dataclass(frozen=True)
class Managed:
    """A client whose registration access token was shown."""

    row: Row[Any]
    token: str

    @property
    def registrar(self) -> Registrar:
        """On whose word it was registered."""
        return Registrar(self.row.website_id, self.row.domain, self.row.grade or PERSONAL)


def find(client_id: str, shown: str | None) -> Managed:
    """The client that this token is of; raises Unauthorized, also where there is no such client (RFC 7592 §2)."""
    row = store.find_registered(client_id)
    kept = row.registration_digest if row is not None else _UNKNOWN
    if not hmac.compare_digest(kept, digest(shown or "")) or row is None or shown is None:
        sentence = "Send the registration_access_token of this very client as a Bearer token."
        raise Unauthorized(sentence, shown=shown is not None)
    return Managed(row, shown)


def read(provider: Provider, found: Managed) -> dict[str, Any]:
    """What is known of it (RFC 7592 §2.1)."""
    row = found.row
    return described.client(provider, row.client_id, metadata.kept(row.details), found.token, None, row.created_at)


def plan(provider: Provider, found: Managed, raw: dict[str, Any]) -> Plan:
    """What shall be known of it instead (RFC 7592 §2.2); raises an error of RFC 7591 §3.2.2."""
    if told := [name for name in described.TOLD if name in raw]:
        raise InvalidClientMetadataError(f"{told[0]} is told by vodka, and cannot be changed. Leave it out.")
    if raw.get("client_id") != found.row.client_id:
        raise InvalidClientMetadataError("client_id must be the one that was given to this client.")
    secret = raw.get("client_secret")
    client = clients.find(found.row.client_id)
    # RFC 7592 §2.2: a secret that is sent must be the one that is in force; a client does not choose its own.
    if secret is not None and not (client and isinstance(secret, str) and client.check_client_secret(secret)):
        raise InvalidClientMetadataError("client_secret is not the one in force. Leave it out to keep it.")
    return Plan(found.registrar, understood(provider, raw, found.registrar))


def replace(provider: Provider, found: Managed, planned: Plan, png: bytes | None) -> dict[str, Any]:
    """Keep what was planned; what it is told of itself. There is a new secret where the way of proving itself needs another."""
    row, new = found.row, planned.metadata
    oauth.lock_client(row.id)
    registry.change(row.id, new, row.legacy, client_id=row.client_id, by=None)
    logos.put(row.id, png)
    secret = None
    if _kind(new) != _kind(metadata.kept(row.details)):
        store.remove_secrets(row.id)
        if registry.needs_secret(new):
            named = {"client_id": row.client_id, "by": None}
            secret = registry.add_secret(row.id, new, **named, vault=provider.vault, limits=provider.limits)
    return described.client(provider, row.client_id, new, found.token, secret, row.created_at)


def _kind(known: ClientMetadata) -> str:
    """Which kind of secret a client has: one that vodka computes with is kept in another way than one that it compares."""
    method = known.token_endpoint_auth_method
    return method if method == "client_secret_jwt" or not registry.needs_secret(known) else "compared"


def remove(found: Managed) -> None:
    """Forget it, with all that was granted to it (RFC 7592 §2.3)."""
    registry.remove(found.row.id, client_id=found.row.client_id, by=None)
