"""The migrations: there and back again, and the models say nothing that they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from tests.conftest import Start
from tests.servers.postgres import PostgresCluster
from tests.vodka_under_test import CAMILLE, VodkaUnderTest
from vodka import models, schema
from vodka.db import Base, db
from vodka.errors import Unavailable

assert models  # every model is imported, so the metadata is whole


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, start: Start, tmp_path: Path) -> VodkaUnderTest:
    """A vodka on a database that has just gone through all migrations, of each kind."""
    if request.param == "sqlite":
        return start(database_url=f"sqlite:///{tmp_path / 'fresh.db'}")
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return start(database_url=cluster.create_database())


def differences() -> list[Any]:
    """What a new migration would have to change."""
    with db.engine.connect() as connection:
        return list(
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
        )


def tables() -> set[str]:
    """The tables that are there."""
    return set(inspect(db.engine).get_table_names())


def test_after_all_migrations_the_models_ask_for_nothing_more(fresh: VodkaUnderTest) -> None:
    """Empty → head: autogenerate finds nothing."""
    with fresh.app.app_context():
        assert schema.is_current()
        assert differences() == []
        assert tables() == {*Base.metadata.tables, "alembic_version"}


def test_the_migrations_lead_back_to_nothing_and_up_again(fresh: VodkaUnderTest) -> None:
    """Head → base → head: nothing is left in between, and the schema is whole in the end."""
    with fresh.app.app_context():
        schema.downgrade("base")
        assert tables() == {"alembic_version"}
        assert not schema.is_current()
        schema.upgrade()
        assert schema.is_current()
        assert differences() == []
        with pytest.raises(Unavailable, match="there is no signing key"):
            fresh.means.keyring.signing()


def test_an_upgrade_of_a_database_that_is_current_changes_nothing(fresh: VodkaUnderTest) -> None:
    """Data that is there stays."""
    fresh.signed_in(CAMILLE)
    with fresh.app.app_context():
        schema.upgrade()
    assert [row["email"] for row in fresh.rows("SELECT email FROM users")] == [CAMILLE]
