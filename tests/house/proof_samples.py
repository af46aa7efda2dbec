"""Samples of the page about a website's proof: what its route hands to the template, in the cases that look different."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace as Thing

from vodka.websites.places import places_of


def proof_pages(person: object, now: datetime, hostile: str) -> dict[tuple[str, str], Mapping[str, object]]:
    """(template, case) → context."""
    nothing = {"verified_since": None, "verified_by": None, "seen_at": None, "suspended_at": None}
    held = nothing | {"verified_since": now, "verified_by": "dns", "seen_at": now, "suspended_at": now}
    site = {"id": 7, "domain": "club.epfl.ch"}
    proofs = [
        Thing(place=place, found=None, holds=False, texts=())
        for place in places_of("club.epfl.ch", "vodka-" + "k" * 43)
    ]
    base = {
        "person": person,
        "website": Thing(**site, **nothing),
        "state": "unproven",
        "section": "proof",
        "sections": ("overview", "proof", "asks", "answers", "code", "people"),
        "waits_for_approval": False,
        "done": None,
        "proofs": proofs,
        "was_checked": False,
        "is_local": False,
        "until": None,
        "csrf_token": "token-of-this-session",
    }
    seen = [Thing(place=proof.place, found="Another.", holds=False, texts=("v=spf1", hostile)) for proof in proofs]
    proven = base | {"website": Thing(**site, **held)}
    vouched = {"website": Thing(**site, **held | {"verified_by": "operator"})}
    cases = {
        "not proven yet": base,
        "nothing found": base | {"was_checked": True, "proofs": seen},
        "proven": proven | {"state": "verified"},
        "proof missing": proven | {"state": "failing", "until": now},
        "suspended": proven | {"state": "suspended"},
        "vouched for, stopped": base | vouched | {"state": "stopped"},
        "this machine": base | {"is_local": True},
    }
    return {("websites/proof.html", case): context for case, context in cases.items()}
