"""`vodka user delete`: forget a person, as their own button does."""

from __future__ import annotations

import click

from vodka.accounts.store import get_user
from vodka.cli.house import opened
from vodka.holdings.deletion import delete as delete_account
from vodka.holdings.store import Holder
from vodka.websites.owners.store import list_ending_with


@click.command()
@click.argument("address")
@click.confirmation_option(prompt="Delete this account and everything about its person?")
def delete(address: str) -> None:
    """Delete the account of ADDRESS; the audit keeps its acts under a pseudonym."""
    with opened():
        user_id = get_user(address).id
        gone = list_ending_with(user_id)
        delete_account(Holder(user_id, address))
        click.echo(f"{address}: deleted")
        for domain in gone:
            click.echo(f"{domain}: its website is no longer registered")
