"""What can go wrong, as the domain says it. `web.plumbing.errors` alone turns it into an answer.

VodkaError
├─ InvalidInput        malformed address, redirect, domain, body
├─ NotAuthenticated    no session · over · revoked
├─ NotPermitted        csrf · foreign origin · website not verified
├─ NotFound
├─ SecretRejected      wrong · over · used: one public code, the reason only in `detail`
├─ AccountDisabled     the proof was right, for an account that was shut out
├─ TooMany             asked too soon · too many mails · too many tries
└─ Unavailable         database · DNS
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Note:
    """What the audit should remember of a refusal; the refused act itself is rolled back."""

    kind: str
    subject: str = ""
    detail: str = ""


class VodkaError(Exception):
    """A refusal: `code` is a stable word for machines, `public` a sentence for people, `detail` for logs only."""

    note: Note | None = None

    def __init__(self, code: str, public: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail or public}")
        self.code = code
        self.public = public
        self.detail = detail

    def noted(self, kind: str, subject: str = "") -> Self:
        """The refusal itself, to be written into the audit."""
        self.note = Note(kind, subject, self.detail)
        return self


class InvalidInput(VodkaError):
    """What was sent cannot be understood; sending the same again will fail again. `hint` tells a developer what to change."""

    def __init__(self, code: str, public: str, detail: str = "", hint: str = "") -> None:
        super().__init__(code, public, detail)
        self.hint = hint


class NotAuthenticated(VodkaError):
    """There is no living session behind this request."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("not_authenticated", "Please sign in first.", detail)


class NotPermitted(VodkaError):
    """The request is understood, and refused."""


class NotFound(VodkaError):
    """There is nothing here for this person."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("not_found", "There is nothing at this address.", detail)


class SecretRejected(VodkaError):
    """A one-time secret was wrong, over, exhausted or used: the same answer for each (ASVS 6.3.8)."""

    def __init__(self, detail: str) -> None:
        super().__init__("rejected", "This code does not work. Check it, or ask for a new one.", detail)


class AccountDisabled(VodkaError):
    """The proof was right, and an operator has shut the account out: told only to who has proven to be its holder."""

    def __init__(self) -> None:
        super().__init__("account_disabled", "This account is switched off.", "the account is disabled")


class TooMany(VodkaError):
    """A limit was reached; `retry_after` is in whole seconds, at least 1."""

    def __init__(self, code: str, public: str, retry_after: int, detail: str = "") -> None:
        super().__init__(code, public, detail)
        self.retry_after = max(1, retry_after)


class Unavailable(VodkaError):
    """Something vodka leans on does not answer; the same request may be repeated later."""

    def __init__(self, detail: str, retry_after: int = 2) -> None:
        super().__init__("unavailable", "vodka cannot do this right now. Please try again in a moment.", detail)
        self.retry_after = retry_after


class Misconfigured(Exception):
    """The settings cannot be started with; `problems` holds one sentence for each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
