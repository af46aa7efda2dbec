"""SPEC's type `User`, to the letter."""

from __future__ import annotations

from vodka.adapters.directory import Finding


def user_json(email: str, finding: Finding) -> dict[str, str | None]:
    """`{"email": string, "firstName": string?, "lastName": string?}`; null where the directory does not say."""
    person = finding.person
    return {
        "email": email,
        "firstName": person.first_name if person else None,
        "lastName": person.last_name if person else None,
    }
