"""The consent page's ticket: what the page showed, sealed, good once, for this session and ten minutes (attacks CON-02…05).

It travels in the form and nowhere else; the database only learns of it when it is spent, so looking at a page writes nothing.
What is handed over is what the ticket holds: the very values that were shown.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from vodka import clock
from vodka.accounts.fields import Value, Wanted, value_of
from vodka.adapters.directory import Finding
from vodka.consent import store
from vodka.errors import NotPermitted, SecretRejected
from vodka.limits import Limits
from vodka.onetime import digest
from vodka.randomness import token
from vodka.sealing import SealBroken, Vault

_PURPOSE = "consent ticket"


@dataclass(frozen=True)
class Shown:
    """One field as the page showed it."""

    key: str
    value: Value
    essential: bool


def shown(wanted: Iterable[Wanted], email: str, finding: Finding) -> tuple[Shown, ...]:
    """The fields that a website wants, each with the very value that it would get."""
    return tuple(Shown(field.key, value_of(field.key, email, finding), field.essential) for field in wanted)


def said_at(finding: Finding) -> int | None:
    """When the directory said so, in seconds; None where it knows nobody."""
    return int(finding.read_at.timestamp()) if finding.person else None


@dataclass(frozen=True)
class Ticket:
    """What one consent page was about.

    `read_at` is when the directory said so, in seconds, or None; `asked` stands for the website's question (see
    consent.remembered), `grade` is how much of an identity goes out; `under` is the remembered consent that stands in for
    asking, or None. `client` is the OAuth client that asks, None for the website itself; `request` is what it sent, sealed.
    """

    redirect: str
    audience: str
    site: int
    fields: tuple[Shown, ...]
    state: str | None
    nonce: str | None
    read_at: int | None
    asked: str
    grade: str
    under: int | None = None
    client: str | None = None
    request: str = ""


def seal(ticket: Ticket, session: bytes, vault: Vault, limits: Limits) -> str:
    """The ticket for the form of a page shown in this session (its digest)."""
    over = clock.epoch() + limits.consent_ticket_lifetime
    content = json.dumps({"ticket": asdict(ticket), "id": token(), "over": over})
    return urlsafe_b64encode(vault.seal(_PURPOSE, content.encode(), session)).decode()


def spend(sealed: str, session: bytes, vault: Vault) -> Ticket:
    """The ticket, used up now.

    Raises NotPermitted for one that was altered or belongs to another session, SecretRejected for one that is over or used.
    """
    content = _open(sealed, session, vault)
    over = datetime.fromtimestamp(content["over"], UTC)
    if clock.is_over(over):
        raise SecretRejected("the consent page is over")
    if not store.spend_ticket(digest(content["id"]), over):
        raise SecretRejected("the consent page was used before")
    return _ticket(content)


def read(sealed: str, session: bytes, vault: Vault) -> Ticket:
    """What a ticket was about, also when it is over or used; raises NotPermitted as `spend` does."""
    return _ticket(_open(sealed, session, vault))


def _open(sealed: str, session: bytes, vault: Vault) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(vault.unseal(_PURPOSE, urlsafe_b64decode(sealed.encode()), session))
    except (SealBroken, NotBase64, ValueError) as error:
        raise NotPermitted("bad_ticket", "This page does not belong to your session.", type(error).__name__) from error
    return content


def _ticket(content: dict[str, Any]) -> Ticket:
    fields = tuple(Shown(**field) for field in content["ticket"]["fields"])
    return Ticket(**content["ticket"] | {"fields": fields})
