"""The answer, signed; and back to the website with it, in the way that its owner chose (websites.answering)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from vodka.handoff import website
from vodka.handoff.website import Statement
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import page
from vodka.websites.answering import FORM_POST, FRAGMENT
from vodka.websites.redirects import Redirect


def signed(session: LiveSession, statement: Statement, consent: int) -> str:
    """The DATA_JWT of what was accepted under this consent, by this app's key."""
    tools = means()
    return website.issue(
        session,
        statement,
        consent=consent,
        issuer=tools.settings.origin,
        keyring=tools.keyring,
        vault=tools.vault,
        limits=tools.limits,
    )


def answer_page(to: Redirect, mode: str, result: Sequence[tuple[str, str]], state: str | None) -> Response:
    """303 to the website, `Location` built from the validated parts, byte for byte (traps T3, RFC 9700 §4.12); or its form."""
    pairs = [*result] if state is None else [*result, ("state", state)]
    if mode == FORM_POST:
        # OAuth 2.0 Form Post Response Mode §2: a form that submits itself; without a script the person presses the button.
        # No language switch either: this page cannot be asked for again.
        template = "authorize/form_post.html"
        return page(template, open_form=True, action=to.url, domain=to.host, pairs=pairs, languages=())
    response = Response(status=303)
    response.headers["Location"] = to.with_fragment(pairs) if mode == FRAGMENT else to.with_params(pairs)
    return response
