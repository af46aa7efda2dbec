"""Sample contexts of what owners and operators watch: a website's own page, reports, the operators' page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Thing
from typing import Any

from vodka.consent.statistics import Day, Numbers
from vodka.web.plumbing.sites.chart import drawn
from vodka.websites.watch.reports import LABELS

_NOW = datetime(2026, 10, 3, 6, 12, tzinfo=UTC)
_DAYS = tuple(Day(_NOW - timedelta(days=29 - n), n * 7 % 23, n % 3) for n in range(30))
_NUMBERS = Numbers(_DAYS, _NOW)
_QUIET = Numbers(tuple(Day(day.at, 0, 0) for day in _DAYS), None)

Sample = dict[str, Any]


def watch_samples(framed: Sample, hostile: str) -> dict[tuple[str, str], Sample]:
    """(template, case) → its own context; `framed` is what every page of a website gets."""
    club = Thing(id=7, domain="club.epfl.ch", name="Chess club", verified_since=_NOW, seen_at=_NOW, suspended_at=_NOW)
    seen = Thing(name="Chess club", description="We play.", grade="pseudonymous", fields="Student, Section")
    refused = [
        Thing(
            at=_NOW,
            sentence="The address to go back to has a part after “#”.",
            hint="Send redirect without “#”.",
            parameter="redirect",
            shown=hostile,
            reference="8F2K-71QD",
        )
    ]
    works = framed | {"section": "overview", "website": club, "step": "works", "numbers": _NUMBERS, "seen": seen}
    works |= {"chart": drawn(_DAYS), "refused": refused, "most_refused": 50}
    new = works | {"numbers": None, "chart": None, "refused": [], "state": "unproven", "step": "prove"}
    report = {"person": framed["person"], "csrf_token": "token", "domain": "club.epfl.ch", "longest": 500}
    report |= {"kinds": list(LABELS.items()), "kind": "", "words": "", "before": False, "error": None}
    operator = {
        "person": framed["person"],
        "csrf_token": "token",
        "is_fresh": True,
        "done": "It is done.",
        "error": None,
    }
    operator |= {"part": hostile, "are_more": True}
    states = ("verified", "failing", "suspended", "stopped", "unproven")
    operator |= {
        "reported": [
            Thing(id=n, domain="club.epfl.ch", is_stopped=bool(n), said=[(_NOW, "Other", hostile), (_NOW, "More", "")])
            for n in range(2)
        ],
        "waiting": [
            Thing(id=7, domain="club.epfl.ch", name=hostile, description="", digest="0f" * 32),
            Thing(id=8, domain="other.epfl.ch", name="EPFL", description=hostile, digest="0f" * 32),
        ],
        "sites": [(club, "camille.exemple@epfl.ch" if n else None, state) for n, state in enumerate(states)],
    }
    return {
        ("websites/overview.html", "works"): works,
        ("websites/overview.html", "not proven"): new,
        ("websites/overview.html", "suspended"): works | {"state": "suspended", "step": "prove"},
        ("websites/overview.html", "failing"): works | {"state": "failing", "step": "prove_again"},
        ("websites/overview.html", "stopped"): works | {"state": "stopped", "step": "stopped", "refused": refused * 50},
        ("websites/overview.html", "says nothing yet"): works
        | {"step": "ask", "numbers": _QUIET, "chart": None, "refused": [Thing(**vars(refused[0]) | {"parameter": ""})]}
        | {"seen": Thing(name="club.epfl.ch", description="", grade="anonymous", fields="")},
        ("websites/overview.html", "waits for its first login"): works
        | {"step": "log_in", "numbers": _QUIET, "chart": None, "waits_for_approval": True}
        | {"refused": [Thing(**vars(refused[0]) | {"hint": ""})]}
        | {"seen": Thing(name=hostile, description=hostile, grade="personal", fields="Email")},
        ("websites/report.html", "first"): report,
        ("websites/report.html", "without a kind, again"): report
        | {"error": "Please choose.", "before": True, "words": hostile},
        ("websites/report.html", "with a kind, at a long domain"): report
        | {"kind": "other", "domain": "a-rather-long-name-for-a-website.example"},
        ("websites/reported.html", "done"): {"person": framed["person"], "domain": "club.epfl.ch"},
        ("websites/operator.html", "much to do"): operator,
        ("websites/operator.html", "nothing to do"): operator
        | {"reported": [], "waiting": [], "sites": [], "are_more": False, "part": "", "done": None, "error": "No."},
        ("websites/operator.html", "signed in a while ago"): {
            "person": framed["person"],
            "csrf_token": "token",
            "is_fresh": False,
        },
    }


def watch_mails(site: Sample) -> dict[tuple[str, str], Sample]:
    """(folder, case) → its own context; `site` is what every mail about a website gets."""
    link = {"link": "https://vodka.example/login?redirect=%2Foperator"}
    return {
        ("mail/site_stopped", "for the owner"): site | {"page": "/websites/7"},
        ("mail/site_reported", "the first of the day"): site | {"number": 1} | link,
        ("mail/site_reported", "one of several"): site | {"number": 4} | link,
    }
