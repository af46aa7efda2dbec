"""What a client is told of itself (RFC 7591 §3.2.1, RFC 7592 §3): all of its metadata, as vodka understood it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vodka.oauth.metadata import ClientMetadata
from vodka.oauth.provider import REGISTER, Provider

# RFC 7592 §2.2: what is told, and must not be sent back.
TOLD = ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at")


def client(
    provider: Provider,
    client_id: str,
    metadata: ClientMetadata,
    token: str,
    secret: str | None,
    issued_at: datetime,
) -> dict[str, Any]:
    """The answer about a client; `secret` only where it was made just now: vodka keeps no more than its digest."""
    # RFC 7591 §3.2.1: required where there is a secret; 0 means that it does not expire.
    shown = {"client_secret": secret, "client_secret_expires_at": 0} if secret is not None else {}
    said = metadata.model_dump(mode="json", exclude_none=True)
    return {
        "client_id": client_id,
        "client_id_issued_at": int(issued_at.timestamp()),
        **shown,
        "registration_access_token": token,
        "registration_client_uri": provider.url(f"{REGISTER}/{client_id}"),
        **{name: value for name, value in said.items() if value not in ("", []) or name in metadata.model_fields_set},
    }
