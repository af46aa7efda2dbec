"""Secrets at rest: what is sealed opens only for its purpose and context, what is a MAC matches only its parts."""

from __future__ import annotations

import pytest

from vodka.sealing import SealBroken, Vault

NEW, OLD = b"the secret in force ............", b"the secret before it ..........."
VAULT = Vault((NEW, OLD), (b"pepper in force", b"pepper before"))
BEFORE = Vault((OLD,), (b"pepper before",))
AFTER = Vault((NEW,), (b"pepper in force",))


def test_what_is_sealed_opens_again() -> None:
    """For the same purpose and context, and each time it looks different."""
    first, second = (VAULT.seal("mail", b"text", b"to") for _ in range(2))
    assert first != second
    assert VAULT.unseal("mail", first, b"to") == VAULT.unseal("mail", second, b"to") == b"text"
    assert b"text" not in first


def test_a_changed_byte_breaks_the_seal() -> None:
    """Key id, nonce, content and tag: each byte counts."""
    sealed = VAULT.seal("mail", b"text")
    for place in range(len(sealed)):
        broken = bytes(byte ^ (index == place) for index, byte in enumerate(sealed))
        with pytest.raises(SealBroken):
            VAULT.unseal("mail", broken)


@pytest.mark.parametrize(
    ("purpose", "sealed", "context"),
    [
        pytest.param("other", VAULT.seal("mail", b"text", b"to"), b"to", id="another purpose"),
        pytest.param("mail", VAULT.seal("mail", b"text", b"to"), b"", id="another context"),
        pytest.param("mail", VAULT.seal("mail", b"text", b"to")[:20], b"to", id="cut short"),
        pytest.param("mail", VAULT.seal("mail", b"text", b"to")[:9], b"to", id="without a whole nonce"),
        pytest.param("mail", b"", b"to", id="nothing"),
        pytest.param("mail", Vault((b"x" * 32,), (b"y",)).seal("mail", b"text", b"to"), b"to", id="another secret"),
    ],
)
def test_nothing_else_opens(purpose: str, sealed: bytes, context: bytes) -> None:
    """Whatever is wrong with it is one and the same error."""
    with pytest.raises(SealBroken):
        VAULT.unseal(purpose, sealed, context)


def test_old_secrets_read_and_new_ones_write() -> None:
    """After a replacement what was made before is still readable, and the old secret alone reads nothing new."""
    assert VAULT.unseal("mail", BEFORE.seal("mail", b"text")) == b"text"
    assert AFTER.unseal("mail", VAULT.seal("mail", b"text")) == b"text"
    with pytest.raises(SealBroken):
        BEFORE.unseal("mail", VAULT.seal("mail", b"text"))


def test_macs_know_their_purpose_and_their_parts() -> None:
    """Another purpose, another order, another cut between the parts: another MAC."""
    made = VAULT.mac("csrf", "ab", "c")
    others = [
        VAULT.mac("tally", "ab", "c"),
        VAULT.mac("csrf", "a", "bc"),
        VAULT.mac("csrf", "abc"),
        VAULT.mac("csrf", "c", "ab"),
    ]
    assert made == AFTER.mac("csrf", "ab", "c")
    assert made not in others
    assert VAULT.pepper_mac("csrf", "ab", "c") != made


def test_macs_of_the_secret_before_still_match() -> None:
    """Both kinds are recognised under the secret in force and the one before it (attacks KEY-02)."""
    assert VAULT.mac_matches("csrf", BEFORE.mac("csrf", "é"), "é")
    assert VAULT.mac_matches("csrf", VAULT.mac("csrf", "é"), "é")
    assert not BEFORE.mac_matches("csrf", VAULT.mac("csrf", "é"), "é")
    assert VAULT.pepper_mac_matches("code", BEFORE.pepper_mac("code", "1"), "1")
    assert not AFTER.pepper_mac_matches("code", BEFORE.pepper_mac("code", "1"), "1")


def test_signing_keys_are_named_by_their_secret() -> None:
    """Each secret has an id, the one in force is known, and each purpose has keys of its own."""
    keys = VAULT.signing_keys("session")
    assert keys[VAULT.current_id] == VAULT.signing_key("session") == AFTER.signing_key("session")
    assert set(keys) == {AFTER.current_id, BEFORE.current_id}
    assert VAULT.signing_key("session") != VAULT.signing_key("other")
