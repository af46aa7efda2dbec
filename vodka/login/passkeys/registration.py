"""Adding a passkey to an account whose owner has just signed in (WebAuthn §7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from vodka import clock
from vodka.audit import store as audit
from vodka.errors import InvalidInput, NotFound, NotPermitted
from vodka.login.passkeys import challenge as challenges
from vodka.login.passkeys import credential as credentials
from vodka.login.passkeys import store
from vodka.login.passkeys.challenge import Ceremony
from vodka.login.passkeys.credential import PasskeyRejected
from vodka.login.passkeys.party import RelyingParty
from vodka.randomness import nonce
from vodka.words import clean

# What authenticators of today sign with, best first (RFC 9053 §2); the wide default of the library is not needed.
_ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
# A passkey alone must say whose it is, and that its owner, not a finder of the device, is there.
_SELECTION = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED,
    require_resident_key=True,
    user_verification=UserVerificationRequirement.REQUIRED,
)
_LONGEST_NAME = 40  # characters, as the column


@dataclass(frozen=True)
class Adder:
    """Who adds a passkey: the holder of a session, and when they proved who they are."""

    user_id: int
    email: str
    authenticated_at: datetime


def may_add(party: RelyingParty, adder: Adder) -> bool:
    """Whether the login is fresh enough: a passkey outlives the session, so whoever finds a screen unlocked adds none."""
    return not clock.is_over(adder.authenticated_at + timedelta(seconds=party.limits.fresh_login))


def begin(party: RelyingParty, adder: Adder, browser: str | None) -> Ceremony:
    """The options for `navigator.credentials.create`; raises NotPermitted."""
    if not may_add(party, adder):
        raise NotPermitted("login_too_old", "Please sign in again before you add a passkey.")
    _need_room(party, adder.user_id)
    challenge, secret = challenges.create("add", browser, party.limits, user_id=adder.user_id)
    options = generate_registration_options(
        rp_id=party.id,
        rp_name="vodka",
        user_id=store.handle_of(adder.user_id, nonce(32)),
        user_name=adder.email,
        user_display_name=adder.email,
        challenge=base64url_to_bytes(challenge),
        timeout=party.timeout,
        # Nothing is asked of the make of an authenticator, so nothing is learnt of its owner (WebAuthn §14.4.1).
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=_SELECTION,
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in store.list_of(adder.user_id)
        ],
        supported_pub_key_algs=_ALGORITHMS,
    )
    return Ceremony(options_to_json_dict(options), secret)


def finish(party: RelyingParty, adder: Adder, browser: str | None, sent: object, name: str) -> None:
    """Keep the passkey under a name; raises InvalidInput, NotPermitted, PasskeyRejected."""
    made = credentials.read(sent, "attestationObject")
    asked = challenges.spend("add", made.challenge, browser)
    if asked.user_id != adder.user_id:
        raise PasskeyRejected("the challenge was another account's")
    _need_room(party, adder.user_id)
    found = credentials.verified(
        lambda: verify_registration_response(
            credential=made.clean,
            expected_challenge=base64url_to_bytes(made.challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    )
    # The id that the authenticator signed for, not the one that the page says.
    row = {"user_id": adder.user_id, "credential_id": found.credential_id, "public_key": found.credential_public_key}
    is_synced = found.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    if not store.add({**row, "sign_count": found.sign_count, "is_synced": is_synced, "name": name}):
        raise PasskeyRejected("the credential is known already")
    # Its name is somebody's own words: they would outlive the account in the chain (attacks AUD-04).
    audit.add("passkey.added", user_id=adder.user_id, subject=adder.email)


def rename(adder: Adder, passkey_id: int, typed: str) -> None:
    """Give one's own passkey another name; raises InvalidInput, NotFound."""
    name = clean(typed, _LONGEST_NAME)
    if not name:
        raise InvalidInput("bad_name", "Please give the passkey a name.")
    if not store.rename(adder.user_id, passkey_id, name):
        raise NotFound("no such passkey of this account")


def remove(adder: Adder, passkey_id: int) -> None:
    """Forget one's own passkey: from here on it proves nothing; raises NotFound."""
    if not store.remove(adder.user_id, passkey_id):
        raise NotFound("no such passkey of this account")
    audit.add("passkey.removed", user_id=adder.user_id, subject=adder.email)


def _need_room(party: RelyingParty, user_id: int) -> None:
    if store.count_of(user_id) >= party.limits.passkeys_per_user:
        raise NotPermitted("too_many_passkeys", "You have as many passkeys as one account can have. Remove one first.")
