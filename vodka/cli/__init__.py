"""The `vodka` command tree, the same under `flask vodka`."""

from __future__ import annotations

import sys

import click
from pydantic import ValidationError

from vodka.cli import (
    applications,
    audit,
    clients,
    config,
    database,
    deletion,
    forward_auth,
    keys,
    run,
    sessions,
    sites,
    users,
)
from vodka.errors import Misconfigured, VodkaError


@click.group()
def tree() -> None:
    """State who you are at EPFL, to any website."""


_GROUPS = (
    *(applications.group, audit.group, clients.group, forward_auth.group, keys.group, sessions.group, sites.group),
    users.group,
)
for command in (*config.commands, *database.commands, *run.commands, *_GROUPS):
    tree.add_command(command)
users.group.add_command(deletion.delete)


def main() -> None:
    """Run a command; what is wrong is said in sentences, never as a trace."""
    try:
        tree(standalone_mode=True)
    except (Misconfigured, ValidationError) as error:
        for sentence in config.sentences(error):
            click.echo(sentence, err=True)
        sys.exit(2)
    except VodkaError as refusal:
        click.echo(" ".join(part for part in (refusal.public, getattr(refusal, "hint", "")) if part), err=True)
        sys.exit(1)
