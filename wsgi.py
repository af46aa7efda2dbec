"""For WSGI servers: `wsgi:app`."""

from __future__ import annotations

from vodka.app import create_app
from vodka.settings import Settings

app = create_app(Settings())
