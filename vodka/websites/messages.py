"""What the mails to the owner of a website say: its domain was lost, and how to get it back."""

from __future__ import annotations

from typing import Literal

from vodka import clock
from vodka.language import LANGUAGES
from vodka.limits import Limits
from vodka.outbox import store as outbox
from vodka.sealing import Vault
from vodka.websites import store

Kind = Literal["site_suspended", "site_displaced"]


def promise(kind: Kind, domain: str, owner_id: int, vault: Vault, limits: Limits) -> None:
    """Put a mail to the owner into the outbox; nobody is left to write to once the address went to somebody else.

    In English: an owner's language is not kept. After as long as the proof may be missing the mail is old news.
    """
    to = store.find_address_of(owner_id)
    if to is not None:
        outbox.add(vault, kind, to, LANGUAGES[0], {"domain": domain}, clock.after(limits.recheck_grace))
