"""Samples of the pages around signing out for a client: what their routes hand to the templates."""

from __future__ import annotations

from collections.abc import Mapping

_FRAME = "https://club.epfl.ch/bye?iss=https%3A%2F%2Fvodka.example&sid=0a1b"


def logout_samples(person: object, hostile: str) -> dict[tuple[str, str], Mapping[str, object]]:
    """(template, case) → context."""
    asked = {"person": person, "csrf_token": "token", "domain": "club.epfl.ch"}
    onward = {"domain": "club.epfl.ch", "frames": [_FRAME, "https://bike-exchange.ch/bye"], "languages": ()}
    return {
        ("oauth/logout.html", "by a website"): asked | {"pairs": [("client_id", "0a1b"), ("state", hostile)]},
        ("oauth/logout.html", "by nobody"): asked | {"pairs": (), "domain": None},
        ("oauth/logout_onward.html", "to a website"): onward | {"onward": f"https://club.epfl.ch/?state={hostile}"},
        ("logout/done.html", "with a way back and frames"): {
            "frames": [_FRAME],
            "back": ("club.epfl.ch", "https://club.epfl.ch/"),
        },
    }
