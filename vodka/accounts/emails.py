"""Which text is an address that may sign in. One exact ASCII grammar; no header parser ever sees the input (traps T20).

The rule refuses surrounding spaces as it refuses any other: a form may strip them before it asks.
"""

from __future__ import annotations

import re

from vodka.errors import InvalidInput

_LONGEST_ADDRESS = 254  # characters, RFC 5321 §4.5.3.1.3 (a path of 256, less its two angle brackets)
_LONGEST_LOCAL_PART = 64  # characters, RFC 5321 §4.5.3.1.1

_SHAPE = re.compile(r"([a-z0-9._+-]+)@([a-z0-9.-]+)")
_LOCAL_PART = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")

_MALFORMED = "This is not an e-mail address that vodka can write to."
_ELSEWHERE = "Only an EPFL address can sign in here."
_TAGGED = "An address with a “+” in it cannot sign in here: please give the address without that part."


def parse(raw: object, domains: frozenset[str]) -> str:
    """Return the canonical, lower-case form of an address at one of `domains`; raise InvalidInput("bad_address")."""
    # ASCII before any case change: the Kelvin sign lower-cases to k (traps T13).
    if not isinstance(raw, str) or len(raw) > _LONGEST_ADDRESS or not raw.isascii():
        raise _refusal(_MALFORMED, domains)
    shape = _SHAPE.fullmatch(raw.lower())
    if shape is None:
        raise _refusal(_MALFORMED, domains)
    local_part, domain = shape.groups()
    if domain not in domains:
        raise _refusal(_ELSEWHERE, domains)
    # One mailbox would otherwise be endless accounts and endless mail limits.
    if "+" in local_part:
        raise _refusal(_TAGGED, domains)
    if len(local_part) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local_part):
        raise _refusal(_MALFORMED, domains)
    return f"{local_part}@{domain}"


def _refusal(public: str, domains: frozenset[str]) -> InvalidInput:
    endings = " or ".join(f"@{domain}" for domain in sorted(domains))
    return InvalidInput("bad_address", public, hint=f"Give the address as first.last and then {endings}.")
