"""What the mails of a login say. They are promised in the transaction of the question and written out by the worker."""

from __future__ import annotations

from dataclasses import dataclass

from vodka import clock
from vodka.language import words
from vodka.limits import Limits
from vodka.login.requester import Requester
from vodka.outbox import store as outbox
from vodka.sealing import Vault

KIND = "login_code"
NEW_DEVICE = "new_device"
PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a mail


@dataclass(frozen=True)
class LoginMail:
    """The facts of one mail; nothing in it was typed by whoever asked."""

    code: str | None  # None: only the link
    link: str
    not_me: str  # the link that says "this was not me"
    domain: str | None  # the website that waits for this login
    browser: str
    place: str


def promise(mail: LoginMail, to: str, language: str, limits: Limits, vault: Vault) -> None:
    """Put the mail into the outbox; it is worth nothing once its code is over."""
    numbers = {"minutes": limits.code_lifetime // 60, "link_hours": limits.link_lifetime // 3600}
    outbox.add(vault, KIND, to, language, vars(mail) | numbers, clock.after(limits.code_lifetime))


def warn_of_new_device(requester: Requester, to: str, limits: Limits, vault: Vault) -> None:
    """Promise a mail that says from which browser, whence and when somebody signed in; nothing in it was typed by anybody.

    It is worth sending for as long as that session may live.
    """
    outbox.add(vault, NEW_DEVICE, to, requester.language, _facts(requester), clock.after(limits.session_lifetime))


def warn_of_password(requester: Requester, to: str, limits: Limits, vault: Vault) -> None:
    """Promise a mail that says from which browser, whence and when a password was set or changed."""
    outbox.add(vault, PASSWORD_CHANGED, to, requester.language, _facts(requester), clock.after(limits.session_lifetime))


def _facts(requester: Requester) -> dict[str, str]:
    when = words(requester.language).moment(clock.now())
    return {"browser": requester.browser, "place": requester.place, "when": when}
