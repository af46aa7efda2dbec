"""The one bundle of doors to the outside world, typed, built once per process from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vodka.adapters.directory import Directory
    from vodka.adapters.dns import TxtLookup
    from vodka.adapters.fetch import Fetcher
    from vodka.adapters.mail import Mailer


@dataclass(frozen=True)
class Services:
    """What vodka needs from outside: who may be asked, and how."""

    mailer: Mailer | None
    txt: TxtLookup
    directory: Directory
    fetch: Fetcher
