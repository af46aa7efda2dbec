"""The outer shell of limits (Flask-Limiter): against noise on pages that guard no account. What guards one is counted in the
database, in the transaction of the act (traps T5).
"""

from __future__ import annotations

from functools import wraps
from typing import Any, cast

from flask import Flask
from flask.typing import RouteCallable
from flask_limiter import Limiter, RateLimitExceeded

from vodka import clock
from vodka.errors import TooMany
from vodka.login.requester import bucket
from vodka.settings import Settings
from vodka.web.plumbing import identity
from vodka.web.plumbing.client import present_ip
from vodka.web.plumbing.means import Means, means
from vodka.web.plumbing.shared_counts import SHARED_COUNTS

_PATIENCE = 1  # seconds for Redis: a stalled one must not hold every request up (faults F-13)


def install(app: Flask, tools: Means) -> None:
    """Limit the noisy routes of this app."""
    redis = tools.settings.redis_url
    limiter = Limiter(
        key_func=_caller,
        app=app,
        storage_uri=_storage(tools.settings),
        storage_options={"socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE} if redis else {},
        strategy="moving-window",
        in_memory_fallback_enabled=bool(redis),  # Redis down: strict per process, never unlimited
    )
    allowed = f"{tools.limits.data_requests_per_minute} per minute"
    app.view_functions["data.data"] = _limited(limiter, allowed, app.view_functions["data.data"])


def _storage(settings: Settings) -> str:
    """Where is counted: in Redis where there is one; else in this process while it is the only one; else in the database."""
    return settings.redis_url or ("memory://" if settings.workers == 1 else SHARED_COUNTS)


def _limited(limiter: Limiter, allowed: str, view: RouteCallable) -> RouteCallable:
    limited = limiter.limit(allowed)(view)

    @wraps(view)
    def guarded(**arguments: Any) -> object:
        # Asked out here, since the limiter takes everything raised in it for an outage of its own storage.
        identity.session()
        try:
            return limited(**arguments)
        except RateLimitExceeded as breach:
            assert limiter.current_limit is not None
            wait = limiter.current_limit.reset_at - clock.epoch()
            sentence = "That is a little too fast. Please wait a moment."
            raise TooMany("too_many_requests", sentence, wait) from breach

    return cast(RouteCallable, guarded)


def _caller() -> str:
    """Whose requests are counted together: those of a session, or, without one, of a client's address.

    As a MAC, so that no address of anybody stands in the storage.
    """
    session = identity.session()
    who = session.digest.hex() if session else bucket(present_ip())
    return means().vault.mac("requests by", who).hex()
