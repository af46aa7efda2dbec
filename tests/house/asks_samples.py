"""Sample contexts of the page on which an owner says what a website asks for."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace as Thing

_TEXTS = ("name", "description", "privacy_url", "terms_url", "grade", "reason")
_ASKED = Thing(key="student", label="Student", need="essential", purpose="Members must be enrolled", error="")
_NOT_ASKED = Thing(key="email", label="Email", need="no", purpose="", error="")
_REFUSED = Thing(key="email", label="Email", need="essential", purpose="", error="Please say why.")


def asks_samples(
    framed: Mapping[str, object], website: Thing, club: Thing, fields: list[Thing], hostile: str
) -> Mapping[tuple[str, str], Mapping[str, object]]:
    """The page as it was saved, and refused with hostile words in it."""
    preview = vars(club) | {"grade": "pseudonymous", "reason": "", "fields": fields}
    preview |= {"identifier": "7f3c…e9", "notice": None}
    saved = dict(framed) | {
        "section": "asks",
        "website": website,
        "form": dict.fromkeys(_TEXTS, "") | {"name": club.name, "grade": "pseudonymous"},
        "refused": False,
        "errors": dict.fromkeys((*_TEXTS, "who"), ""),
        "groups": {"studies": [_ASKED], "who": [_NOT_ASKED]},
        "longest": {"name": 80, "description": 300, "link": 300, "reason": 300, "purpose": 160},
        "name_waits": False,
        "description_waits": False,
        "preview": preview,
    }
    refused = {
        "refused": True,
        "form": dict.fromkeys(_TEXTS, hostile) | {"grade": "personal"},
        "errors": dict.fromkeys((*_TEXTS, "who"), "Please say why."),
        "groups": {"studies": [], "who": [_REFUSED]},
        "name_waits": True,
        "description_waits": True,
        "preview": preview | {"reason": hostile, "grade": "personal", "notice": "EPFL’s directory does not answer."},
    }
    return {
        ("websites/asks.html", "as saved"): saved | {"done": "Saved."},
        ("websites/asks.html", "refused, and words that wait"): saved | refused,
    }
