"""After an act: back to a page by GET, so that a reload repeats nothing (RFC 9110 §15.4.4)."""

from __future__ import annotations

from flask import Response, redirect


def see_other(location: str) -> Response:
    """303 to a path of ours."""
    response = redirect(location, 303)
    assert isinstance(response, Response)
    return response


def back_home(done: str, card: str) -> Response:
    """Back to a card of the account page, which says what was done: a word that `web.account.home` has a sentence for."""
    return see_other(f"/?done={done}&at={card}#done")
