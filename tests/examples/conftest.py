"""A fresh vodka, played by a small server, and a browser at a fresh example website."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from examples.website.app import create_app
from tests.examples.fake_vodka import FakeVodka
from tests.examples.visit import SITE, Visit


@pytest.fixture(scope="module")
def http() -> Iterator[HTTPServer]:
    """One real HTTP server for the tests of one file."""
    with HTTPServer(host="127.0.0.1", port=0) as server:
        yield server


@pytest.fixture
def vodka(http: HTTPServer) -> FakeVodka:
    """A fresh vodka on it."""
    http.clear()
    return FakeVodka(http)


@pytest.fixture
def visit(vodka: FakeVodka) -> Visit:
    """A browser at a fresh site."""
    return Visit(vodka, create_app({"VODKA_URL": f"{vodka.url}/", "SITE_URL": f"{SITE}/"}).test_client())
