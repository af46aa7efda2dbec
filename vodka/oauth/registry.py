"""Making clients, and their secrets: at most two of a client live, so that one can be replaced without a gap."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from vodka.audit import store as audit
from vodka.errors import InvalidInput, NotFound
from vodka.limits import Limits
from vodka.oauth import store
from vodka.oauth.metadata import ClientMetadata, keepable
from vodka.onetime import digest
from vodka.randomness import identifier, token
from vodka.sealing import Vault
from vodka.websites.secrets import check_room

SEALED = "client secret"  # the purpose of those that vodka computes with (client_secret_jwt)
_PREFIX = "vodka-client-"  # so that a secret in a public repository is found by those who scan for them
_HINT = 4  # characters
_WITHOUT_SECRET = ("none", "private_key_jwt")


@dataclass(frozen=True)
class Made:
    """A new client; `secret` is shown this once, None for one that has none."""

    row: int
    client_id: str
    secret: str | None


def register(
    metadata: ClientMetadata,
    website_id: int | None,
    *,
    origin: str,
    by: int | None,
    vault: Vault,
    legacy: Collection[str] = (),
    registration_digest: bytes | None = None,
) -> Made:
    """Make a client. `origin`: owner, operator, dynamic or document; `by`: the person who acts, if one does."""
    client_id = identifier()
    details = keepable(metadata)
    row = store.add_client(client_id, website_id, details, sorted(legacy), origin, registration_digest)
    audit.add("client.made", user_id=by, subject=client_id, detail=origin)
    return Made(row, client_id, _new_secret(row, metadata, vault) if needs_secret(metadata) else None)


def needs_secret(metadata: ClientMetadata) -> bool:
    """Whether a client that proves itself in this way has secrets at all."""
    return metadata.token_endpoint_auth_method not in _WITHOUT_SECRET


def change(row: int, metadata: ClientMetadata, legacy: Collection[str], *, client_id: str, by: int | None) -> None:
    """Replace what is known of a client; its secrets and its grants stay."""
    details = keepable(metadata)
    store.change_client(row, details, sorted(legacy))
    audit.add("client.changed", user_id=by, subject=client_id)


def remove(row: int, *, client_id: str, by: int | None) -> None:
    """Remove a client; everything that was granted to it is gone with it (attacks OAU-36)."""
    store.remove_client(row)
    audit.add("client.removed", user_id=by, subject=client_id)


def add_secret(
    row: int, metadata: ClientMetadata, *, client_id: str, by: int | None, vault: Vault, limits: Limits
) -> str:
    """A further secret, to be shown this once; raises InvalidInput when two live already, or the client has none at all."""
    if not needs_secret(metadata):
        raise InvalidInput("secrets_none", "This client proves itself without a secret.")
    store.lock_client(row)  # of two at once, the second counts the first
    check_room(store.list_secrets(row), limits.secrets_per_client)
    secret = _new_secret(row, metadata, vault)
    audit.add("client.secret_made", user_id=by, subject=client_id, detail=secret[-_HINT:])
    return secret


def remove_secret(row: int, secret_id: int, *, client_id: str, by: int | None) -> None:
    """End a secret at once; raises NotFound for one of another client."""
    hint = store.remove_secret(row, secret_id)
    if hint is None:
        raise NotFound("no such secret of this client")
    audit.add("client.secret_removed", user_id=by, subject=client_id, detail=hint)


def _new_secret(row: int, metadata: ClientMetadata, vault: Vault) -> str:
    secret = _PREFIX + token()
    sealed = None
    if metadata.token_endpoint_auth_method == "client_secret_jwt":
        sealed = vault.seal(SEALED, secret.encode(), str(row).encode())
    store.add_secret(row, digest(secret), sealed, secret[-_HINT:])
    return secret
