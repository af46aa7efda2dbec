"""Sample contexts of the pages about my websites and the people of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace as Thing
from typing import Any

Samples = dict[tuple[str, str], Mapping[str, object]]


def keeper_samples(framed: Mapping[str, Any], website: Thing, hostile: str, now: datetime) -> Samples:
    """The list in each state, the people as the owner and as a co-owner see them, the deletion."""
    kept = {"verified_since": now, "seen_at": now, "suspended_at": now}
    steps = (("unproven", "proof"), ("verified", "asks"), ("verified", "overview"), ("failing", "proof"))
    steps += (("suspended", "proof"), ("stopped", "overview"))
    listed = {
        "person": framed["person"],
        "done": None,
        "typed": "",
        "error": None,
        "hint": None,
        "meant": None,
        "csrf_token": "token",
    }
    listed |= {"sites": [], "invitations": []}
    people = framed | {
        "section": "people",
        "website": website,
        "is_owner": True,
        "me": 1,
        "owner": "camille.exemple@epfl.ch",
    }
    people |= {"may_invite": True, "is_full": False, "typed": "", "error": None, "hint": None}
    people |= {
        "people": [Thing(user_id=2, email="x.y@epfl.ch", joined_at=now), Thing(user_id=3, email=None, joined_at=now)],
        "invitations": [Thing(email="a.b@epfl.ch", expires_at=now)],
    }
    removal = framed | {"section": "people", "website": website, "typed": "", "error": None}
    return {
        ("websites/list.html", "nothing yet"): listed,
        ("websites/list.html", "in every state"): listed
        | {
            "done": "That is done.",
            "sites": [
                Thing(
                    website=Thing(id=number, domain="club.epfl.ch", **kept), state=state, step=step, is_mine=number < 3
                )
                for number, (state, step) in enumerate(steps)
            ],
            "invitations": [
                Thing(website_id=7, domain="club.epfl.ch", inviter="camille.exemple@epfl.ch"),
                Thing(website_id=8, domain="bike-exchange.ch", inviter=None),
            ],
        },
        ("websites/list.html", "mistyped"): listed
        | {"typed": hostile, "error": "This is not a domain.", "meant": "club.ch"},
        ("websites/people.html", "for the owner"): people,
        ("websites/people.html", "mistyped"): people | {"typed": hostile, "error": "No address.", "hint": "Give one."},
        ("websites/people.html", "alone and not proven"): people
        | {"may_invite": False, "people": [], "invitations": [], "error": "Prove the domain first.", "hint": "Now."},
        ("websites/people.html", "full"): people | {"is_full": True},
        ("websites/people.html", "for a co-owner"): people | {"is_owner": False, "me": 2, "owner": None},
        ("websites/delete.html", "asked"): removal,
        ("websites/delete.html", "mistyped"): removal | {"typed": hostile, "error": "This is not the domain."},
    }
