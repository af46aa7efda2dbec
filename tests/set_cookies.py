"""Reading the Set-Cookie lines of an answer, as a browser does (RFC 6265 §5.2)."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.test import TestResponse


@dataclass(frozen=True)
class SetCookie:
    """One cookie that an answer sets; `attributes` have lower-case names, flags have the value ""."""

    name: str
    value: str
    attributes: dict[str, str]
    size: int


def set_cookies(response: TestResponse) -> dict[str, SetCookie]:
    """The cookies of an answer by name; one name may stand once only."""
    found: dict[str, SetCookie] = {}
    for line in response.headers.getlist("Set-Cookie"):
        pair, *rest = line.split(";")
        name, _, value = pair.partition("=")
        attributes = {key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in rest)}
        assert name not in found, f"{name} is set twice"
        found[name] = SetCookie(name, value, attributes, len(line))
    return found
