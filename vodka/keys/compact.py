"""The outside of a JWT: three parts in one spelling, JSON in which nothing stands twice (RFC 7515 §3.1, RFC 7519 §4)."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class OncePerName(json.JSONDecoder):
    """JSON in which no name stands twice in an object, so that nobody else can read another value; raises ValueError."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_object)


def is_well_formed(token: str, longest: int) -> bool:
    """Whether this has three parts, each in the one spelling that base64url has for its bytes.

    RFC 7515 §2, RFC 4648 §3.5: no padding, no space, no stray bits at the end of a part (attacks TOK-05, TOK-14).
    """
    if len(token) > longest or not _COMPACT.fullmatch(token):
        return False
    return all(len(part) % 4 != 1 and _spelled(_bytes_of(part)) == part for part in token.split("."))


def unchecked_subject(token: str, longest: int) -> str | None:
    """Whom a JWT names as `sub`, before anything was checked: good for finding the key to check it with, and nothing else."""
    if not is_well_formed(token, longest):
        return None
    try:
        claims = json.loads(_bytes_of(token.split(".")[1]))
    except (ValueError, RecursionError):
        return None
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else None


def is_unsigned(token: str) -> bool:
    """Whether a JWT says of itself that nobody signed it (RFC 7519 §6): only for telling so, it proves nothing."""
    try:
        header = json.loads(_bytes_of(token.partition(".")[0]))
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and header.get("alg") == "none"


def _bytes_of(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _spelled(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
