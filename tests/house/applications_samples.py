"""Sample contexts of the pages about applications behind a proxy, for the tests that look at every page."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace as Thing
from typing import Any

Sample = dict[str, Any]
_PARTS = ("url", "students", "sections", "groups", "addresses", "public", "methods", "networks")
_WRONG = Thing(number=2, line="x\u202ey", sentence="This is not a network.", hint="Write it like 10.0.0.0/24.")
_URL = "https://club.epfl.ch/a-rather-long-folder/of-an-application/"


def _application(**rule: Any) -> Thing:
    nothing = {"students": False, "sections": frozenset(), "groups": frozenset(), "addresses": frozenset()}
    return Thing(id=3, scope=Thing(url=_URL), rule=Thing(**nothing | rule))


def applications_samples(framed: Sample, hostile: str, now: datetime) -> dict[tuple[str, str], Sample]:
    """(template, case) → its own context; `framed` is what every page of a website gets."""
    framed = framed | {"section": "applications"}
    secrets = [Thing(id=1, hint="cpLw", created_at=now), Thing(id=2, hint="x9_-", created_at=now)]
    blank = {"form": dict.fromkeys(_PARTS, ""), "errors": dict.fromkeys(_PARTS, ()), "newest": "0"}
    typed = {"form": dict.fromkeys(_PARTS, hostile), "errors": dict.fromkeys(_PARTS, (_WRONG,)), "newest": "2"}
    some = _application(
        students=True, sections=frozenset({"SC"}), groups=frozenset({"MA1"}), addresses=frozenset({"a", "b"})
    )
    one = framed | {"application": _application(), "secrets": secrets[:1], "has_room": True, "secret_problem": None}
    setup = {"word": "nginx", "proxies": [("nginx", "nginx"), ("caddy", "Caddy")], "placeholder": "THE_SECRET"}
    text = Thing(file="application.conf", text="server {\n    server_name club.epfl.ch;\n}")
    made = framed | {"application": _application(), "secret": "vodka-proxy-x"}
    return {
        ("websites/applications.html", "none yet"): framed | blank | {"applications": [], "problem": None},
        ("websites/applications.html", "two, and mistyped"): framed
        | typed
        | {"applications": [_application(), some], "problem": _WRONG, "state": "suspended", "done": "That is done."},
        ("websites/application.html", "as it is"): one | blank,
        ("websites/application.html", "mistyped"): one
        | typed
        | {"application": some, "secrets": secrets, "has_room": False, "secret_problem": _WRONG},
        ("websites/application_made.html", "new"): made | {"is_new": True},
        ("websites/application_made.html", "one more secret"): made | {"is_new": False},
        ("websites/application_setup.html", "nginx"): framed | setup | {"application": _application(), "setup": text},
    }
