"""Making and changing the clients of a website, as one of those who keep it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from vodka.errors import InvalidInput, NotFound
from vodka.limits import Limits
from vodka.oauth import discovery, metadata, registry, scopes, store
from vodka.oauth.metadata import ClientMetadata
from vodka.oauth.owned import addresses, settings
from vodka.oauth.owned.settings import Settings
from vodka.oauth.provider import Provider
from vodka.oauth.registry import Made
from vodka.websites import secrets
from vodka.websites import store as websites
from vodka.websites.model import Website
from vodka.websites.seen import newest


@dataclass(frozen=True)
class OwnedClient:
    """One client of a website, in whatever state the website is."""

    row: int
    client_id: str
    metadata: ClientMetadata
    legacy: frozenset[str]
    origin: str

    @property
    def kind(self) -> str:
        """One of settings.KINDS."""
        return settings.kind_of(self.metadata)

    @property
    def is_document(self) -> bool:
        """Whether it describes itself in a document on the website's domain, which is read again and again."""
        return self.origin == "document"

    @property
    def has_secrets(self) -> bool:
        """Whether it proves itself by a secret."""
        return self.metadata.token_endpoint_auth_method.startswith("client_secret")


def list_of(website: Website) -> list[OwnedClient]:
    """The clients of a website, the oldest first."""
    return [_owned(row) for row in store.list_clients_of(website.id)]


def get(website: Website, number: int) -> OwnedClient:
    """One of them; raises NotFound for any other."""
    for client in list_of(website):
        if client.row == number:
            return client
    raise NotFound("no such client of this website")


def make(
    website: Website, kind: str, name: str, redirect_uris: Collection[str], by: int, seen: str, provider: Provider
) -> Made:
    """A new client; raises InvalidInput, also when the website has another client since the page was `seen`."""
    limits, development = provider.limits, provider.development
    websites.lock_website(website.id)  # of two at once, the second counts the first
    living = list_of(website)
    if seen != newest(client.row for client in living):
        raise InvalidInput(
            "clients_changed",
            "The programs have changed since you opened the page.",
            hint="Nothing was made now. Look at the list: what you sent may be there already.",
        )
    if len(living) >= limits.clients_per_website:
        raise InvalidInput("clients_enough", "This website has too many programs.", hint="Delete one that is not used.")
    _check_number(redirect_uris, limits)
    checked = [on_site(uri, website.domain, kind, provider) for uri in redirect_uris]
    described = settings.new(kind, name, checked, website.grade, development=development)
    return registry.register(described, website.id, origin="owner", by=by, vault=provider.vault)


def save(website: Website, client: OwnedClient, wanted: Settings, by: int, provider: Provider) -> None:
    """Change a client; raises InvalidInput for an address that is not the website's and for what is not offered."""
    if client.is_document:
        raise InvalidInput(
            "client_by_document",
            "This program describes itself in a document on your website.",
            hint="Change the document: vodka reads it again when somebody signs in, at most once an hour.",
        )
    kind = client.kind
    _check_choices(kind, website.grade, wanted, provider)
    if wanted.auth_method == "private_key_jwt" and not wanted.jwks_uri and client.metadata.jwks is None:
        raise InvalidInput(
            "jwks_uri_missing",
            "A program that proves itself by a key needs an address where its public keys are.",
            hint="Fill in the address of its keys, or choose another way.",
        )
    for uris in (wanted.redirect_uris, wanted.post_logout_redirect_uris):
        _check_number(uris, provider.limits)
    for uri in (*wanted.redirect_uris, *wanted.post_logout_redirect_uris):
        on_site(uri, website.domain, kind, provider)
    for uri in (wanted.backchannel_logout_uri, wanted.frontchannel_logout_uri, wanted.jwks_uri):
        if uri:
            on_site(uri, website.domain, settings.SERVER, provider)
    described = settings.changed(client.metadata, client.legacy, wanted, development=provider.development)
    if described != client.metadata or wanted.legacy != client.legacy:
        registry.change(client.row, described, wanted.legacy, client_id=client.client_id, by=by)


def add_secret(client: OwnedClient, by: int, seen: str, provider: Provider) -> str:
    """A further secret, to be shown this once; raises InvalidInput, also when there is another one since the page was `seen`."""
    store.lock_client(client.row)
    secrets.check_seen(store.list_secrets(client.row), seen)
    vault, limits = provider.vault, provider.limits
    return registry.add_secret(
        client.row, client.metadata, client_id=client.client_id, by=by, vault=vault, limits=limits
    )


def on_site(uri: str, domain: str | None, kind: str, provider: Provider) -> str:
    """An address of a client of this kind, in its canonical form; raises InvalidInput. `domain`: None of nobody's website."""
    native, development = kind == settings.NATIVE, provider.development
    return addresses.check(uri, domain, native=native, development=development, limits=provider.limits)


def _check_number(uris: Collection[str], limits: Limits) -> None:
    if len(uris) > limits.addresses_per_website:
        raise InvalidInput("too_many_addresses", "There are too many addresses.", hint="Keep those that are in use.")


def _check_choices(kind: str, grade: str, wanted: Settings, provider: Provider) -> None:
    """What a page offers is a choice; anything else was not sent by it."""
    offered: tuple[tuple[Collection[str], Collection[str]], ...] = (
        (wanted.scopes, scopes.of_grade(grade)),
        (wanted.grants, settings.grants_for(kind, provider)),
        (wanted.legacy, settings.legacy_for(kind)),
        ({wanted.auth_method}, settings.methods_for(kind, provider)),
        ({wanted.algorithm}, discovery.document(provider)["id_token_signing_alg_values_supported"]),
    )
    if any(set(chosen) - set(known) for chosen, known in offered):
        raise InvalidInput("choice_unknown", "Please choose among what the page offers.")


def _owned(row: Row[Any]) -> OwnedClient:
    return OwnedClient(row.id, row.client_id, metadata.kept(row.details), frozenset(row.legacy), row.origin)
