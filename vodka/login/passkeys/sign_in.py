"""Signing in with a passkey (WebAuthn §7.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row
from webauthn import generate_authentication_options, verify_authentication_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import CredentialDeviceType, UserVerificationRequirement

from vodka import clock
from vodka.accounts.authentication import Authentication
from vodka.adapters.directory import Finding
from vodka.audit import store as audit
from vodka.login.passkeys import challenge as challenges
from vodka.login.passkeys import credential as credentials
from vodka.login.passkeys import store
from vodka.login.passkeys.challenge import Ceremony
from vodka.login.passkeys.credential import Credential, PasskeyRejected
from vodka.login.passkeys.party import RelyingParty
from vodka.networks import IPAddress


@dataclass(frozen=True)
class PasskeyProof:
    """A passkey signed the challenge. What else its account has to be is asked by `redeem`."""

    passkey: Row[Any]  # with what is known of its holder
    sign_count: int
    return_to: str

    @property
    def email(self) -> str:
        """The address of the account."""
        return str(self.passkey.email)  # `prove` saw that there is one


def begin(party: RelyingParty, ip: IPAddress, browser: str | None, return_to: str) -> Ceremony:
    """The options for `navigator.credentials.get`, the same for everybody: the passkey says whose it is; raises TooMany."""
    party.throttle.spend_passkey_challenge(ip)
    challenge, secret = challenges.create("sign in", browser, party.limits, return_to=return_to)
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=base64url_to_bytes(challenge),
        timeout=party.timeout,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Ceremony(options_to_json_dict(options), secret)


def prove(party: RelyingParty, ip: IPAddress, browser: str | None, sent: object) -> PasskeyProof:
    """Judge what a passkey signed; raises InvalidInput, TooMany, PasskeyRejected."""
    party.throttle.spend_passkey(ip)
    shown = credentials.read(sent, "authenticatorData", "signature", "userHandle")
    asked = challenges.spend("sign in", shown.challenge, browser)
    passkey = store.find(shown.id, clock.now() - timedelta(seconds=party.limits.passkey_lifetime))
    # WebAuthn §7.2 step 6: the account that the passkey names must be the one that owns it.
    if passkey is None or passkey.email is None or passkey.handle != shown.response("userHandle"):
        raise PasskeyRejected("unknown, over, another account's, or of an account without an address")
    found = credentials.verified(lambda: _verified(party, shown, passkey))
    # WebAuthn §6.1.3: whether a key may leave its device is settled when it is made.
    if (found.credential_device_type is CredentialDeviceType.MULTI_DEVICE) != passkey.is_synced:
        raise PasskeyRejected("it was made as another kind of passkey")
    return PasskeyProof(passkey, found.new_sign_count, asked.return_to)


def redeem(proof: PasskeyProof, finding: Finding) -> Authentication:
    """Let the passkey open its account, if that may be opened; raises PasskeyRejected."""
    passkey, person = proof.passkey, finding.person
    if passkey.disabled_at is not None:
        raise PasskeyRejected("the account is disabled").noted("login.disabled", proof.email)
    # Addresses are handed on at EPFL; a passkey of the person before must not speak for the next one (attacks ASK-19).
    if person is not None and person.sciper is not None and passkey.sciper not in (None, person.sciper):
        raise PasskeyRejected("the address is somebody else's now")
    if not store.count_use(passkey.id, proof.sign_count):
        # WebAuthn §6.1.1: two authenticators may hold copies of the same key.
        raise PasskeyRejected("its count of uses went back").noted("alarm.passkey_copied", proof.email)
    methods = methods_of(is_synced=passkey.is_synced)
    audit.add("login", user_id=passkey.user_id, subject=proof.email, detail=" ".join(methods))
    return Authentication(
        user_id=passkey.user_id,
        email=proof.email,
        subject=passkey.subject,
        sciper=passkey.sciper,
        epoch=passkey.epoch,
        methods=methods,
        at=clock.now(),
        return_to=proof.return_to,
    )


def methods_of(*, is_synced: bool) -> tuple[str, ...]:
    """What a passkey proves, in the words of RFC 8176 §2, as far as flags without an attestation can tell.

    "hwk": possession of a key that stays in its device; "swk": of one that is synced, which hardware alone cannot hold.
    "user": the person was present (UP). "mfa": the device asked for a PIN or a finger as well (UV); which, it does not say.
    """
    return ("swk" if is_synced else "hwk", "user", "mfa")


def _verified(party: RelyingParty, shown: Credential, passkey: Row[Any]) -> VerifiedAuthentication:
    return verify_authentication_response(
        credential=shown.clean,
        expected_challenge=base64url_to_bytes(shown.challenge),
        expected_rp_id=party.id,
        expected_origin=party.origin,
        credential_public_key=passkey.public_key,
        credential_current_sign_count=0,  # `redeem` compares it, in the same statement that stores the new one
        require_user_verification=True,
    )
