"""Samples of the pages of a device, and of a password."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace as Thing

Samples = Mapping[tuple[str, str], Mapping[str, object]]


def device_samples(person: Thing, consent: Mapping[str, object], hostile: str) -> Samples:
    """What somebody sees who signs a device in, and who chooses a password for one that cannot be."""
    mine = {"person": person, "csrf_token": "token-of-this-session"}
    form = mine | {"is_fresh": True, "shortest": 12, "is_change": False, "error": None}
    return {
        ("oauth/device.html", "first try"): mine | {"typed": "", "error": None},
        ("oauth/device.html", "mistyped"): mine | {"typed": hostile, "error": "This code does not work."},
        ("oauth/device_confirm.html", "by a link"): mine | {"code": "BCDF-GHJK"},
        ("oauth/device_done.html", "connected"): mine | {"state": "connected"},
        ("oauth/device_done.html", "denied"): mine | {"state": "denied"},
        ("oauth/device_done.html", "over"): mine | {"state": "over"},
        ("authorize/consent.html", "for a device"): {
            **consent,
            "action": "/oauth/device/decide",
            "is_client": True,
            "offline": True,
            "device": "BCDF-GHJK",
        },
        ("account/password.html", "first one"): form,
        ("account/password.html", "another one, too short"): form
        | {"is_change": True, "error": "This password is too short."},
        ("account/password.html", "signed in a while ago"): form | {"is_fresh": False},
    }
