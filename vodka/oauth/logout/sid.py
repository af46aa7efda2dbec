"""`sid`: the name of a login at one client, meaningless at any other (OIDC Front-Channel Logout §3, Back-Channel Logout §2.1)."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from vodka.sealing import Vault

_LENGTH = 18  # bytes


def of(vault: Vault, client_id: str, session: bytes) -> str:
    """The name of a session (its digest) at a client."""
    return urlsafe_b64encode(vault.mac("oidc sid", client_id, session.hex())[:_LENGTH]).decode()
