"""Which pages of other origins may read an answer: those that the owner of a verified website listed, exactly (NOTES, COR-).

A route that says nothing lets nobody. What is said is never `*` beside credentials, never `null`, and always `Vary: Origin`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Response, current_app, g, request

from vodka.web.plumbing.means import means
from vodka.websites import registry

View = TypeVar("View", bound=Callable[..., object])
_METHODS = "POST"
_HEADERS = "content-type"
_PREFLIGHT_SECONDS = "600"  # Fetch standard, CORS-preflight cache: Chromium keeps two hours at most


def for_listed_origins(view: View) -> View:
    """Mark a route whose answers pages of listed origins may read; cookies do not count there."""
    view.cors = True  # type: ignore[attr-defined]
    return view


def look() -> None:
    """Before every request: whether its origin may read the answer. After it, the answer may be that of an outage."""
    origin = request.headers.get("Origin", "")
    if _is_marked() and registry.lists_origin(origin, development=means().settings.development):
        g.listed_origin = origin


def admits() -> bool:
    """Whether this request comes from a listed origin, to a route that admits them."""
    return "listed_origin" in g


def answer(response: Response) -> Response:
    """Tell the browser, after every request."""
    if _is_marked():
        response.vary.add("Origin")
    if not admits():
        return response
    response.headers["Access-Control-Allow-Origin"] = g.listed_origin
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Allow-Headers"] = _HEADERS
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    return response


def _is_marked() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return hasattr(view, "cors")
