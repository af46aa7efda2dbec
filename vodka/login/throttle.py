"""Who may ask and answer how often (SPEC A, NIST SP 800-63B §5.2.2). Every count is in the database, under a lock."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network

from vodka import clock
from vodka.audit import store as audit
from vodka.errors import TooMany
from vodka.limits import Limits
from vodka.login import store, tallies
from vodka.login.devices import SHARED_LANE
from vodka.login.tallies import Rule
from vodka.networks import IPAddress, bucket, wide_bucket
from vodka.sealing import Vault

WRONG = "answer.wrong"


class Throttle:
    """The counters of one deployment. `crowded` networks are lecture halls: many people behind one address."""

    def __init__(self, limits: Limits, vault: Vault, crowded: tuple[IPv4Network | IPv6Network, ...]) -> None:
        self._limits = limits
        self._vault = vault
        self._crowded = crowded

    def spend_mail(self, ip: IPAddress, email: str, *, known_device: bool) -> None:
        """Count one mail for this client and, unless a known device asks, for this address; raises TooMany."""
        limits = self._limits
        rules = self._client_rules(ip)
        if not known_device:
            address = self._key("mails to", email)
            rules += [
                Rule(address, limits.mails_per_address_quarter, clock.HOUR // 4),
                Rule(address, limits.mails_per_address_hour, clock.HOUR),
                Rule(address, limits.mails_per_address_day, clock.DAY),
            ]
        if wait := tallies.spend(rules):
            sentence = "Too many codes were asked for. Please try again later."
            raise TooMany("too_many_mails", sentence, wait).noted("ask.limited", email)

    def spend_answer(self, ip: IPAddress) -> None:
        """Count one answer of this client (attacks ANS-24); raises TooMany."""
        rule = Rule(self._key("answers from", bucket(ip)), self._limits.answers_per_client_ip, clock.HOUR)
        if wait := tallies.spend([rule]):
            sentence = "Too many codes were tried from here. Please try again later."
            raise TooMany("too_many_answers", sentence, wait).noted("answer.limited")

    def asker(self, ip: IPAddress) -> bytes:
        """What is kept with a question of whoever asked: the key of the client's tally, which is a MAC."""
        return self._key("mails by", bucket(ip))

    def strike(self, asker: bytes) -> None:
        """Count against whoever asked for what nobody wanted: all the mails that one client has in an hour.

        Where many share an address (a lecture hall) this is one person's part of what all of them have.
        """
        tallies.strike(asker, self._limits.not_me_cost, clock.HOUR)

    def spend_passkey_challenge(self, ip: IPAddress) -> None:
        """Count one challenge given to this client: each page that offers a passkey asks for one; raises TooMany."""
        self._spend_hourly("passkey challenges of", ip, self._limits.passkey_challenges_per_client_ip)

    def spend_passkey(self, ip: IPAddress) -> None:
        """Count one passkey that this client shows; raises TooMany."""
        self._spend_hourly("passkeys from", ip, self._limits.passkeys_per_client_ip)

    def spend_device_code(self, ip: IPAddress) -> None:
        """Count one request of a device's program for a code (RFC 8628 §3.1); raises TooMany."""
        rule = Rule(self._key("device codes for", bucket(ip)), self._limits.device_codes_per_client_ip, clock.HOUR)
        tallies.need_room(rule, "too_many_devices", public="Too many device codes were asked for from here.")

    def spend_user_code(self, ip: IPAddress, user_id: int) -> None:
        """Count one code of a device that this person types in here (RFC 8628 §5.1); raises TooMany."""
        rules = [
            Rule(self._key("user codes from", bucket(ip)), self._limits.user_codes_per_client_ip, clock.HOUR),
            Rule(self._key("user codes of", str(user_id)), self._limits.user_codes_per_person, clock.HOUR),
        ]
        if wait := tallies.spend(rules):
            raise TooMany(
                "too_many_user_codes", "Too many codes were tried. Please wait, then look at your device again.", wait
            )

    def spend_password(self, ip: IPAddress, email: str, lane: str) -> list[Rule]:
        """Count one password as wrong until it proves right; what to give back then. Raises TooMany.

        `lane`: that of devices.lane. A browser that the account knows has a count of its own, which strangers cannot use
        up for its owner (attacks OTT-15).
        """
        limits = self._limits
        name = Rule(self._key("passwords of", email), limits.passwords_per_address, clock.HOUR)
        if lane != SHARED_LANE:
            name = Rule(self._key("passwords by", lane), limits.passwords_per_device, clock.HOUR)
        rules = [name, Rule(self._key("passwords from", bucket(ip)), limits.passwords_per_client_ip, clock.HOUR)]
        if wait := tallies.spend_durably(rules):
            refusal = TooMany("too_many_passwords", "Too many passwords were tried. Please try again later.", wait)
            raise refusal.noted("password.limited", email)
        return rules

    def codes_are_stopped(self, email: str) -> bool:
        """Whether six digits are no proof just now for unknown devices, so that the mail carries only the link.

        Because its owner said "this was not me", because this address was guessed at too often in a row, or because there
        is guessing everywhere.
        """
        wrong, failures, frozen = store.wrong_answers(WRONG, clock.now() - timedelta(seconds=clock.HOUR), email)
        if frozen is not None and not clock.is_over(frozen):
            return True
        everywhere = wrong >= self._limits.wrong_answers_overall
        if everywhere or self.is_guessed_at(failures):
            audit.add("alarm.guessing", subject="everywhere" if everywhere else email)
            return True
        return False

    def is_guessed_at(self, failures: int) -> bool:
        """Whether so many wrong answers in a row stop the codes of an address."""
        return failures >= self._limits.failures_per_address

    def _spend_hourly(self, what: str, ip: IPAddress, allowed: int) -> None:
        if wait := tallies.spend([Rule(self._key(what, bucket(ip)), allowed, clock.HOUR)]):
            raise TooMany(
                "too_many_passkeys",
                "Too many passkeys were tried from here. Please sign in with your EPFL address.",
                wait,
            ).noted("passkey.limited")

    def _client_rules(self, ip: IPAddress) -> list[Rule]:
        limits = self._limits
        if any(ip in network for network in self._crowded):
            return [Rule(self.asker(ip), limits.mails_per_crowded_network, clock.HOUR)]
        rules = [Rule(self.asker(ip), limits.mails_per_client_ip, clock.HOUR)]
        if (wide := wide_bucket(ip)) is not None:
            rules.append(Rule(self._key("mails by", wide), limits.mails_per_wide_prefix, clock.HOUR))
        return rules

    def _key(self, what: str, whose: str) -> bytes:
        return self._vault.mac("tally", what, whose)
