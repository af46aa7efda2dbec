"""The authenticator of programs that cannot do better: an address and its password (SIBLING, RFC 6749 §4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from vodka import clock
from vodka.accounts.authentication import Authentication
from vodka.accounts.passwords import Passwords
from vodka.audit import store as audit
from vodka.errors import AccountDisabled
from vodka.limits import Limits
from vodka.login import devices, tallies
from vodka.login.throttle import Throttle
from vodka.networks import IPAddress

METHOD = "pwd"  # amr, RFC 8176 §2


@dataclass(frozen=True)
class PasswordLogin:
    """Judges passwords, with the numbers and counters of one deployment."""

    limits: Limits
    passwords: Passwords
    throttle: Throttle

    def verify(
        self, email: str, password: object, *, ip: IPAddress, device: str | None = None, return_to: str = "/"
    ) -> Authentication | None:
        """Who proved an address by its password; None: unknown, wrong, over or without one, all the same (attacks OTT-14).

        `email` is canonical (accounts.emails), `device` the DEVICE secret of the browser, if it is one. The caller answers
        None instead of raising, so that what was counted and recorded stays. Raises InvalidInput for what can be no
        password, TooMany, Unavailable, and AccountDisabled to the holder alone.
        """
        prepared = self.passwords.prepared(password)
        counted = self.throttle.spend_password(ip, email, devices.lane(device, email, self.limits))
        account = self.passwords.find(email, prepared)
        if account is None:
            audit.add("password.wrong", subject=email)
            return None
        tallies.give_back(counted)
        if account.disabled_at is not None:
            raise AccountDisabled().noted("login.disabled", email)
        return Authentication(
            user_id=account.id,
            email=email,
            subject=account.subject,
            sciper=account.sciper,
            epoch=account.epoch,
            methods=(METHOD,),
            at=clock.now(),
            return_to=return_to,
        )
