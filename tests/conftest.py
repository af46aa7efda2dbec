"""The fixtures of every test: a vodka on a fresh database, a real SMTP server, a clock that can be stopped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from tests.servers.chromium import chromium, page
from tests.servers.postgres import PostgresCluster, postgres
from tests.servers.redis import redis_server
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import ORIGIN, PEOPLE, SECRETS, Browser, VodkaUnderTest, running, write_people
from vodka.limits import Limits
from vodka.settings import Settings

__all__ = ["chromium", "page", "postgres", "redis_server"]

BEGINNING = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"
Start = Callable[..., VodkaUnderTest]


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[SmtpServer]:
    """The SMTP server of this test process."""
    with SmtpServer() as server:
        yield server


@pytest.fixture
def smtp(smtp_server: SmtpServer) -> SmtpServer:
    """The SMTP server, its letters taken away and its manners back."""
    smtp_server.reset()
    return smtp_server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, smtp_server: SmtpServer) -> Path:
    """An SQLite file that went through all migrations and holds the first key: copied for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    settings = Settings(**(_common(folder) | {"smtp_url": smtp_server.url}))
    with running(settings, smtp_server, write_people(folder / "people.json", PEOPLE)):
        pass
    return folder / "vodka.db"


@pytest.fixture
def start(tmp_path: Path, smtp: SmtpServer, migrated: Path) -> Iterator[Start]:
    """Start a vodka: keyword arguments are settings, `limits` a dictionary of numbers to change."""
    with ExitStack() as stack:

        def start_one(*, limits: dict[str, Any] | None = None, **settings: Any) -> VodkaUnderTest:
            people = write_people(tmp_path / "people.json", PEOPLE)
            if "database_url" not in settings and not (tmp_path / "vodka.db").exists():
                shutil.copy(migrated, tmp_path / "vodka.db")
            given = _common(tmp_path) | {"smtp_url": smtp.url, "limits": Limits(**(limits or {}))} | settings
            return stack.enter_context(running(Settings(**given), smtp, people))

        yield start_one


@pytest.fixture
def vodka(start: Start) -> VodkaUnderTest:
    """A production vodka at https://vodka.epfl.ch."""
    return start()


@pytest.fixture(params=["sqlite", "postgresql"])
def vodka_on_each(request: pytest.FixtureRequest, start: Start) -> VodkaUnderTest:
    """A vodka on each of the two databases in turn."""
    if request.param == "sqlite":
        return start()
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return start(database_url=cluster.create_database())


@pytest.fixture
def browser(vodka: VodkaUnderTest) -> Browser:
    """A browser that has never been here."""
    return vodka.browser()


@pytest.fixture
def freezer() -> Iterator[FrozenDateTimeFactory]:
    """A stopped clock: `freezer.tick(seconds)`, `freezer.move_to(moment)`."""
    with freeze_time(BEGINNING) as frozen:
        assert isinstance(frozen, FrozenDateTimeFactory)
        yield frozen


@pytest.fixture
def laptop(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> Browser:
    """Camille's laptop, signed in at nine."""
    browser = vodka.signed_in(ip="128.178.1.2")
    freezer.tick(3600)
    return browser


@pytest.fixture
def phone(laptop: Browser) -> Browser:
    """Camille's phone, signed in at ten."""
    return laptop.vodka.signed_in(ip="198.51.100.7", agent=IPHONE)


def _common(folder: Path) -> dict[str, Any]:
    directory = {"directory": "file", "directory_url": str(folder / "people.json")}
    return {"base_url": ORIGIN, "mail_from": "vodka@epfl.ch", "instance_dir": folder} | SECRETS | directory
