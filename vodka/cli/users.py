"""`vodka user …`: the accounts."""

from __future__ import annotations

from collections.abc import Callable

import click

from vodka.accounts import access, store
from vodka.accounts.model import User
from vodka.cli.house import opened
from vodka.db import db
from vodka.login import devices
from vodka.sessions import overview


@click.group("user")
def group() -> None:
    """The people who signed in."""


@group.command("list")
def list_users() -> None:
    """Show every account."""
    with opened():
        for user in store.list_users():
            click.echo(_line(user))


@group.command()
@click.argument("address")
def show(address: str) -> None:
    """Show what is known of the account of ADDRESS."""
    with opened() as tools:
        user = store.get_user(address)
        click.echo(_line(user))
        click.echo(f"sciper    {user.sciper or 'not known'}")
        record = store.find_record(address)
        said = f"{record.outcome}, read {record.read_at:%Y-%m-%d %H:%M}" if record is not None else "nothing kept"
        click.echo(f"directory {said}")
        click.echo(f"sessions  {len(overview.list_for(user.id))}")
        for known in devices.list_for(user.id, None, tools.limits):
            click.echo(f"browser   {known.label}, last sign-in {known.last_used_at:%Y-%m-%d %H:%M}")


@group.command()
@click.argument("address")
def disable(address: str) -> None:
    """Shut ADDRESS out: every session ends at once, no login works."""
    _change(address, access.disable)


@group.command()
@click.argument("address")
def enable(address: str) -> None:
    """Let ADDRESS in again."""
    _change(address, access.enable)


def _change(address: str, act: Callable[[User], None]) -> None:
    with opened():
        user = store.get_user(address)
        act(user)
        db.session.refresh(user)
        click.echo(_line(user))


def _line(user: User) -> str:
    state = f"disabled since {user.disabled_at:%Y-%m-%d %H:%M}" if user.disabled_at is not None else "active"
    return f"{user.email or 'address handed on'}  {state}  since {user.created_at:%Y-%m-%d}"
