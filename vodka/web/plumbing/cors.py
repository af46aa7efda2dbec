"""Which pages of other origins may read an answer: those that the owner of a verified website listed, exactly (NOTES, COR-).

A route that says nothing lets nobody. What is said is never `*` beside credentials, never `null`, and always `Vary: Origin`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import Response, current_app, g, request

from vodka.web.plumbing.means import means
from vodka.websites import registry

View = TypeVar("View", bound=Callable[..., object])
_HEADERS = "content-type"
_HEADERS_OF_SCRIPTS = "authorization, content-type, dpop"  # RFC 6749 §2.3.1, RFC 6750 §2.1, RFC 9449 §4.1
_PREFLIGHT_SECONDS = "600"  # Fetch standard, CORS-preflight cache: Chromium keeps two hours at most


def for_listed_origins(view: View) -> View:
    """Mark a route whose answers pages of listed origins may read; cookies do not count there."""
    view.cors = {"Methods": "POST", "Headers": _HEADERS}  # type: ignore[attr-defined]
    return view


def for_scripts(methods: str) -> Callable[[View], View]:
    """The same for a route of OAuth, by these methods: a script there shows tokens and proofs, and reads what is wrong."""

    def mark(view: View) -> View:
        view.cors = {"Methods": methods, "Headers": _HEADERS_OF_SCRIPTS}  # type: ignore[attr-defined]
        return view

    return mark


def look() -> None:
    """Before every request: whether its origin may read the answer. After it, the answer may be that of an outage."""
    origin = request.headers.get("Origin", "")
    if _allowed() and registry.lists_origin(origin, development=means().settings.development):
        g.listed_origin = origin


def admits() -> bool:
    """Whether this request comes from a listed origin, to a route that admits them."""
    return "listed_origin" in g


def answer(response: Response) -> Response:
    """Tell the browser, after every request."""
    allowed = _allowed()
    if allowed:
        response.vary.add("Origin")
    if not admits():
        return response
    response.headers["Access-Control-Allow-Origin"] = g.listed_origin
    if request.method == "OPTIONS":
        for what, names in allowed.items():
            response.headers[f"Access-Control-Allow-{what}"] = names
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    elif "WWW-Authenticate" in response.headers:
        response.headers["Access-Control-Expose-Headers"] = "www-authenticate"
    return response


def _allowed() -> Mapping[str, str]:
    """What a preflight is told; nothing for a route that is not marked."""
    view = current_app.view_functions.get(request.endpoint or "")
    found: Mapping[str, str] = getattr(view, "cors", {})
    return found
