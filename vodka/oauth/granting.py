"""Making grants: what a person, or a client by itself, gives a client. The ledger of the person learns of it here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from vodka import clock
from vodka.audit import store as audit
from vodka.consent import store as consents
from vodka.oauth import scopes, store, subjects
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.provider import Provider
from vodka.randomness import identifier


@dataclass(frozen=True)
class Agreed:
    """What a person let go out to a client: the fields, under a consent, for an audience (the origin of the website)."""

    consent_id: int
    audience: str
    fields: tuple[str, ...]
    wanted: Mapping[str, Any] = field(default_factory=dict)  # the `claims` parameter (OIDC Core §5.5)
    resources: tuple[str, ...] = ()  # RFC 8707
    dpop_key: str | None = None  # RFC 9449 §10


class Giver(Protocol):
    """The person who gives, and how they signed in: `digest` is that of their session, None without one."""

    @property
    def user_id(self) -> int: ...  # noqa: D102
    @property
    def epoch(self) -> int: ...  # noqa: D102
    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def digest(self) -> bytes | None: ...  # noqa: D102
    @property
    def authenticated_at(self) -> datetime: ...  # noqa: D102
    @property
    def methods(self) -> str: ...  # noqa: D102


def by_person(
    provider: Provider,
    client: RegisteredClient,
    login: Giver,
    agreed: Agreed,
    scope: str,
    *,
    device: bool = False,
) -> Any:
    """A grant under a consent: the living row, as `store.find_living_grant` gives it. Release and act are recorded with it.

    `device`: the tokens go to another machine than the browser with the session, and live on without it (RFC 8628).
    """
    number = identifier()
    is_offline = device or scopes.OFFLINE in scopes.split(scope)
    lifetime = provider.limits.refresh_token_lifetime if is_offline else provider.limits.session_lifetime
    metadata = client.metadata
    store.add_grant(
        {
            "id": number,
            "client": client.row,
            "user_id": login.user_id,
            "epoch": login.epoch,
            "consent_id": agreed.consent_id,
            "session": login.digest,
            "is_offline": is_offline,
            "sub": subjects.of(provider, client, login.subject, number),
            "scope": scope,
            "fields": list(agreed.fields),
            "wanted": dict(agreed.wanted),
            "resources": list(agreed.resources),
            "authenticated_at": login.authenticated_at,
            "methods": login.methods,
            "dpop_key": agreed.dpop_key,
            "created_at": clock.now(),
            "expires_at": clock.after(lifetime),
            "tells": metadata.backchannel_logout_uri is not None,
        }
    )
    consents.add_release(login.user_id, agreed.consent_id, agreed.audience, list(agreed.fields), client.grade, number)
    audit.add("client.granted", user_id=login.user_id, subject=agreed.audience, detail=client.client_id)
    return _living(number)


def by_client(provider: Provider, client: RegisteredClient, scope: str, resources: Sequence[str]) -> Any:
    """A grant to a client by itself (RFC 6749 §4.4): the living row."""
    number = identifier()
    now = clock.now()
    nobody: dict[str, Any] = {
        "user_id": None,
        "epoch": 0,
        "consent_id": None,
        "session": None,
        "authenticated_at": None,
    }
    store.add_grant(
        nobody
        | {
            "id": number,
            "client": client.row,
            "is_offline": True,
            # RFC 9068 §2.2: the client's own identifier; no person's `sub` looks like one (attacks OAU-37).
            "sub": client.client_id,
            "scope": scope,
            "fields": [],
            "wanted": {},
            "resources": list(resources),
            "methods": "",
            "dpop_key": None,
            "created_at": now,
            "expires_at": clock.after(provider.limits.access_token_lifetime),
            "tells": False,
        }
    )
    return _living(number)


def _living(number: str) -> Any:
    grant = store.find_living_grant(number, clock.now())
    assert grant is not None
    return grant
