"""The `claims` parameter (OIDC Core §5.5): claims asked for by name, and what it says about `sub` and `acr`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from vodka.oauth import acr
from vodka.oauth.claims import fields_behind

_MEMBERS = ("id_token", "userinfo")


@dataclass(frozen=True)
class Claims:
    """What was asked for. `wanted`: names by place, as far as vodka knows them; the others are about the login itself.

    `subjects`: the `sub` values of which the person must have one, None for anybody. `acr`: the values that are wished for,
    of which one is a condition if `acr_is_essential`.
    """

    wanted: Mapping[str, Any] = field(default_factory=dict)
    subjects: frozenset[str] | None = None
    acr: tuple[str, ...] = ()
    acr_is_essential: bool = False


def read(raw: str | None) -> Claims:
    """The parameter; raises InvalidRequestError for one that cannot be read."""
    if raw is None:
        return Claims()
    try:
        asked = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("claims is not a JSON object.") from error
    if not isinstance(asked, dict) or any(not isinstance(asked.get(place, {}), dict) for place in _MEMBERS):
        raise InvalidRequestError("claims is not a JSON object with the members id_token and userinfo.")
    wanted = {place: [name for name in asked.get(place, {}) if fields_behind(name)] for place in _MEMBERS}
    of_login = asked.get("id_token", {}).get("acr")
    return Claims(
        wanted={place: names for place, names in wanted.items() if names},
        subjects=_subjects([asked.get(place, {}).get("sub") for place in _MEMBERS]),
        acr=tuple(_values(of_login) or ()),
        acr_is_essential=isinstance(of_login, dict) and of_login.get("essential") is True,
    )


def kept(asked: Claims, acr_values: tuple[str, ...]) -> dict[str, Any]:
    """What a grant keeps of it, with the authentication contexts that were wished for: those that vodka knows."""
    known = [value for value in dict.fromkeys((*asked.acr, *acr_values)) if value in acr.SUPPORTED]
    return {**asked.wanted, acr.PLACE: known} if known else dict(asked.wanted)


def fields(wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields behind the claims that were asked for."""
    names = [name for place in _MEMBERS for name in wanted.get(place, ())]
    return tuple(dict.fromkeys(behind for name in names for behind in fields_behind(name)))


def _subjects(asked: list[Any]) -> frozenset[str] | None:
    """OIDC Core §5.5.1: a value of `sub` that was asked for is not answered for anybody else."""
    sets = [frozenset(values) for values in map(_values, asked) if values is not None]
    return frozenset.intersection(*sets) if sets else None


def _values(asked: Any) -> list[str] | None:
    """`value` and `values` of one claim (OIDC Core §5.5.1); None where neither was sent. What is no text matches nothing."""
    if not isinstance(asked, dict) or not asked.keys() & {"value", "values"}:
        return None
    several = asked.get("values", [])
    found = [*(several if isinstance(several, list) else []), *([asked["value"]] if "value" in asked else [])]
    return [value for value in found if isinstance(value, str)]
