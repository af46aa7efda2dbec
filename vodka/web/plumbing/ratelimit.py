"""The outer shell of limits (Flask-Limiter): against noise on pages that guard no account. What guards one is counted in the
database, in the transaction of the act (traps T5).
"""

from __future__ import annotations

from typing import cast

from flask import Flask
from flask.typing import RouteCallable
from flask_limiter import Limiter, RequestLimit

from vodka import clock
from vodka.errors import TooMany
from vodka.login.requester import bucket
from vodka.web.plumbing.client import present_ip
from vodka.web.plumbing.means import Means


def install(app: Flask, tools: Means) -> None:
    """Limit the noisy routes of this app: counted in Redis where there is one, else in this process."""
    limiter = Limiter(
        key_func=lambda: bucket(present_ip()),
        app=app,
        storage_uri=tools.settings.redis_url or "memory://",
        strategy="moving-window",
        on_breach=_refuse,
        in_memory_fallback_enabled=bool(tools.settings.redis_url),  # Redis down: strict per process, never unlimited
    )
    limit = limiter.limit(f"{tools.limits.data_requests_per_minute} per minute")
    app.view_functions["data.data"] = cast(RouteCallable, limit(app.view_functions["data.data"]))


def _refuse(breached: RequestLimit) -> None:
    raise TooMany(
        "too_many_requests", "That is a little too fast. Please wait a moment.", breached.reset_at - clock.epoch()
    )
