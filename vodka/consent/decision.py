"""What of a ticket the student agreed to."""

from __future__ import annotations

from collections.abc import Collection

from vodka.accounts.fields import Value
from vodka.consent.ticket import Ticket


def accepted(ticket: Ticket, ticked: Collection[str]) -> dict[str, Value]:
    """Exactly the fields that go out: the essential ones and those optional ones that were ticked; nothing else can be."""
    return {field.key: field.value for field in ticket.fields if field.essential or field.key in ticked}
