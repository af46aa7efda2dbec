"""One vodka for all programs of a test process; they take turns at its one website."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.served import served
from tests.servers.smtp import SmtpServer
from tests.snippets.owner import House


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """`vodka serve` with the website `localhost`, its owner and a student signed in."""
    folder = tmp_path_factory.mktemp("snippets")
    with SmtpServer() as smtp, served(folder, smtp) as vodka:
        yield House.of(vodka, folder)
