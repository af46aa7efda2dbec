"""Sample contexts of the pages with a website's logo and its programs."""

from __future__ import annotations

from types import SimpleNamespace as Thing
from typing import Any

Sample = dict[str, Any]


def code_samples(framed: Sample, website: Thing, hostile: str) -> dict[tuple[str, str], Sample]:
    """(template, case) → its own context; `framed` is what every page of a website gets."""
    logo = framed | {
        "section": "asks",
        "website": website,
        "may_fetch": True,
        "typed": "",
        "longest": 2048,
        "error": "",
    }
    without = Thing(**vars(website) | {"logo": None})
    code = framed | {
        "section": "code",
        "website": website,
        "kind": "flask",
        "kinds": [("flask", "Flask"), ("curl", "curl")],
        "snippet": Thing(file="website.py", program=hostile, install="pip install flask", start="python website.py"),
    }
    by_hand = Thing(file="sign-in.sh", program="curl …", install="", start="bash sign-in.sh")
    return {
        ("websites/logo.html", "with one"): logo | {"done": "vodka shows this picture from now on."},
        ("websites/logo.html", "mistyped"): logo | {"website": without, "typed": hostile, "error": "No picture came."},
        ("websites/logo.html", "not proven"): logo
        | {"state": "unproven", "may_fetch": False, "error": "Prove it first."},
        ("websites/code.html", "a program"): code,
        ("websites/code.html", "by hand"): code | {"kind": "curl", "snippet": by_hand},
    }
