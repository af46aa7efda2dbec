"""The form of a consent page, which four routes are answered by: what was decided, with its ticket, that is spent by reading it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vodka.consent import remembered
from vodka.consent import ticket as tickets
from vodka.consent.ticket import Ticket
from vodka.errors import InvalidInput
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body
from vodka.web.plumbing.means import means


@dataclass(frozen=True)
class Decided:
    """What was pressed, about which ticket, remembered until when if at all; `sent` is the form."""

    is_accepted: bool
    ticket: Ticket
    end: datetime | None
    sent: Mapping[str, str]


def read(session: LiveSession, *more: str) -> Decided:
    """The decision of this session; `more`: further parts of the form. Raises InvalidInput, and SecretRejected for a ticket
    that waited too long, was answered before, or is another session's.
    """
    sent = body.read_form("ticket", "decision", "remember", *more, many=("field",))
    if sent.get("decision") not in ("accept", "deny"):
        raise InvalidInput("bad_decision", "Please choose to accept or to deny.")
    end = remembered.until(sent.get("remember", remembered.ONCE), means().limits)
    ticket = tickets.spend(sent.get("ticket", ""), session.digest, means().vault)
    return Decided(sent["decision"] == "accept", ticket, end, sent)
