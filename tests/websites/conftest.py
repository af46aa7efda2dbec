"""A vodka that finds its websites through a real DNS server and visits them over real https."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite
from tests.websites.proving import CLUB, HURRIED, Proving


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    """The DNS: the club's domain is on this machine."""
    with DnsServer(a={CLUB: ["127.0.0.1"]}, txt={}) as server:
        yield server


@pytest.fixture
def web() -> Iterator[HttpsSite]:
    """The club's web server, with nothing on it."""
    with HttpsSite(CLUB) as site:
        yield site


@pytest.fixture
def proving(start: Any, dns: DnsServer, web: HttpsSite) -> Proving:
    """A vodka on SQLite that looks for proofs there."""
    return Proving.on(start, dns, web)


@pytest.fixture
def hurried(start: Any, dns: DnsServer, web: HttpsSite) -> Proving:
    """The same, with little time for a look: where nobody answers it takes all of that."""
    return Proving.on(start, dns, web, limits=HURRIED)


@pytest.fixture(params=["sqlite", "postgresql"])
def proving_on_each(request: pytest.FixtureRequest, start: Any, dns: DnsServer, web: HttpsSite) -> Proving:
    """The same on each of the two databases in turn."""
    if request.param == "sqlite":
        return Proving.on(start, dns, web)
    return Proving.on(start, dns, web, database_url=request.getfixturevalue("postgres").create_database())
