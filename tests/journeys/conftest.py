"""Fixtures of the journeys: one vodka and one website per test process, and students with browsers of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.served import Served, served
from tests.journeys.student import MILLISECONDS, WIDTHS, Student, arrive
from tests.servers.smtp import SmtpServer

Arrive = Callable[..., Student]
expect.set_options(timeout=MILLISECONDS)


@pytest.fixture(scope="session")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """vodka and the example website; not started where there is no Chromium."""
    with SmtpServer() as smtp, served(tmp_path_factory.mktemp("served"), smtp) as running:
        yield running


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> str:
    """A phone, then a desk."""
    return str(request.param)


@pytest.fixture
def arriving(chromium: Browser, house: Served, width: str) -> Iterator[Arrive]:
    """Let students arrive, each with a browser of their own; in the end no page of any of them broke a rule."""
    came: list[Student] = []

    def one(email: str = "", **options: Any) -> Student:
        came.append(arrive(chromium, house, email, **WIDTHS[width] | options))
        return came[-1]

    yield one
    for student in came:
        student.context.close()
    assert [fault for student in came for fault in student.faults] == []


@pytest.fixture
def student(arriving: Arrive) -> Student:
    """A student who has never been here."""
    return arriving()
