"""Which scopes there are, which fields of a person each asks for, and which of them a client may have (OIDC Core §5.4)."""

from __future__ import annotations

from collections.abc import Mapping

from authlib.oauth2.rfc6749 import InvalidScopeError

from vodka.accounts.fields import PROFILE, allows
from vodka.oauth.request import plain

OPENID, OFFLINE = "openid", "offline_access"
# In the order they are shown. The fields are those of accounts.fields.
FIELDS: Mapping[str, tuple[str, ...]] = {
    OPENID: (),
    "profile": ("firstName", "lastName", *PROFILE),
    "email": ("email",),
    "affiliation": ("student", "affiliation"),
    "studies": ("section", "level"),
    "sciper": ("sciper",),
    "address": ("address",),
    "phone": ("phone_number",),
    OFFLINE: (),
}


def split(scope: str) -> tuple[str, ...]:
    """The words of a scope, each once (RFC 6749 §3.3)."""
    return tuple(dict.fromkeys(scope.split()))


def fields_of(scope: str) -> tuple[str, ...]:
    """The fields that a scope asks for."""
    return tuple(field for word in split(scope) for field in FIELDS.get(word, ()))


def is_allowed(word: str, grade: str) -> bool:
    """Whether a website's grade leaves something of a scope: of one that asks for no field, all."""
    fields = FIELDS.get(word, ())
    return not fields or any(allows(grade, field) for field in fields)


def of_grade(grade: str) -> tuple[str, ...]:
    """The scopes that a website's grade leaves something of."""
    return tuple(word for word in FIELDS if is_allowed(word, grade))


def allowed(asked: str, registered: str, grade: str) -> str:
    """What of a scope a client may have; raises InvalidScopeError for what its website's grade does not allow.

    OIDC Core §3.1.2.1: scope values that are not understood SHOULD be ignored. So are those that the client did not register;
    of the words that it did register, those that are not vodka's are its own.
    """
    of_client = split(registered)
    known = [word for word in split(asked) if word in of_client]
    if too_much := [word for word in known if not is_allowed(word, grade)]:
        raise InvalidScopeError(
            plain(f"This website asks under the grade {grade}, which does not allow the scope {too_much[0]}. ")
            + "Its owner can change the grade on the page of the website."
        )
    return " ".join(known)


def without_person(scope: str) -> str:
    """What of a scope makes sense for a client by itself: nothing that is about a person."""
    return " ".join(word for word in split(scope) if word not in FIELDS)
