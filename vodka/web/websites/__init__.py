"""/websites…: people register, prove, configure and watch their websites."""

from __future__ import annotations

from types import ModuleType

_ROUTES: tuple[ModuleType, ...] = ()

BLUEPRINTS = tuple(module.blueprint for module in _ROUTES)
