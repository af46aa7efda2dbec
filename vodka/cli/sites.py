"""`vodka site …`: the websites that may ask."""

from __future__ import annotations

import click

from vodka.accounts import emails
from vodka.accounts.fields import GRADES, PERSONAL, Wanted
from vodka.accounts.identity import account_of
from vodka.accounts.people import find_person
from vodka.cli.house import opened
from vodka.web.plumbing.means import Means
from vodka.websites import registry, store, verification
from vodka.websites.answering import MODES, QUERY
from vodka.websites.model import Website
from vodka.websites.places import places_of
from vodka.websites.watch import operating, reports
from vodka.websites.watch import store as watch

_SHORT = {"dns": "DNS", "file": "file", "meta": "tag"}


@click.group("site")
def group() -> None:
    """The websites that may ask students who they are."""


@group.command()
@click.argument("domain")
@click.option("--owner", required=True, help="The owner's EPFL address.")
@click.option("--name", default="", help="What the site calls itself.")
@click.option("--description", default="", help="What it is for, in a sentence.")
@click.option("--require", multiple=True, metavar="FIELD[=PURPOSE]", help="A field it cannot do without; repeatable.")
@click.option("--offer", multiple=True, metavar="FIELD[=PURPOSE]", help="A field the student may add; repeatable.")
@click.option(
    "--grade", type=click.Choice(list(GRADES)), default=PERSONAL, help="How much it learns; personal if not said."
)
@click.option("--reason", default="", help="Why it needs to know the person.")
@click.option(
    "--mode", type=click.Choice(MODES), default=QUERY, help="How the answer gets back; in the query if not said."
)
@click.option("--callback", multiple=True, help="An exact address to go back to; with one, no other is good.")
@click.option("--verified", is_flag=True, help="Vouch for the site instead of asking for a proof.")
def add(
    domain: str,
    owner: str,
    name: str,
    description: str,
    require: tuple[str, ...],
    offer: tuple[str, ...],
    grade: str,
    reason: str,
    mode: str,
    callback: tuple[str, ...],
    verified: bool,
) -> None:
    """Register DOMAIN for its owner, or change what is registered."""
    with opened() as tools:
        website = registry.register(
            domain,
            _owner(owner, tools),
            name=name,
            description=description,
            wanted=[*_wanted(require, essential=True), *_wanted(offer, essential=False)],
            grade=grade,
            reason=reason,
            mode=mode,
            callbacks=callback,
            limits=tools.limits,
            development=tools.settings.development,
        )
        if verified:
            verification.accept(website, "operator", tools.vault, tools.limits)
        else:
            _say_how_to_prove(website, tools)
        click.echo(_line(website))


@group.command("list")
def list_sites() -> None:
    """Show every registered website."""
    with opened():
        for website in store.list_websites():
            click.echo(_line(website))


@group.command()
@click.argument("domain")
def verify(domain: str) -> None:
    """Look for the proof of DOMAIN now."""
    with opened() as tools:
        prover = verification.Prover(tools.services.txt, tools.services.fetch, tools.limits)
        website = store.get_claim(domain)
        looked = verification.prove(website, prover, tools.vault, tools.limits)
        click.echo(f"{website.domain}: {looked.seen}")
        for found in looked.found:
            texts = "".join(f' "{text}"' for text in found.texts if not found.holds)
            click.echo(f"  {_SHORT[found.place.method]:4}  {found.sentence('en')}{texts}")
        if looked.method is None:
            _say_how_to_prove(website, tools)


@group.command()
@click.argument("domain")
@click.option("--lift", is_flag=True, help="End the suspension.")
def suspend(domain: str, lift: bool) -> None:
    """Stop handing anything to DOMAIN, at once."""
    with opened() as tools:
        website = store.get_claim(domain)
        if lift:
            registry.resume(website)
        else:
            operating.stop(website, None, tools.vault, tools.limits)
        click.echo(_line(website))


@group.command("reports")
def list_reports() -> None:
    """Show the reports that nobody has dealt with, never whose they are."""
    with opened():
        for row in watch.list_open_reports():
            click.echo(f"{row.domain}  {row.at:%Y-%m-%d %H:%M}  {reports.LABELS[row.kind]}  {row.words}".rstrip())


@group.command()
@click.argument("domain")
def approve(domain: str) -> None:
    """Let visitors see the words of DOMAIN, which are shown here; others that come later wait again."""
    with opened():
        website = store.get_claim(domain)
        operating.approve(website, operating.digest_of(website), None)
        click.echo(f"{website.domain}  approved: {website.name}  {website.description}".rstrip())


def _owner(address: str, tools: Means) -> int:
    email = emails.parse(address, frozenset(tools.settings.email_domains))
    finding = find_person(tools.services.directory, email, tools.limits)
    return int(account_of(email, finding, tools.vault).id)


def _wanted(fields: tuple[str, ...], *, essential: bool) -> list[Wanted]:
    split = (field.partition("=") for field in fields)
    return [Wanted(key, essential, purpose) for key, _, purpose in split]


def _say_how_to_prove(website: Website, tools: Means) -> None:
    token = verification.challenge_of(website, tools.limits).token
    name, file, home = places_of(website.domain, token)
    click.echo("Prove the domain by one of these, then run `vodka site verify`:")
    click.echo(f'  DNS   {name.where}. TXT "{name.expected}"')
    click.echo(f"  file  {file.where} holding only {file.expected}")
    click.echo(f"  tag   {home.where} with {home.expected} in its head")


def _line(website: Website) -> str:
    if website.suspended_at is not None:
        state = f"suspended ({website.suspended_why}) since {website.suspended_at:%Y-%m-%d}"
    elif website.verified_since is not None:
        state = f"verified ({website.verified_by}) since {website.verified_since:%Y-%m-%d}"
    else:
        state = "not verified"
    return f"{website.domain}  {state}  {website.name}"
