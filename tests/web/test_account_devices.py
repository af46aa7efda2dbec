"""My browsers: those that logged in before, each of which can be made a stranger again."""

from __future__ import annotations

import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory

from tests.set_cookies import set_cookies
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, VodkaUnderTest

DAY = 86400


def handles(browser: Browser) -> list[str]:
    """The browsers that the page offers to forget, from top to bottom."""
    return re.findall(r'action="/account/devices/([^"/]+)/forget"', browser.get("/").text)


def forget(browser: Browser, name: str) -> Any:
    """Press Forget."""
    return browser.post(f"/account/devices/{name}/forget", data={"csrf_token": browser.cookie("csrftoken")})


def lanes(vodka: VodkaUnderTest) -> list[str]:
    """The lane of each question, the first asked first."""
    return [row["lane"] for row in vodka.rows("SELECT lane FROM questions ORDER BY created_at")]


def test_the_page_shows_the_browsers_that_signed_in(laptop: Browser, freezer: FrozenDateTimeFactory) -> None:
    """The one that came last first, this one marked, with the first and the last sign-in; nobody else's."""
    laptop.vodka.signed_in(ROBIN, ip="203.0.113.5", agent="Chrome/1 Android")
    freezer.tick(DAY)
    laptop.vodka.signed_in(ip="198.51.100.7", agent="Safari/1 iPhone")
    card = laptop.get("/").text.partition('id="devices"')[2]
    text = " ".join(re.sub("<[^>]*>", " ", card.partition("</section>")[0]).split())
    assert "Safari on iPhone since 3 November 2026 · last sign-in 3 November 2026" in text
    assert "Firefox on Linux · this browser since 2 November 2026 · last sign-in 2 November 2026" in text
    assert "Chrome on Android" not in text


def test_ask_13_a_forgotten_browser_has_no_lane_of_its_own(laptop: Browser, freezer: FrozenDateTimeFactory) -> None:
    """It asks among all strangers until it logs in again; its session is another matter and lives."""
    phone = laptop.vodka.signed_in(ip="198.51.100.7")
    freezer.tick(31)
    name = handles(laptop)[0]
    response = forget(laptop, name)
    assert (response.status_code, response.headers["Location"]) == (303, "/?done=device&at=devices#done")
    assert set_cookies(response) == {}
    assert name not in handles(laptop)
    assert phone.get("/").status_code == 200
    phone.ask()
    freezer.tick(1)
    laptop.ask()
    strange, own = lanes(laptop.vodka)[-2:]
    assert strange == "unknown"
    assert own != "unknown"
    assert [(event["subject"], event["detail"]) for event in laptop.vodka.events("device.forgotten")] == [
        (CAMILLE, "Firefox on Linux")
    ]
    freezer.tick(31)
    phone.log_in()
    assert name in handles(laptop)


def test_forgetting_this_browser_takes_its_secret_too(laptop: Browser, freezer: FrozenDateTimeFactory) -> None:
    """Whoever holds a copy of the old DEVICE cookie has no lane, not even after the owner logged in again."""
    copy = laptop.vodka.browser(ip="203.0.113.9")
    copy.set_cookie("DEVICE", laptop.cookie("DEVICE") or "")
    forget(laptop, handles(laptop)[0])
    assert laptop.cookie("DEVICE") is None
    assert "None at the moment." in laptop.get("/").text
    freezer.tick(31)
    laptop.log_in()
    freezer.tick(31)
    copy.ask()
    assert lanes(laptop.vodka)[-1] == "unknown"


def test_a_browser_unused_for_half_a_year_is_known_no_longer(laptop: Browser, freezer: FrozenDateTimeFactory) -> None:
    """It is a stranger by then, so the list does not hold it and nothing is there to forget."""
    [name] = handles(laptop)
    freezer.tick(180 * DAY)
    other = laptop.vodka.signed_in(ip="198.51.100.7")
    assert name not in handles(other)
    assert forget(other, name).status_code == 404


def test_ses_14_a_foreign_browser_is_not_found(laptop: Browser) -> None:
    """Somebody else's and nobody's are 404, and stay known; without the token it is 403, without a session 401."""
    robin = laptop.vodka.signed_in(ROBIN, ip="203.0.113.5")
    [foreign] = handles(robin)
    for name in (foreign, "A" * 22, foreign[:21], "é", "%00"):
        assert forget(laptop, name).status_code == 404, name
    assert handles(robin) == [foreign]
    [mine] = handles(laptop)
    assert laptop.post(f"/account/devices/{mine}/forget", data={"x": ""}).status_code == 403
    assert laptop.vodka.browser().post(f"/account/devices/{mine}/forget", data={}).status_code == 401
    assert handles(laptop) == [mine]


def test_a_browser_that_two_people_share_is_forgotten_by_one(laptop: Browser, freezer: FrozenDateTimeFactory) -> None:
    """The other account still knows it."""
    freezer.tick(31)
    laptop.log_in(ROBIN)
    [name] = handles(laptop)
    forget(laptop, name)
    assert [
        row["email"] for row in laptop.vodka.rows("SELECT email FROM devices JOIN users ON users.id = devices.user_id")
    ] == [CAMILLE]
