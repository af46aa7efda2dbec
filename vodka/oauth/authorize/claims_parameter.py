"""The `claims` parameter (OIDC Core §5.5): claims asked for by name, in the ID Token or at UserInfo; and an essential `acr`."""

from __future__ import annotations

import json
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from vodka.oauth.claims import fields_behind

_PLACES = ("id_token", "userinfo")


def read(raw: str | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Names by place, as far as vodka knows them, and the `acr` values of which one is essential."""
    if raw is None:
        return {}, ()
    try:
        asked = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("claims is not a JSON object.") from error
    if not isinstance(asked, dict) or any(not isinstance(asked.get(place, {}), dict) for place in _PLACES):
        raise InvalidRequestError("claims is not a JSON object with the members id_token and userinfo.")
    wanted = {place: [name for name in asked.get(place, {}) if fields_behind(name)] for place in _PLACES}
    return {place: names for place, names in wanted.items() if names}, _essential_acr(asked.get("id_token", {}))


def fields(wanted: dict[str, Any]) -> tuple[str, ...]:
    """The fields behind the claims that were asked for."""
    return tuple(dict.fromkeys(field for names in wanted.values() for name in names for field in fields_behind(name)))


def _essential_acr(asked: dict[str, Any]) -> tuple[str, ...]:
    """OIDC Core §5.5.1.1: an essential acr that cannot be reached must be a failed authentication."""
    acr = asked.get("acr")
    if not isinstance(acr, dict) or acr.get("essential") is not True:
        return ()
    values = acr.get("values", [acr["value"]] if "value" in acr else [])
    return tuple(str(value) for value in values) if isinstance(values, list) else ()
