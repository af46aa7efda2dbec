"""What no passkey gets away with: each lie is one and the same refusal, and opens or adds nothing (WebAuthn §7)."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.authenticator import ADD, BE, SIGN_IN, UP, UV, Authenticator, Lie, add, b64, finish, options, sign_in
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, VodkaUnderTest, write_people

REFUSED = {
    "error": "rejected",
    "message": "This passkey did not work. You can sign in with your EPFL address instead.",
}
ELSEWHERE = "A" * 43  # no challenge of ours

BOTH = [
    pytest.param(Lie(origin="https://evil.example"), id="another origin"),
    pytest.param(Lie(origin="http://vodka.epfl.ch"), id="the origin without TLS"),
    pytest.param(Lie(origin="https://vodka.epfl.ch.evil.example"), id="an origin that begins like ours"),
    pytest.param(Lie(rp_id="epfl.ch"), id="another RP ID"),
    pytest.param(Lie(challenge=ELSEWHERE), id="another challenge"),
    pytest.param(Lie(clears=UV), id="nobody verified"),
    pytest.param(Lie(clears=UP), id="nobody present"),
    pytest.param(Lie(cross_origin=True), id="inside a frame of another site"),
    pytest.param(Lie(type="payment.get"), id="another kind of ceremony"),
]


@pytest.fixture
def passkey(vodka: VodkaUnderTest) -> Authenticator:
    """Camille's."""
    return add(vodka.signed_in(CAMILLE))


def refused(vodka: VodkaUnderTest, response: Any, kind: str = "passkey.refused") -> None:
    """The one refusal there is; in the audit, and without a session."""
    assert (response.status_code, response.get_json()) == (401, REFUSED)
    assert "SESSION_ID" not in response.headers.get("Set-Cookie", "")
    assert len(vodka.events(kind)) == 1


@pytest.mark.parametrize(
    "lie",
    [
        *BOTH,
        pytest.param(Lie(type="webauthn.create"), id="made, not used"),
        pytest.param(Lie(handle=b"h" * 32), id="a handle of nobody"),
        pytest.param(Lie(signature=b"0" * 70), id="no signature"),
        pytest.param(Lie(sets=BE), id="suddenly a passkey that syncs"),
    ],
)
def test_no_lie_signs_in(vodka: VodkaUnderTest, passkey: Authenticator, lie: Lie) -> None:
    """Refused; and the honest passkey still works afterwards."""
    refused(vodka, sign_in(vodka.browser(), passkey, lie))
    assert len(vodka.rows("SELECT digest FROM sessions")) == 1
    assert sign_in(vodka.browser(), passkey).status_code == 200


@pytest.mark.parametrize("lie", [*BOTH, pytest.param(Lie(type="webauthn.get"), id="used, not made")])
def test_no_lie_adds_a_passkey(vodka: VodkaUnderTest, lie: Lie) -> None:
    """Refused, and nothing is kept."""
    browser = vodka.signed_in()
    refused(vodka, finish(browser, ADD, Authenticator(vodka.origin).make(options(browser, ADD), lie)))
    assert vodka.rows("SELECT id FROM passkeys") == []


def test_a_challenge_is_good_once(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """Neither the same answer nor a new signature of the same challenge works a second time."""
    browser = vodka.browser()
    asked = options(browser, SIGN_IN)
    signed = passkey.sign(asked)
    assert finish(browser, SIGN_IN, signed).status_code == 200
    for again in (signed, passkey.sign(asked)):
        assert finish(browser, SIGN_IN, again).get_json() == REFUSED


def test_a_wrong_try_spends_the_challenge(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """The refusal is rolled back, the try is not (traps C1)."""
    browser = vodka.browser()
    asked = options(browser, SIGN_IN)
    assert finish(browser, SIGN_IN, passkey.sign(asked, Lie(signature=b"0" * 70))).status_code == 401
    assert finish(browser, SIGN_IN, passkey.sign(asked)).get_json() == REFUSED


def test_a_challenge_is_over_after_five_minutes(
    vodka: VodkaUnderTest, passkey: Authenticator, freezer: FrozenDateTimeFactory
) -> None:
    """Good at 4:59, over at 5:00."""
    early, late = vodka.browser(), vodka.browser()
    asked = [(browser, options(browser, SIGN_IN)) for browser in (early, late)]
    cookie = late.cookie("PASSKEY_ID")
    freezer.tick(299)
    assert finish(early, SIGN_IN, passkey.sign(asked[0][1])).status_code == 200
    freezer.tick(1)
    late.set_cookie("PASSKEY_ID", cookie or "")
    assert finish(late, SIGN_IN, passkey.sign(asked[1][1])).get_json() == REFUSED


@pytest.mark.parametrize("has_one", [True, False], ids=["with a challenge of its own", "without any"])
def test_a_challenge_belongs_to_the_browser_that_asked(
    vodka: VodkaUnderTest, passkey: Authenticator, has_one: bool
) -> None:
    """A signature that was carried to another browser signs nobody in there."""
    asked = options(vodka.browser(), SIGN_IN)
    other = vodka.browser()
    if has_one:
        options(other, SIGN_IN)
    refused(vodka, finish(other, SIGN_IN, passkey.sign(asked)))


def test_two_tabs_of_one_browser_do_not_disturb_each_other(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """The older tab's challenge is as good as the newer one's; a planted cookie too long to be ours is replaced."""
    browser = vodka.browser()
    browser.set_cookie("PASSKEY_ID", "x" * 65)
    first = options(browser, SIGN_IN)
    assert len(browser.cookie("PASSKEY_ID") or "") == 43
    options(browser, SIGN_IN)
    assert finish(browser, SIGN_IN, passkey.sign(first)).status_code == 200


def test_a_challenge_for_signing_in_adds_nothing_and_the_other_way_round(
    vodka: VodkaUnderTest, passkey: Authenticator
) -> None:
    """Each challenge is bound to its purpose."""
    browser = vodka.signed_in(ROBIN)
    to_add, to_sign = options(browser, ADD), options(browser, SIGN_IN)
    crossed = to_add | {"challenge": to_sign["challenge"]}
    assert finish(browser, ADD, Authenticator(vodka.origin).make(crossed)).get_json() == REFUSED
    crossed = to_sign | {"challenge": to_add["challenge"]}
    assert finish(browser, SIGN_IN, passkey.sign(crossed)).get_json() == REFUSED


def test_a_challenge_for_one_account_adds_nothing_to_another(vodka: VodkaUnderTest) -> None:
    """Somebody else signs in between the two halves of adding, in the same browser."""
    browser = vodka.signed_in(CAMILLE)
    asked = options(browser, ADD)
    browser.log_in(ROBIN)
    refused(vodka, finish(browser, ADD, Authenticator(vodka.origin).make(asked)))
    assert vodka.rows("SELECT id FROM passkeys") == []


def test_an_unknown_passkey_is_refused_like_a_wrong_one(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """Whether a credential is known cannot be told from the answer (ASVS 6.3.8)."""
    stranger = Authenticator(vodka.origin, handle=passkey.handle)
    refused(vodka, sign_in(vodka.browser(), stranger))


def test_a_passkey_names_only_its_own_account(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """With the handle of somebody else who has a passkey too it is refused."""
    robins = add(vodka.signed_in(ROBIN))
    refused(vodka, sign_in(vodka.browser(), passkey, Lie(handle=robins.handle)))


def test_a_passkey_that_somebody_has_is_not_added_again(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """Neither to its own account nor to another one."""
    robin = vodka.signed_in(ROBIN)
    refused(vodka, finish(robin, ADD, passkey.copy().make(options(robin, ADD))))
    assert len(vodka.rows("SELECT id FROM passkeys")) == 1


def test_a_count_of_uses_that_goes_back_is_refused_and_remembered(vodka: VodkaUnderTest) -> None:
    """Two copies of one key: the one that is behind is refused, with an alarm; one that counts on still works."""
    passkey = add(vodka.signed_in())
    behind = passkey.copy()
    for _ in range(2):
        assert sign_in(vodka.browser(), passkey).status_code == 200
    refused(vodka, sign_in(vodka.browser(), behind), "alarm.passkey_copied")
    assert vodka.events("alarm.passkey_copied")[0]["subject"] == CAMILLE
    behind.count = 1
    assert sign_in(vodka.browser(), behind).get_json() == REFUSED  # the same count a second time
    behind.counts, behind.count = False, 0
    assert sign_in(vodka.browser(), behind).get_json() == REFUSED  # no count at all any more
    assert sign_in(vodka.browser(), passkey).status_code == 200


def test_a_passkey_that_does_not_count_works_each_time(vodka: VodkaUnderTest) -> None:
    """A count of 0 that stays 0 is allowed (WebAuthn §6.1.1): synced passkeys have no other."""
    passkey = add(vodka.signed_in(), counts=False)
    assert [sign_in(vodka.browser(), passkey).status_code for _ in range(2)] == [200, 200]


def test_a_disabled_account_stays_closed(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """And the answer does not say so."""
    vodka.write("UPDATE users SET disabled_at = created_at")
    refused(vodka, sign_in(vodka.browser(), passkey), "login.disabled")


def test_ask_19_a_passkey_ends_with_its_holders_address(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """The directory gives the address to somebody else, or it was taken already: the passkey of before is refused."""
    someone = {"email": CAMILLE, "sciper": "399777", "firstName": "Other", "lastName": "Person", "student": True}
    write_people(vodka.people, [someone])
    vodka.write("DELETE FROM person_records")
    refused(vodka, sign_in(vodka.browser(), passkey))
    vodka.write("UPDATE users SET email = NULL")
    assert sign_in(vodka.browser(), passkey).get_json() == REFUSED


def changed(credential: dict[str, Any], **response: object) -> dict[str, Any]:
    return credential | {"response": credential["response"] | response}


def test_inp_02_what_no_browser_sends_is_a_clear_mistake(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """Wrong shapes, texts and encodings: 400, never a 5xx, and no challenge is spent."""
    browser = vodka.browser()
    asked = options(browser, SIGN_IN)
    good = passkey.sign(asked)
    bad: list[Any] = [None, [], "x", 5, {}, good | {"id": 5}, good | {"id": "=="}, good | {"response": None}]
    bad += [changed(good, signature=value) for value in (None, "", "a b", "\ud800", ["x"], "é")]
    bad += [changed(good, clientDataJSON=b64(data)) for data in (b"{", b"[]", b"\xff", b"{}", b'{"challenge":1}')]
    bad += [changed(good, clientDataJSON="A"), changed(good, clientDataJSON=b64(b"[" * 9000))]
    for sent in bad:
        assert finish(browser, SIGN_IN, sent).status_code == 400, sent
    assert finish(browser, SIGN_IN, good).status_code == 200


def test_inp_02_bytes_that_are_no_passkey_are_refused(vodka: VodkaUnderTest, passkey: Authenticator) -> None:
    """Well encoded, but nothing inside that can be read: the one refusal, never a 5xx."""
    for name in ("authenticatorData", "signature", "userHandle"):
        browser = vodka.browser()
        signed = changed(passkey.sign(options(browser, SIGN_IN)), **{name: b64(b"\xff" * 40)})
        assert finish(browser, SIGN_IN, signed).get_json() == REFUSED, name
    browser = vodka.signed_in(ROBIN)
    for attestation in (b"\xff", b"\xa0", cbor2.dumps(5), cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": 5})):
        made = changed(Authenticator(vodka.origin).make(options(browser, ADD)), attestationObject=b64(attestation))
        assert finish(browser, ADD, made).get_json() == REFUSED, attestation


def test_inp_07_a_credential_that_is_too_large_is_refused_before_it_is_read(browser: Browser) -> None:
    """The limit of every body holds here too; an honest credential is a tenth of it."""
    assert finish(browser, SIGN_IN, {"id": "A" * 17_000}).status_code == 413


def test_names_that_do_not_belong_in_the_body_are_refused(browser: Browser) -> None:
    """Browsers may add members inside the credential; beside it there is nothing to say."""
    for step, content in (("begin", {"x": 1}), ("finish", {"credential": {}, "x": 1})):
        assert browser.post(f"{SIGN_IN}/{step}", json=content).status_code == 400
