"""From the fields that a person let go out to OpenID claims (OIDC Core §5.1, §5.4). Values are those of the moment of asking."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from vodka.accounts import fields
from vodka.accounts.people import find_holder
from vodka.adapters.directory import Finding
from vodka.oauth.provider import Provider

# Which claims a field becomes; whatever is not here has the same name as its field.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "email_verified"),
    "firstName": ("given_name", "name"),
    "lastName": ("family_name", "name"),
    "phone_number": ("phone_number", "phone_number_verified"),
}
_FIELDS = (*fields.KEYS, *fields.STANDARD)
SUPPORTED = tuple(dict.fromkeys(name for field in _FIELDS for name in _NAMES.get(field, (field,))))


def fields_behind(claim: str) -> tuple[str, ...]:
    """The fields that one claim, asked for by its name, is made from; none for a claim that vodka does not know."""
    return tuple(field for field in _FIELDS if claim in _NAMES.get(field, (field,)))


def of_person(provider: Provider, email: str, sciper: str | None, agreed: Collection[str]) -> dict[str, Any]:
    """The claims of somebody who let these fields go out; what nobody knows is left out."""
    if not agreed:
        return {}
    finding = find_holder(provider.services.directory, email, sciper, provider.limits)
    return claims_in(finding, email, agreed)


def claims_in(finding: Finding, email: str, agreed: Collection[str]) -> dict[str, Any]:
    """The same, of what the directory said."""
    found: dict[str, Any] = {}
    for field in agreed:
        value = _value(field, email, finding)
        if value is not None:
            found[_NAMES.get(field, (field,))[0]] = value
    if {"given_name", "family_name"} <= found.keys():
        found["name"] = f"{found['given_name']} {found['family_name']}"
    if "email" in found:
        found["email_verified"] = True  # by the code or the link that was typed to sign in
    if "phone_number" in found:
        found["phone_number_verified"] = bool(finding.person and finding.person.claims.get("phone_number_verified"))
    return found


def _value(field: str, email: str, finding: Finding) -> Any:
    """The typed value of a claim: `updated_at` is a number, `address` an object, `student` a boolean."""
    if field in fields.STANDARD:
        return (finding.person.claims.get(field) or None) if finding.person else None
    return fields.value_of(field, email, finding)
