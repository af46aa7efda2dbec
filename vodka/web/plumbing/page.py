"""Rendering a page: what every template knows besides its own context."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urlencode

from flask import Response, make_response, render_template, request

from vodka.language import LANGUAGES, NATIVE_NAMES, words
from vodka.paths import STATIC
from vodka.web.plumbing import cookies, csrf, identity
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.means import means
from vodka.web.plumbing.security_headers import OPEN_FORM_POLICY

_YEAR = 365 * 86400


@dataclass(frozen=True)
class Shown:
    """The person in the header."""

    email: str
    name: str | None = None


def page(template: str, status: int = 200, *, open_form: bool = False, **context: object) -> Response:
    """An HTML answer. `open_form`: a form of this page may end at another site, see security_headers."""
    session = identity.session()
    language = present_language()
    everywhere = {
        "lang": language,
        "languages": [(code, NATIVE_NAMES[code], _switch_to(code)) for code in LANGUAGES],
        "person": Shown(session.email) if session else None,
        "csrf_token": csrf.token_for(session) if session else None,
        "profile_is_development": means().settings.development,
        "static_url": static_url,
    }
    response = make_response(render_template(template, **everywhere | context), status)
    if open_form:
        response.headers["Content-Security-Policy"] = OPEN_FORM_POLICY
    if request.args.get("lang") == language:
        cookies.give(response, "lang", language, _YEAR)
    return response


def done_of(notices: Mapping[str, str]) -> str | None:
    """What the page says was done: the notice that `?done=` names, in the reader's language."""
    # a link on another website cannot make the page say that something was done
    notice = None if csrf.is_foreign() else notices.get(request.args.get("done", ""))
    return words(present_language()).gettext(notice) if notice else None


@cache
def static_url(name: str) -> str:
    """The URL of a file under static/, with a digest of its content, so that it may be cached for a year."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def _switch_to(language: str) -> str:
    """The same page in another language; an answer to a POST leads to the page of the same path."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    query = [*(kept if request.method == "GET" else []), ("lang", language)]
    # A page that does not exist may have been asked for as //evil.example: its switch must not lead there.
    return f"/{quote(request.path.lstrip('/'))}?{urlencode(query)}"
