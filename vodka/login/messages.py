"""What the mails of a login say. They are promised in the transaction of the question and written out by the worker."""

from __future__ import annotations

from dataclasses import dataclass

from vodka import clock
from vodka.limits import Limits
from vodka.outbox import store as outbox
from vodka.sealing import Vault

KIND = "login_code"


@dataclass(frozen=True)
class LoginMail:
    """The facts of one mail; nothing in it was typed by whoever asked."""

    code: str | None  # None: only the link
    link: str
    domain: str | None  # the website that waits for this login
    browser: str
    place: str


def promise(mail: LoginMail, to: str, language: str, limits: Limits, vault: Vault) -> None:
    """Put the mail into the outbox; it is worth nothing once its code is over."""
    numbers = {"minutes": limits.code_lifetime // 60, "link_hours": limits.link_lifetime // 3600}
    outbox.add(vault, KIND, to, language, vars(mail) | numbers, clock.after(limits.code_lifetime))
