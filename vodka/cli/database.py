"""`vodka db …` and `vodka janitor`."""

from __future__ import annotations

import click

from vodka import janitor, schema
from vodka.cli.house import opened


@click.group("db")
def group() -> None:
    """The database's schema."""


@group.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to date, and make the first signing key."""
    with opened() as tools:
        schema.upgrade(revision)
        tools.keyring.ensure()
    click.echo("The database is up to date.")


@group.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the schema back to an earlier revision."""
    with opened():
        schema.downgrade(revision)


@group.command()
@click.option("-m", "--message", required=True, help="What the migration is for.")
def revision(message: str) -> None:
    """Write a migration from what the models say more than the database (for developers)."""
    with opened():
        written = schema.revise(message)
    click.echo("Read it before you trust it." if written else "The database already holds all that the models say.")


@click.command("janitor")
def sweep() -> None:
    """Forget what is past its time. The worker does the same every hour."""
    with opened() as tools:
        for kind, number in janitor.clean(tools.limits, tools.vault).items():
            click.echo(f"{kind}: {number}")


commands = (group, sweep)
