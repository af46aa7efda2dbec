"""The link in the same mail (FLOWS 5): spent only by the browser that asked, harmless to mail scanners and other phones."""

from __future__ import annotations

from vodka import clock
from vodka.errors import NotFound
from vodka.login import store
from vodka.login.model import MagicLink
from vodka.login.proof import Proof
from vodka.onetime import digest


def follow(magic: str, question_id: str | None) -> Proof | None:
    """The proof, if this browser holds the QUESTION_ID of the mail; None if the link lives but belongs to another browser.

    Raises NotFound for a link that is unknown, used, replaced or over: one answer for all of them.
    """
    link = store.find_link(digest(magic))
    if link is None or link.used_at is not None or clock.is_over(link.expires_at):
        raise NotFound("no living link")
    if question_id is None or link.question != digest(question_id):
        return None
    # RFC 8176 has no value for a link in a mail; "otp" is "one-time password", sent by whatever way.
    return Proof(link.email, MagicLink, link.digest, link.question, "otp", link.return_to)
