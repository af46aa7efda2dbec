"""`vodka application …`: what websites keep behind a reverse proxy that asks vodka (docs/forward-auth.md)."""

from __future__ import annotations

import click

from vodka.cli.house import opened
from vodka.handoff import applications, snippets
from vodka.handoff.owned import Wish, rule_of
from vodka.handoff.scoped import store
from vodka.websites.store import get_claim


@click.group("application")
def group() -> None:
    """Applications behind a reverse proxy."""


@group.command()
@click.argument("domain")
@click.argument("url")
@click.option("--students", is_flag=True, help="Let students pass.")
@click.option("--section", multiple=True, help="Let a section pass, such as SC; repeatable.")
@click.option("--address", multiple=True, help="Let one person pass; repeatable.")
@click.option("--group", "groups", multiple=True, help="Let an affiliation or a level pass, such as MA4; repeatable.")
@click.option("--public", multiple=True, metavar="PATH", help="Open to everybody, below the application; repeatable.")
@click.option("--method", multiple=True, help="Let only these methods pass; repeatable.")
@click.option("--network", multiple=True, help="Proxies there need no secret; repeatable.")
def add(
    domain: str,
    url: str,
    students: bool,
    section: tuple[str, ...],
    address: tuple[str, ...],
    groups: tuple[str, ...],
    public: tuple[str, ...],
    method: tuple[str, ...],
    network: tuple[str, ...],
) -> None:
    """Put URL of DOMAIN behind vodka; without a word on who may pass, everybody who can sign in may."""
    with opened() as tools:
        wish = Wish(students, section, groups, address, public, tuple(each.upper() for each in method))
        rule = rule_of(wish, frozenset(tools.settings.email_domains))
        website = get_claim(domain)
        number = applications.create(
            website,
            url,
            rule,
            network,
            website.owner_id,
            development=tools.settings.development,
            limits=tools.limits,
        )
        secret = applications.make_secret(website, number, website.owner_id, tools.limits)
        click.echo(f"application {number}")
        click.echo(f"the secret of its proxy, shown this once: {secret}")


@group.command("list")
@click.argument("domain")
def list_all(domain: str) -> None:
    """The applications of DOMAIN, with the last characters of their secrets."""
    with opened():
        for row in store.list_of_website(get_claim(domain).id):
            secrets = ", ".join(f"{each.id} …{each.hint}" for each in store.list_secrets(row.id))
            click.echo(f"{row.id}  {row.origin}{row.path}  secrets: {secrets or 'none'}")


@group.command()
@click.argument("domain")
@click.argument("number", type=int)
@click.argument("proxy", type=click.Choice(list(snippets.PROXIES)))
@click.option("--vodka", metavar="URL", help="How the proxy reaches vodka, where not by its public address.")
@click.option(
    "--upstream", metavar="URL", default=snippets.UPSTREAM, show_default=True, help="Where the application listens."
)
def snippet(domain: str, number: int, proxy: str, vodka: str | None, upstream: str) -> None:
    """The configuration of PROXY for application NUMBER of DOMAIN, with THE_SECRET in place of its secret."""
    with opened() as tools:
        application = applications.get(get_claim(domain), number)
        asked = snippets.place(vodka) if vodka else None
        where = snippets.place(upstream)
        click.echo(snippets.snippet(proxy, application.scope, tools.settings.origin, vodka=asked, upstream=where).text)


@group.command()
@click.argument("domain")
@click.argument("number", type=int)
def secret(domain: str, number: int) -> None:
    """A further secret for the proxies of application NUMBER of DOMAIN."""
    with opened() as tools:
        website = get_claim(domain)
        click.echo(applications.make_secret(website, number, website.owner_id, tools.limits))


@group.command()
@click.argument("domain")
@click.argument("number", type=int)
@click.argument("secret_number", type=int)
def forget_secret(domain: str, number: int, secret_number: int) -> None:
    """End a secret of application NUMBER of DOMAIN, at once."""
    with opened():
        website = get_claim(domain)
        applications.remove_secret(website, number, secret_number, website.owner_id)


@group.command()
@click.argument("domain")
@click.argument("number", type=int)
def remove(domain: str, number: int) -> None:
    """Forget application NUMBER of DOMAIN; nobody passes there any more."""
    with opened():
        website = get_claim(domain)
        applications.remove(website, number, website.owner_id)
