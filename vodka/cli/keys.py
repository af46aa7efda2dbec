"""`vodka keys …`: the keys that sign what leaves vodka."""

from __future__ import annotations

import click

from vodka import clock
from vodka.audit import store as audit
from vodka.cli.house import opened
from vodka.errors import NotFound
from vodka.keys import store
from vodka.keys.model import SigningKey


@click.group("keys")
def group() -> None:
    """The signing keys."""


@group.command("list")
def list_keys() -> None:
    """Show every key and what it does now."""
    with opened():
        for key in store.list_all():
            click.echo(f"{key.kid}  {key.algorithm}  made {key.created_at:%Y-%m-%d %H:%M}  {_state(key)}")


@group.command()
@click.option("--at-once", is_flag=True, help="Sign with the new key now, before every cache has seen it.")
def rotate(at_once: bool) -> None:
    """Add a key for each algorithm: published now, signing soon; the older ones until their last token is over."""
    with opened() as tools:
        kids = [tools.keyring.rotate(algorithm, at_once=at_once) for algorithm in tools.keyring.algorithms]
        for kid in kids:
            audit.add("key.rotated", subject=kid)
    for kid in kids:
        click.echo(kid)


@group.command()
@click.argument("kid")
def withdraw(kid: str) -> None:
    """Take a key out of use and out of sight at once: for a key that is no longer secret."""
    with opened() as tools:
        if not tools.keyring.withdraw(kid):
            raise NotFound(kid)
        audit.add("key.withdrawn", subject=kid)
        tools.keyring.ensure()


def _state(key: SigningKey) -> str:
    if key.withdrawn_at is not None:
        return f"withdrawn {key.withdrawn_at:%Y-%m-%d %H:%M}"
    if key.retired_at is not None:
        return ("gone" if clock.is_over(key.retired_at) else "published") + f" until {key.retired_at:%Y-%m-%d %H:%M}"
    return "signs" if clock.is_over(key.active_from) else f"signs from {key.active_from:%Y-%m-%d %H:%M}"
