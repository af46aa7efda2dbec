"""One vodka, one application and one of each proxy for a file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.proxies.front import LIFTED, SERVERS, Front, configuration
from tests.proxying import APP, Protected
from tests.races.served import Served, served
from tests.servers.application import Application
from tests.servers.smtp import SmtpServer
from vodka.handoff.passing import Rule


@dataclass(frozen=True)
class Guarded:
    """A served vodka and the application that it guards."""

    house: Served
    application: Application
    app: Protected


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Two workers, so that what ends on one is felt on the other."""
    folder: Path = tmp_path_factory.mktemp("guarded")
    limits = {"resend_interval": 0} | dict.fromkeys(LIFTED, 1000)
    with (
        SmtpServer() as smtp,
        served(folder, smtp, "--workers", "2", limits=limits) as house,
        Application() as application,
    ):
        rule = Rule(public=(("open",),), methods=frozenset({"GET", "HEAD", "POST"}))
        yield Guarded(house, application, Protected.of(house.vodka, APP, rule))


@pytest.fixture(scope="module", params=list(SERVERS))
def running(
    request: pytest.FixtureRequest, guarded: Guarded, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int]]:
    """Each proxy in its turn, and where it listens."""
    word: str = request.param
    text = configuration(guarded.house, guarded.application, guarded.app, word)
    with SERVERS[word](tmp_path_factory.mktemp(word), text) as port:
        yield word, port


@pytest.fixture
def front(running: tuple[str, int], guarded: Guarded) -> Front:
    """A browser without cookies in front of it."""
    word, port = running
    guarded.application.asked.clear()
    return Front(port, guarded.application, guarded.house, proxy=word)
