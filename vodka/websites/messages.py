"""What the mails to those who keep a website say: its proof is missing, back, or somebody else's."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Row

from vodka import clock
from vodka.limits import Limits
from vodka.outbox import store as outbox
from vodka.sealing import Vault
from vodka.websites import store
from vodka.websites.model import Website
from vodka.websites.owners.store import list_co_owners

Kind = Literal["site_unproven", "site_suspended", "site_verified_again", "site_displaced", "site_stopped"]


def promise(kind: Kind, website: Website | Row[Any], vault: Vault, limits: Limits, **facts: object) -> None:
    """Put a mail to the owner and each co-owner into the outbox, in the language of the website.

    `facts`: what the templates of `kind` need besides the domain and the path of the page about its proof. After as long
    as the proof may be missing the mail is old news.
    """
    said = {"domain": website.domain, "page": f"/websites/{website.id}/proof", **facts}
    for address in _addresses(website):
        outbox.add(vault, kind, address, website.lang, said, clock.after(limits.recheck_grace))


def _addresses(website: Website | Row[Any]) -> list[str]:
    """Of those who keep the website; nobody is left to write to once an address went to somebody else."""
    people = [store.find_address_of(website.owner_id), *(row.email for row in list_co_owners(website.id))]
    return [address for address in people if address is not None]
