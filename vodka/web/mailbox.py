"""The mails that vodka sent, on a page: development only, so that nobody needs a mail server to try it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, jsonify

from vodka.outbox import letters
from vodka.outbox import store as outbox
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import page

blueprint = Blueprint("mailbox", __name__)
_NEWEST = 20


@dataclass(frozen=True)
class Delivered:
    """One mail as the page shows it."""

    number: str
    to: str
    subject: str
    at: datetime
    text: str
    code: str | None


@blueprint.get("/dev/mailbox")
def mailbox() -> Response:
    """The newest mails."""
    return page("dev/mailbox.html", mails=_delivered())


@blueprint.get("/dev/mailbox.json")
def mailbox_json() -> Response:
    """The same for scripts."""
    return jsonify([{**vars(mail), "at": mail.at.isoformat()} for mail in _delivered()])


def _delivered() -> list[Delivered]:
    tools = means()
    found = []
    for row in outbox.list_recent(_NEWEST):
        context = outbox.open_context(tools.vault, row)
        subject, text, _html = letters.render(row.kind, row.lang, context, tools.settings.origin)
        found.append(Delivered(row.id, row.to_address, subject, row.created_at, text, context.get("code")))
    return found
