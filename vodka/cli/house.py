"""What every command works with: an app, its context, and one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask

from vodka.app import create_app
from vodka.db import commit, db
from vodka.settings import Settings
from vodka.web.plumbing.means import EXTENSION, Means


@dataclass(frozen=True)
class House:
    """An app and what its routes work with."""

    app: Flask
    tools: Means


def build(settings: Settings | None = None) -> House:
    """The app of this environment; raises Misconfigured."""
    app = create_app(settings or Settings())
    return House(app, app.extensions[EXTENSION])


@contextmanager
def opened() -> Iterator[Means]:
    """The means of this environment inside an application context; what was done is committed, unless it failed."""
    house = build()
    with house.app.app_context():
        try:
            yield house.tools
            commit()
        finally:
            db.session.remove()
            db.engine.dispose()
