"""How sure a login was, in the words of REFEDS: a mailbox is one factor, a passkey is more than one (OIDC Core §2, RFC 8176)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SINGLE_FACTOR = "https://refeds.org/profile/sfa"
MULTI_FACTOR = "https://refeds.org/profile/mfa"
PLACE = "acr"  # in what a grant keeps of the `claims` parameter and its like
SUPPORTED = (SINGLE_FACTOR, MULTI_FACTOR)
_SEVERAL = frozenset({"hwk", "swk", "pop", "mfa", "user"})  # a key in hand, and its holder's gesture or PIN


def reached(methods: str) -> tuple[str, ...]:
    """The authentication contexts that a login by these methods satisfies (`amr` values, separated by spaces); the surest first."""
    return (SINGLE_FACTOR,) if _SEVERAL.isdisjoint(methods.split()) else (MULTI_FACTOR, SINGLE_FACTOR)


def told(methods: str, wanted: Mapping[str, Any]) -> str:
    """The `acr` of a token: of those that the client asked for, in its order, the first that the login satisfies, else the surest.

    OIDC Core §3.1.2.1: acr_values are in order of preference. `wanted`: what a grant keeps of the request.
    """
    satisfied = reached(methods)
    return next((value for value in wanted.get(PLACE, ()) if value in satisfied), satisfied[0])
