"""One served vodka on four workers for each of the two databases, shared by the races of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.races.served import Served, served
from tests.servers.postgres import PostgresCluster
from tests.servers.smtp import SmtpServer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Every limit is the one in force, but the one that counts wrong answers everywhere: the races add up."""
    settings = {}
    if request.param == "postgresql":
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        settings["database_url"] = cluster.create_database()
    limits = {"wrong_answers_overall": 1_000_000}
    folder = tmp_path_factory.mktemp("served")
    with SmtpServer() as smtp, served(folder, smtp, "--workers", "4", limits=limits, **settings) as started:
        yield started
