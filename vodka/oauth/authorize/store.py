"""Queries on pushed authorization requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from vodka import clock
from vodka.db import execute, table
from vodka.oauth.model import PushedRequest
from vodka.oauth.request import Pairs

PUSHED = table(PushedRequest)


def add_pushed(digest: bytes, client: int, parameters: Pairs, expires_at: datetime) -> None:
    """Keep a pushed request."""
    row = {"digest": digest, "client": client, "parameters": [list(pair) for pair in parameters]}
    times = {"created_at": clock.now(), "expires_at": expires_at, "used_at": None, "attempts": 0}
    execute(insert(PUSHED), row | times)


def find_pushed(digest: bytes) -> Row[Any] | None:
    """A pushed request, in whatever state."""
    return execute(select(PUSHED).where(PUSHED.c.digest == digest)).one_or_none()
