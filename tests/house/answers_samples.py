"""Sample contexts of the page on which an owner says how the answer comes back, and of a secret shown once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace as Thing


def answers_samples(
    framed: Mapping[str, object], website: Thing, hostile: str, now: datetime
) -> Mapping[tuple[str, str], Mapping[str, object]]:
    """The page without anything, full, and refused with hostile words in it."""
    nothing: dict[str, object] = dict(framed) | {
        "section": "answers",
        "website": website,
        "form": {"mode": "query", "callbacks": "", "origins": ""},
        "errors": {"mode": (), "callbacks": (), "origins": ()},
        "secrets": [],
        "newest": 0,
        "has_room": True,
        "problem": None,
    }
    two = [
        Thing(id=1, hint="a_-Z", created_at=now, last_used_at=now),
        Thing(id=2, hint="0f0f", created_at=now, last_used_at=None),
    ]
    wrong = [Thing(number=2, line=hostile, sentence="The address has a backslash.", hint="Use forward slashes.")]
    full = {"mode": "code", "callbacks": "https://club.epfl.ch/cb", "origins": "https://club.epfl.ch"}
    page = "websites/answers.html"
    return {
        (page, "nothing yet"): nothing,
        (page, "full"): nothing | {"form": full, "secrets": two, "newest": 2, "has_room": False, "done": "Saved."},
        (page, "refused"): nothing
        | {
            "form": dict.fromkeys(("mode", "callbacks", "origins"), hostile),
            "errors": {
                "mode": [Thing(number=0, line="", sentence=hostile, hint="")],
                "callbacks": wrong,
                "origins": wrong,
            },
            "problem": Thing(sentence="Two secrets live already.", hint="Remove one."),
        },
        ("authorize/form_post.html", "an answer"): {
            "action": "https://club.epfl.ch/cb?a=b&c=d",
            "domain": "club.epfl.ch",
            "pairs": [("token", "eyJ.eyJ.sig"), ("state", hostile)],
            "languages": (),
        },
        ("websites/secret.html", "shown once"): dict(framed)
        | {"section": "answers", "website": website, "secret": "vodka-secret-" + "k" * 43},
    }
