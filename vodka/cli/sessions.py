"""`vodka session …`: who is signed in where."""

from __future__ import annotations

import click

from vodka.accounts import store
from vodka.cli.house import opened
from vodka.sessions import lifecycle, overview
from vodka.sessions.overview import Seen


@click.group("session")
def group() -> None:
    """The living sessions of an account."""


@group.command("list")
@click.argument("address")
def list_sessions(address: str) -> None:
    """Show the sessions of ADDRESS, each with the name that `vodka session end` takes."""
    with opened():
        for seen in overview.list_for(store.get_user(address).id):
            for one in (seen, *seen.children):
                click.echo(_line(one))


@group.command()
@click.argument("address")
@click.argument("session", required=False)
@click.option("--all", "everything", is_flag=True, help="End every session of ADDRESS, and every token given out.")
def end(address: str, session: str | None, everything: bool) -> None:
    """End SESSION of ADDRESS, or all of them, at once and on every worker."""
    if (session is None) != everything:
        raise click.UsageError("Name one session, or say --all.")
    with opened():
        user = store.get_user(address)
        if session is None:
            lifecycle.end_all(user.id, address)
        else:
            click.echo(_line(overview.end_one(user.id, address, session)))


def _line(seen: Seen) -> str:
    times = f"since {seen.opened_at:%Y-%m-%d %H:%M}, last used {seen.last_used_at:%Y-%m-%d %H:%M}"
    return f"{seen.handle}  {seen.device}, {seen.place}, {times}"
