"""/websites…: people register, prove, configure and watch their websites."""

from __future__ import annotations

from types import ModuleType

from vodka.web.websites import (
    answers,
    application,
    applications,
    asks,
    client,
    clients,
    code,
    entrance,
    logo,
    operator,
    overview,
    people,
    proof,
    removal,
    report,
    secrets,
)

_ROUTES: tuple[ModuleType, ...] = (
    answers,
    application,
    applications,
    asks,
    client,
    clients,
    code,
    entrance,
    logo,
    operator,
    overview,
    people,
    proof,
    removal,
    report,
    secrets,
)

BLUEPRINTS = tuple(module.blueprint for module in _ROUTES)
