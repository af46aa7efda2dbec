"""After an act: back to a page by GET, so that a reload repeats nothing (RFC 9110 §15.4.4)."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, redirect

from vodka.sessions import lifecycle
from vodka.web.plumbing import identity
from vodka.web.plumbing.opening import take_cookies


def see_other(location: str) -> Response:
    """303 to a path of ours."""
    response = redirect(location, 303)
    assert isinstance(response, Response)
    return response


def back_home(done: str, card: str) -> Response:
    """Back to a card of the account page, which says what was done: a word that `web.account.home` has a sentence for."""
    return see_other(f"/?done={done}&at={card}#done")


def sign_in_again(path: str) -> Response:
    """End this session and begin a login that leads back to `path`: what a browser left open must not be able to do waits."""
    lifecycle.end(identity.need_session())
    identity.forget()
    response = see_other(f"/login?redirect={quote(path, safe='')}")
    take_cookies(response)
    return response
