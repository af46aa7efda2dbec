"""The only importer of `secrets`: everything unguessable comes from here."""

from __future__ import annotations

import secrets


def token() -> str:
    """A secret of 256 bits, 43 URL-safe characters (ASVS 11.5.1 asks for 128 bits)."""
    return secrets.token_urlsafe(32)


def six_digits() -> str:
    """A login code: six decimal digits, each value equally likely, leading zeros kept (SPEC 1)."""
    return f"{secrets.randbelow(1_000_000):06d}"


def letters(alphabet: str, length: int) -> str:
    """So many letters, each of the alphabet's equally likely."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def identifier() -> str:
    """A public identifier of 128 bits, 22 URL-safe characters: unique, but no secret."""
    return secrets.token_urlsafe(16)


def nonce(size: int) -> bytes:
    """`size` random bytes, for a cipher's nonce or a new key."""
    return secrets.token_bytes(size)
