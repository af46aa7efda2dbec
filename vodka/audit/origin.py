"""Where the present request comes from, for the audit: set by the web layer, empty for the command line and the worker."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """A request's shortened network and its id."""

    network: str = ""
    request_id: str = ""


_current: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - Origin is frozen


def current() -> Origin:
    """The origin of what is being done."""
    return _current.get()


def set_current(origin: Origin) -> None:
    """Say where the present request comes from."""
    _current.set(origin)
