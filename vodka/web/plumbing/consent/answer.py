"""Back to the website with the answer, in the way that its owner chose (websites.answering)."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from vodka.web.plumbing.page import page
from vodka.websites.answering import FORM_POST, FRAGMENT
from vodka.websites.redirects import Redirect


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
