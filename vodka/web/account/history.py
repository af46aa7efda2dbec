"""GET /account/history: everything that happened with my account, as long as it is kept."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from vodka.errors import NotFound
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.cards.history import told
from vodka.web.plumbing.page import page

blueprint = Blueprint("account_history", __name__)
_PAGE = re.compile("[1-9][0-9]{0,4}")
_ON_A_PAGE = 50


@blueprint.get("/account/history")
def show() -> Response:
    """Newest first, fifty on a page."""
    session = identity.need_session()
    asked = body.read_query("page", "lang").get("page", "1")
    if not _PAGE.fullmatch(asked):
        raise NotFound("no such page of the history")
    number = int(asked)
    events = told(session.user_id, _ON_A_PAGE + 1, (number - 1) * _ON_A_PAGE)
    return page(
        "account/history.html",
        events=events[:_ON_A_PAGE],
        newer=number - 1 if number > 1 else None,
        older=number + 1 if len(events) > _ON_A_PAGE else None,
    )
