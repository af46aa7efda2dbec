"""The `vodka` command tree, the same under `flask vodka`."""

from __future__ import annotations

import sys

import click
from pydantic import ValidationError

from vodka.cli import config, database, keys, run, sites
from vodka.errors import Misconfigured, VodkaError


@click.group()
def tree() -> None:
    """State who you are at EPFL, to any website."""


for command in (*config.commands, *database.commands, *run.commands, keys.group, sites.group):
    tree.add_command(command)


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
