"""What every proof of identity ends in; nothing else may open a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Authentication:
    """Somebody proved who they are, by these methods (`amr`, RFC 8176 §2), at this moment (`auth_time`)."""

    user_id: int
    email: str
    subject: str
    sciper: str | None
    epoch: int
    methods: tuple[str, ...]
    at: datetime
    return_to: str
