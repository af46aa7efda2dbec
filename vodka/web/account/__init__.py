"""/ and /account/…: what a person sees and undoes (FLOWS global status)."""

from __future__ import annotations

from vodka.web.account import applications, data, devices, history, home, password, sessions

BLUEPRINTS = tuple(module.blueprint for module in (home, applications, data, devices, history, password, sessions))
