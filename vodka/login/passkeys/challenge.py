"""The challenge of a ceremony: random, good for one try within minutes, in the browser that asked for it (WebAuthn §13.4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row

from vodka import clock
from vodka.limits import Limits
from vodka.login.passkeys import store
from vodka.login.passkeys.credential import PasskeyRejected
from vodka.login.passkeys.model import PasskeyChallenge
from vodka.onetime import digest, spend_attempt
from vodka.randomness import token

Purpose = Literal["add", "sign in"]
_TRIES = 1  # a signature is right or wrong: there is nothing to correct


@dataclass(frozen=True)
class Ceremony:
    """A ceremony that began: the options for `navigator.credentials`, and PASSKEY_ID for the browser's cookie."""

    options: dict[str, Any]
    browser: str


def create(
    purpose: Purpose, browser: str | None, limits: Limits, *, user_id: int | None = None, return_to: str = "/"
) -> tuple[str, str]:
    """A new challenge, base64url, and the PASSKEY_ID of the browser: the one it has, so that two tabs do not disturb each other."""
    secret = browser if browser is not None and len(browser) <= 64 else token()
    challenge, over = token(), clock.after(limits.passkey_challenge_lifetime)
    bound = {"purpose": purpose, "browser": digest(secret), "user_id": user_id, "return_to": return_to}
    store.add_challenge({**bound, "digest": digest(challenge), "expires_at": over, "used_at": None})
    return challenge, secret


def spend(purpose: Purpose, challenge: str, browser: str | None) -> Row[Any]:
    """Spend the challenge for good, before anything is compared; raises PasskeyRejected."""
    row = spend_attempt(PasskeyChallenge, digest(challenge), _TRIES)
    if row is None:
        raise PasskeyRejected("the challenge is unknown, over or used")
    if browser is None or row.browser != digest(browser):
        raise PasskeyRejected("the challenge belongs to another browser")
    if row.purpose != purpose:
        raise PasskeyRejected("the challenge was made for something else")
    return row
