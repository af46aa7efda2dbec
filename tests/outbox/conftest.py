"""The database of these tests: SQLite in a file of its own for most, PostgreSQL as well where two workers race."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.outbox.house import application
from tests.servers.postgres import PostgresCluster


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application on SQLite; the test pushes its own contexts."""
    with application(f"sqlite:///{tmp_path / 'vodka.db'}") as made:
        yield made


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """The application's context for the whole test."""
    with app.app_context():
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def either_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on each of the two databases in turn."""
    url = f"sqlite:///{tmp_path / 'vodka.db'}"
    if request.param == "postgresql":
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        url = cluster.create_database().replace("postgresql://", "postgresql+psycopg://")
    with application(url) as made:
        yield made
