"""`vodka audit …`: whether what happened is still what was written down, and all of it as JSON lines."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Row

from vodka.audit.chain import Chain
from vodka.cli.house import opened
from vodka.db import commit
from vodka.web.plumbing.means import Means


@click.group("audit")
def group() -> None:
    """What happened."""


@group.command()
def verify() -> None:
    """Compare every event with the chain; says which one was changed, removed or inserted, and fails then."""
    with opened() as tools:
        number = _sealed(tools).verify()
    click.echo(f"{number} events, and the chain is whole.")


@group.command()
def export() -> None:
    """Print every event as one line of JSON, oldest first, with all that it takes to verify the chain elsewhere."""
    with opened() as tools:
        for event in _sealed(tools).events():
            click.echo(json.dumps({name: _plain(value) for name, value in _fields(event).items()}, ensure_ascii=False))


def _sealed(tools: Means) -> Chain:
    chain = Chain(tools.vault, tools.limits)
    for _ in chain.seal_all():
        commit()
    return chain


def _fields(event: Row[Any]) -> dict[str, Any]:
    return dict(event._mapping)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value
