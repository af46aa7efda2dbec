"""How sure a login was, in the words of REFEDS: a mailbox is one factor, a passkey is more than one (OIDC Core §2, RFC 8176)."""

from __future__ import annotations

SINGLE_FACTOR = "https://refeds.org/profile/sfa"
MULTI_FACTOR = "https://refeds.org/profile/mfa"
SUPPORTED = (SINGLE_FACTOR, MULTI_FACTOR)
_SEVERAL = frozenset({"hwk", "swk", "pop", "mfa", "user"})  # a key in hand, and its holder's gesture or PIN


def of(methods: str) -> str:
    """The authentication context of a login by these methods (`amr` values, separated by spaces)."""
    return SINGLE_FACTOR if _SEVERAL.isdisjoint(methods.split()) else MULTI_FACTOR
