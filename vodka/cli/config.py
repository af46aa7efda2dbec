"""`vodka config check` and `vodka version`."""

from __future__ import annotations

from importlib.metadata import version as installed

import click
from pydantic import ValidationError

from vodka.app import create_app
from vodka.errors import Misconfigured
from vodka.settings import Settings


@click.group("config")
def group() -> None:
    """The settings of this environment."""


@group.command()
def check() -> None:
    """Say what is wrong, in one sentence each."""
    create_app(Settings())
    click.echo("The settings are sound.")


@click.command()
def version() -> None:
    """Say which vodka this is."""
    click.echo(installed("vodka"))


def sentences(error: Misconfigured | ValidationError) -> list[str]:
    """What is wrong, one sentence each; never the value, which may be a secret."""
    if isinstance(error, Misconfigured):
        return error.problems
    return [_sentence([str(part) for part in problem["loc"]], problem["msg"]) for problem in error.errors()]


def _sentence(place: list[str], message: str) -> str:
    return f"VODKA_{'__'.join(place).upper()}: {message}."


commands = (group, version)
