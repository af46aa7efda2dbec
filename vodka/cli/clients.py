"""`vodka client …`: the programs that speak OpenID Connect, of any website and of none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import click
from sqlalchemy import Row

from vodka.accounts.fields import PERSONAL
from vodka.cli.house import opened
from vodka.errors import InvalidInput, NotFound
from vodka.oauth import metadata, registry, store
from vodka.oauth.metadata import ClientMetadata
from vodka.oauth.owned import making, settings
from vodka.oauth.owned.settings import LEGACY, NATIVE, SERVER
from vodka.websites import store as websites


@click.group("client")
def group() -> None:
    """The programs that sign people in by OpenID Connect."""


@group.command()
@click.argument("domain", required=False)
@click.option("--name", required=True, help="What it is called in lists.")
@click.option("--redirect-uri", multiple=True, required=True, help="Where people come back to; repeatable.")
@click.option("--public", "kind", flag_value=settings.BROWSER, help="A page in the browser: it has no secret.")
@click.option("--native", "kind", flag_value=NATIVE, help="An app: it has no secret, and may come back to 127.0.0.1.")
@click.option("--scope", help="What it may ask for; by the grade of the website if not said.")
@click.option("--grant", multiple=True, help="A further grant type, such as client_credentials; repeatable.")
@click.option("--legacy", type=click.Choice(LEGACY), multiple=True, help="Against our advice; repeatable.")
@click.option("--no-website", is_flag=True, help="It belongs to no website: an operator answers for it.")
@click.option(
    "--subject-type", type=click.Choice(["pairwise", "public"]), default="pairwise", help="Without a website."
)
def add(
    domain: str | None,
    name: str,
    redirect_uri: tuple[str, ...],
    kind: str | None,
    scope: str | None,
    grant: tuple[str, ...],
    legacy: tuple[str, ...],
    no_website: bool,
    subject_type: str,
) -> None:
    """Make a program of the website DOMAIN; its secret is said this once."""
    if no_website == (domain is not None):
        raise click.UsageError("Name the DOMAIN of a website, or say --no-website.")
    if subject_type == "public" and not no_website:
        raise click.UsageError("--subject-type public is for --no-website alone: people’s identifiers stay apart.")
    kind = kind or SERVER
    with opened() as tools:
        uris = [making.on_site(uri, domain, kind, tools.oauth.provider) for uri in redirect_uri]
        website = websites.get_claim(domain) if domain is not None else None
        described = settings.new(
            kind,
            name,
            uris,
            website.grade if website else PERSONAL,
            development=tools.settings.development,
            public_subject=subject_type == "public",
        )
        with_more = _with(described, scope, grant, legacy, development=tools.settings.development)
        number = website.id if website else None
        vault = tools.vault
        made = registry.register(with_more, number, origin="operator", by=None, vault=vault, legacy=legacy)
        click.echo(f"issuer     {tools.oauth.provider.issuer}")
        click.echo(f"client_id  {made.client_id}")
        if made.secret is not None:
            click.echo(f"secret     {made.secret}")


@group.command("list")
@click.argument("domain", required=False)
def list_clients(domain: str | None) -> None:
    """Show every program, or those of DOMAIN."""
    with opened():
        for row in store.list_clients():
            if domain is None or row.domain == domain:
                click.echo(_line(row))


@group.command()
@click.argument("client_id")
@click.option("--drop", is_flag=True, help="End the older secret first, if two live.")
def rotate(client_id: str, drop: bool) -> None:
    """Give CLIENT_ID a second secret, said this once; the first goes on living until it is dropped."""
    with opened() as tools:
        row = _get(client_id)
        living = store.list_secrets(row.id)
        if drop and len(living) >= tools.limits.secrets_per_client:
            registry.remove_secret(row.id, living[0].id, client_id=client_id, by=None)
        described = metadata.kept(row.details)
        vault, limits = tools.vault, tools.limits
        click.echo(registry.add_secret(row.id, described, client_id=client_id, by=None, vault=vault, limits=limits))


@group.command()
@click.argument("client_id")
def remove(client_id: str) -> None:
    """End CLIENT_ID with its secrets and every token of it, at once."""
    with opened():
        row = _get(client_id)
        registry.remove(row.id, client_id=client_id, by=None)
        click.echo(f"{client_id}  removed")


def _with(
    described: ClientMetadata, scope: str | None, grants: tuple[str, ...], legacy: tuple[str, ...], *, development: bool
) -> ClientMetadata:
    """The same with what an operator said beyond the usual; raises InvalidInput."""
    wanted = settings.current(described, ())
    scopes = frozenset(scope.split()) if scope is not None else wanted.scopes
    if unknown := sorted(set(grants) - settings.MORE_GRANTS.keys()):
        raise InvalidInput("grant_unknown", f"There is no further grant type {unknown[0]}.")
    more = replace(wanted, scopes=scopes, grants=frozenset(grants), legacy=frozenset(legacy))
    return settings.changed(described, (), more, development=development)


def _get(client_id: str) -> Row[Any]:
    for row in store.list_clients():
        if row.client_id == client_id:
            return row
    raise NotFound(f"no client {client_id}")


def _line(row: Row[Any]) -> str:
    described = metadata.kept(row.details)
    secrets = " ".join(f"…{secret.hint}" for secret in store.list_secrets(row.id))
    switches = f"  legacy: {', '.join(row.legacy)}" if row.legacy else ""
    name = json.dumps(described.client_name, ensure_ascii=True)  # nothing in it steers a terminal
    kind = settings.kind_of(described)
    return (
        f"{row.client_id}  {row.domain or '(no website)'}  {kind}  {row.origin}  {name}  {secrets}{switches}".rstrip()
    )
