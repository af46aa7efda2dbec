"""Ten days of the worker's daily look, with outages, a proof that moves, and one that stays away for three days."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory

from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite
from tests.vodka_under_test import CAMILLE, ROBIN, Browser
from tests.websites.proving import CLUB, Proving
from vodka.db import commit
from vodka.websites.owners import store as owners
from vodka.websites.places import PATH

GOOD = f"https://{CLUB}/cb"
MISSING = "The proof of your domain is missing"
STOPPED = "vodka has stopped on your website"
AGAIN = "vodka works on your website again"
UNPROVEN, SUSPENDED, VERIFIED = "site.unproven", "site.suspended", "site.verified"


@dataclass(frozen=True)
class Outside:
    """What stands outside on a day: the places that hold the token, whether the DNS and the web server work."""

    holds: tuple[str, ...] = ()
    dns: str = "ok"
    web: str = "ok"


@dataclass(frozen=True)
class Left:
    """What a day leaves behind."""

    by: str  # which proof held last
    since: int | None  # the day since when everybody may see that the domain is proven
    failures: int = 0
    mail: str = ""  # its subject, to everybody who keeps the website
    unchecked_since: str = ""  # as the consent page says it
    audit: tuple[str, ...] = ()


DOWN = Outside(dns="SERVFAIL", web="down")
DAYS = [
    (Outside(("dns",), dns="SERVFAIL"), Left("dns", 0, 1, MISSING, audit=(UNPROVEN,))),  # 1: the DNS is down
    (Outside(("dns",)), Left("dns", 0)),  # 2: and back
    (Outside(("meta",)), Left("meta", 0)),  # 3: the tag in place of the record
    (Outside(("meta",), web="down"), Left("meta", 0, 1, MISSING, audit=(UNPROVEN,))),  # 4: the web server is down
    (DOWN, Left("meta", 0, 2, unchecked_since="5 November 2026", audit=(UNPROVEN,))),  # 5: now both are
    (Outside(), Left("meta", None, 3, STOPPED, audit=(UNPROVEN, SUSPENDED))),  # 6: both answer, but nothing is there
    (DOWN, Left("meta", None, 4, audit=(UNPROVEN,))),  # 7: nothing new to say
    (Outside(("file",)), Left("file", 8, 0, AGAIN, audit=(VERIFIED,))),  # 8: a file is there: proven since today
    (Outside(("file",), web="down"), Left("file", 8, 1, MISSING, audit=(UNPROVEN,))),  # 9: the count began anew
    (Outside(("dns",)), Left("dns", 8)),  # 10: any proof heals
]


def arrange(proving: Proving, outside: Outside, token: str) -> None:
    """Make the outside world look like this."""
    proving.withdraw()
    for by in outside.holds:
        proving.publish(token, by=by)
    proving.dns.behave = outside.dns
    if outside.web == "down":
        proving.web.pages.update({path: (503, {}, b"") for path in (PATH, "/")})


def what_is_left(proving: Proving, browser: Browser, day_of: dict[int, int], events_before: int) -> tuple[Left, int]:
    """State, mails, consent page and audit of a day; and how many events there are now."""
    vodka = proving.vodka
    [row] = vodka.rows("SELECT * FROM websites")
    letters = vodka.deliver()
    subjects = {letter.message["Subject"] for letter in letters}
    assert sorted(to for letter in letters for to in letter.to) == ([CAMILLE, ROBIN] if letters else [])
    assert len(subjects) <= 1
    page = browser.get("/authorize", query_string={"redirect": GOOD})
    site = proving.site()
    assert (page.status_code == 200) is site["verified"] is (row["suspended_at"] is None)
    unchecked = page.text.partition("not checked since ")[2].partition("<")[0]
    events = [row["kind"] for row in vodka.rows("SELECT kind FROM audit_events WHERE kind LIKE 'site.%' ORDER BY id")]
    since = day_of[site["verifiedSince"]] if site["verified"] else None
    new = tuple(events[events_before:])
    return Left(row["verified_by"], since, row["failures"], "".join(subjects), unchecked, new), len(events)


def test_dom_13_ten_days_of_outages_end_as_promised(
    start: Any, dns: DnsServer, web: HttpsSite, freezer: FrozenDateTimeFactory
) -> None:
    """Each day leaves what it should, and says nothing besides, to nobody else."""
    proving = Proving.on(start, dns, web, limits={"session_lifetime": 30 * 86400}).proven()
    token = proving.token()
    browser = proving.vodka.signed_in()
    proving.vodka.deliver()
    with proving.vodka.app.app_context():
        [friend] = proving.vodka.rows("SELECT id FROM users WHERE email = :email", email=CAMILLE)
        owners.add_co_owner(proving.row()["id"], friend["id"])
        commit()
    day_of = {int(freezer().timestamp()) + day * 86400: day for day in range(len(DAYS) + 1)}
    _, events = what_is_left(proving, browser, day_of, 0)
    for number, (outside, expected) in enumerate(DAYS, start=1):
        arrange(proving, outside, token)
        freezer.tick(timedelta(days=1))
        proving.recheck()
        left, events = what_is_left(proving, browser, day_of, events)
        assert (number, asdict(left)) == (number, asdict(expected))
