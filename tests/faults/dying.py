"""A process that answers one request and is killed at a chosen point of it: `python -m tests.faults.dying POINT < request`.

POINT is the number of the commit before which it dies, or 0: after everything, before the reply.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import Connection, event

from tests.vodka_under_test import ORIGIN
from vodka.app import from_environment
from vodka.db import db


def die() -> None:
    """kill -9: no handler, no rollback, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


def answer(point: int, request: dict[str, Any]) -> None:
    """Answer the request as far as the point."""
    app = from_environment()
    commits = 0

    def count(_connection: Connection) -> None:
        nonlocal commits
        commits += 1
        if commits == point:
            die()

    with app.app_context():
        event.listen(db.engine, "commit", count)
    client = app.test_client()
    for name, value in request.pop("cookies").items():
        client.set_cookie(name, value, domain=ORIGIN.partition("://")[2], secure=True)
    response = client.open(base_url=ORIGIN, headers={"Origin": ORIGIN}, **request)
    assert point == 0, f"the request had only {commits} commits and ended in {response.status}"
    die()


if __name__ == "__main__":
    answer(int(sys.argv[1]), json.load(sys.stdin))
