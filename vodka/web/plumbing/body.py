"""What was sent, read strictly: one media type, known names, each once, plain text. Anything else is the sender's mistake."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from vodka.errors import InvalidInput
from vodka.words import is_storable

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


def read_json(*known: str) -> dict[str, Any]:
    """The JSON object of the body, with no keys but the known ones (traps T9, T10). Its size was limited before."""
    sent = read_json_object()
    _check_names(sent, known)
    return sent


def read_json_object() -> dict[str, Any]:
    """The JSON object of the body, whatever its keys, with no text in it that cannot be stored, however deep."""
    # A browser cannot send this media type to another site without asking first (Fetch standard, CORS preflight).
    if request.content_type != _JSON and not _is_json_in_utf_8():
        raise UnsupportedMediaType("Send the body as application/json, in UTF-8.")
    try:
        sent = json.loads(
            request.get_data(cache=False).decode("utf-8"),
            object_pairs_hook=_without_repeats,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "bad_json", "The body is not a JSON object that can be read.", type(error).__name__
        ) from error
    if not isinstance(sent, dict):
        raise InvalidInput("bad_json", "The body must be a JSON object.")
    _check_texts(sent)
    return sent


def _check_texts(value: object) -> None:
    """Every text in it, names too. As deep as it is: what is too deep for this was too deep to be read."""
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict | list):
        for part in value:
            _check_texts(part)
        for part in value.values() if isinstance(value, dict) else ():
            _check_texts(part)


def _is_json_in_utf_8() -> bool:
    return request.mimetype == _JSON and request.mimetype_params.get("charset", "utf-8").lower() == "utf-8"


def read_form(*known: str, many: Collection[str] = ()) -> dict[str, str]:
    """The fields of a form, each at most once, but for the `many` ones, which are read by `read_many`."""
    if request.mimetype != _FORM:
        raise UnsupportedMediaType(f"Send the form as {_FORM}.")
    return _once(request.form, (*known, "csrf_token"), many)


def read_many(name: str) -> list[str]:
    """The values of a form field that may stand several times."""
    values = request.form.getlist(name)
    for value in values:
        _check_text(value)
    return values


def read_query(*known: str) -> dict[str, str]:
    """The parameters of the query, each at most once; unknown names are left alone (OAuth asks for that), but not `name[]`."""
    for name in request.args:
        if name.partition("[")[0] in known and name not in known:
            raise InvalidInput("bad_parameter", "A parameter has brackets in its name.", name[:40])
    return {name: value for name, value in _once(request.args, known, tuple(request.args)).items() if name in known}


def _once(sent: MultiDict[str, str], known: Collection[str], others: Collection[str]) -> dict[str, str]:
    _check_names(sent, (*known, *others))
    found = {}
    for name in known:
        values = sent.getlist(name)
        # RFC 6749 §3.1: parameters must not be included more than once.
        if len(values) > 1:
            raise InvalidInput("repeated_parameter", f"The parameter {name} was sent more than once.")
        if values:
            _check_text(values[0])
            found[name] = values[0]
    return found


def _check_names(sent: Collection[str], known: Collection[str]) -> None:
    if unknown := [name for name in sent if name not in known]:
        raise InvalidInput("unknown_name", "Something was sent that has no place here.", repr(unknown[0][:40]))


def _check_text(value: str) -> None:
    if not is_storable(value):
        raise InvalidInput("bad_text", "A text has characters that cannot be stored.")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key stands twice")
    return unique


def _no_constant(name: str) -> None:
    raise ValueError(name)
