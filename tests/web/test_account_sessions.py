"""My sessions: seen with device, place and times, ended one by one or all but this one, nobody else's (SES-14)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import IPHONE, Start
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, VodkaUnderTest
from vodka.onetime import handle

DAY = 86400


def handles(browser: Browser) -> list[str]:
    """The sessions that the page offers to end, from top to bottom."""
    return re.findall(r'action="/account/sessions/([^"/]+)/end"', browser.get("/").text)


def press(browser: Browser, path: str) -> Any:
    """Press the button of a form on the account page."""
    return browser.post(path, data={"csrf_token": browser.cookie("csrftoken")})


def handle_of(vodka: VodkaUnderTest, email: str) -> str:
    """The public name of the one session of this address."""
    of_address = "SELECT digest FROM sessions JOIN users ON users.id = user_id WHERE email = :email"
    [row] = vodka.rows(of_address, email=email)
    return handle(bytes(row["digest"]))


def test_ses_14_the_page_shows_each_session_with_device_place_and_times(
    laptop: Browser, phone: Browser, freezer: FrozenDateTimeFactory
) -> None:
    """This one stands first and is marked; the place is rough; a session that is over or ended is not there."""
    assert phone.is_signed_in()
    freezer.tick(1800)
    card = laptop.get("/").text.partition('id="sessions"')[2].partition("</section>")[0]
    text = " ".join(re.sub("<[^>]*>", " ", card).split())
    assert "Firefox on Linux · this browser EPFL network · since 2 November 2026, 10:00" in text
    assert "last used 2 November 2026, 11:30" in text
    assert "Safari on iPhone 198.51.100.0/24 · since 2 November 2026, 11:00 last used 2 November 2026, 11:00" in text
    assert text.index("this browser") < text.index("Safari")
    assert "198.51.100.7" not in card
    freezer.tick(7 * DAY - 1800)
    assert (
        "Firefox"
        not in phone.vodka.signed_in(agent=IPHONE)
        .get("/")
        .text.partition('id="sessions"')[2]
        .partition("</section>")[0]
    )


def test_ses_14_one_session_ends_at_once_and_the_others_live(laptop: Browser, phone: Browser) -> None:
    """The answer leads back to the page, which says so; the act is in the audit."""
    [name] = handles(laptop)
    response = press(laptop, f"/account/sessions/{name}/end")
    assert (response.status_code, response.headers["Location"]) == (303, "/?done=session&at=sessions#done")
    assert not phone.is_signed_in()
    assert laptop.is_signed_in()
    assert handles(laptop) == []
    events = laptop.vodka.events("session.ended")
    assert [(event["subject"], event["detail"]) for event in events] == [(CAMILLE, "Safari on iPhone")]


def test_ses_14_every_worker_knows_of_it(start: Start, laptop: Browser, phone: Browser) -> None:
    """Another app on the same database refuses the ended session with its next request."""
    copy = start().browser()
    copy.set_cookie("SESSION_ID", phone.cookie("SESSION_ID") or "")
    assert copy.is_signed_in()
    press(laptop, f"/account/sessions/{handles(laptop)[0]}/end")
    assert not copy.is_signed_in()


def foreign(laptop: Browser) -> str:
    """The handle of somebody else's living session."""
    laptop.vodka.signed_in(ROBIN, ip="203.0.113.5")
    return handle_of(laptop.vodka, ROBIN)


def ended(laptop: Browser) -> str:
    """The handle of my own session that has ended already."""
    name = handles(laptop)[0]
    press(laptop, f"/account/sessions/{name}/end")
    return name


def replaced(laptop: Browser) -> str:
    """The handle of my own session that ended with all others."""
    name = handles(laptop)[0]
    laptop.vodka.write("UPDATE users SET epoch = epoch + 1")
    laptop.vodka.write("UPDATE sessions SET epoch = epoch + 1 WHERE place = 'EPFL network'")
    return name


@pytest.mark.parametrize(
    "find",
    [
        pytest.param(foreign, id="somebody else's"),
        pytest.param(ended, id="ended before"),
        pytest.param(replaced, id="of an earlier epoch"),
        pytest.param(lambda _: "A" * 22, id="nobody's"),
        pytest.param(lambda laptop: handles(laptop)[0][:21], id="one character short"),
        pytest.param(lambda laptop: laptop.cookie("SESSION_ID"), id="a SESSION_ID"),
        pytest.param(lambda _: "%00", id="NUL"),
        pytest.param(lambda _: "é" * 22, id="not ASCII"),
    ],
)
def test_ses_14_a_foreign_or_dead_handle_is_not_found(laptop: Browser, phone: Browser, find: Any) -> None:
    """404 for whatever is not a living session of mine, and nobody's session ends."""
    name = find(laptop)
    living = laptop.vodka.rows("SELECT digest FROM sessions WHERE revoked_at IS NULL")
    before = phone.is_signed_in()
    assert press(laptop, f"/account/sessions/{name}/end").status_code == 404
    assert laptop.vodka.rows("SELECT digest FROM sessions WHERE revoked_at IS NULL") == living
    assert phone.is_signed_in() is before


def test_the_handle_is_not_the_session(laptop: Browser) -> None:
    """What the page shows of a session opens nothing: it is neither its sid nor the whole of its digest."""
    laptop.vodka.signed_in(ip="198.51.100.7", agent=IPHONE)
    [name] = handles(laptop)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", name)
    thief = laptop.vodka.browser()
    thief.set_cookie("SESSION_ID", name)
    assert not thief.is_signed_in()


@pytest.mark.parametrize("path", ["/account/sessions/{}/end", "/account/sessions/end-others"])
def test_csr_01_nothing_ends_without_the_token(laptop: Browser, phone: Browser, path: str) -> None:
    """A session alone is not enough: 403, and both live. Without a session it is 401."""
    where = path.format(handles(laptop)[0])
    assert laptop.post(where, data={"x": ""}).status_code == 403
    assert laptop.vodka.browser().post(where, data={}).status_code == 401
    assert laptop.is_signed_in()
    assert phone.is_signed_in()


@pytest.mark.parametrize("path", ["/account/sessions/{}/end", "/account/sessions/end-others"])
def test_a_form_with_more_in_it_ends_nothing(laptop: Browser, phone: Browser, path: str) -> None:
    """Unknown fields are refused before anything is done; GET does nothing at all."""
    where = path.format(handles(laptop)[0])
    form = {"csrf_token": laptop.cookie("csrftoken"), "all": "1"}
    assert laptop.post(where, data=form).status_code == 400
    assert laptop.get(where).status_code == 405
    assert phone.is_signed_in()


def test_who_ends_this_very_session_is_signed_out(laptop: Browser) -> None:
    """By hand, since the page offers to sign out instead: the way leads over the page that takes the cookies."""
    response = press(laptop, f"/account/sessions/{handle_of(laptop.vodka, CAMILLE)}/end")
    assert (response.status_code, response.headers["Location"]) == (303, "/logout")
    assert "Signed out" in laptop.get("/logout").text
    assert laptop.cookie("SESSION_ID") is None


def test_ses_14_all_others_end_and_this_one_lives(laptop: Browser, phone: Browser) -> None:
    """Only mine, only the others; asked again there is nothing left to end, and nothing is written."""
    robin = laptop.vodka.signed_in(ROBIN, ip="203.0.113.5")
    for _ in range(2):
        response = press(laptop, "/account/sessions/end-others")
        assert (response.status_code, response.headers["Location"]) == (303, "/?done=sessions&at=sessions#done")
    assert [browser.is_signed_in() for browser in (laptop, phone, robin)] == [True, False, True]
    events = laptop.vodka.events("session.others_ended")
    assert [(event["subject"], event["detail"]) for event in events] == [(CAMILLE, "1 ended")]
    assert 'id="end-others"' not in laptop.get("/").text


def test_a_child_stands_below_its_parent_and_ends_with_it(laptop: Browser, phone: Browser) -> None:
    """A session with a parent is shown with it; ending the parent ends both, ending all others spares mine."""
    for parent, child in (("EPFL network", "1"), ("198.51.100.0/24", "2")):
        laptop.vodka.write(
            "INSERT INTO sessions SELECT :digest, user_id, digest, opened_at, authenticated_at, last_used_at, expires_at,"
            " NULL, epoch, methods, 'Wiki', place, NULL FROM sessions WHERE place = :parent AND parent IS NULL",
            digest=child.encode() * 32,
            parent=parent,
        )
    mine, other = handle(b"1" * 32), handle(b"2" * 32)
    names = handles(laptop)
    assert [names[0], names[2]] == [mine, other]
    assert "Wiki <span" in laptop.get("/").text
    press(laptop, "/account/sessions/end-others")
    assert handles(laptop) == [mine]
    press(laptop, f"/account/sessions/{mine}/end")
    assert handles(laptop) == []
    assert laptop.is_signed_in()


def test_ses_19_the_page_tells_of_the_session_that_made_room(
    vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory
) -> None:
    """The oldest ended because ten is the most: said with its device and moment, and in the audit; and no more than that."""
    browsers = []
    for number in range(10):
        browsers.append(vodka.signed_in(ip=f"198.51.100.{number}", agent=IPHONE if number == 0 else ""))
        browsers[-1].is_signed_in()
        freezer.tick(1000)
    assert "10 sessions at most: one more ends the oldest." in browsers[-1].get("/").text
    page = vodka.signed_in(ip="198.51.100.99").get("/").text
    said = "Safari on iPhone was signed out on 2 November 2026, 12:46: it was the oldest, and 10 sessions are the most."
    assert said in " ".join(page.split())
    assert [event["detail"] for event in vodka.events("session.displaced")] == ["1 ended"]
    assert vodka.rows("SELECT DISTINCT ended_by FROM sessions WHERE revoked_at IS NOT NULL") == [{"ended_by": "limit"}]


def test_ses_19_what_ended_everywhere_makes_no_room(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """Dead sessions do not count: after signing out everywhere nobody is said to have been displaced."""
    for number in range(10):
        browser = vodka.signed_in(ip=f"198.51.100.{number}")
        freezer.tick(1000)
    press(browser, "/account/sessions/end-all")
    assert "10 sessions at most" in vodka.signed_in(ip="198.51.100.99").get("/").text
    assert vodka.events("session.displaced") == []


def test_ses_14_it_is_the_same_on_each_database(vodka_on_each: VodkaUnderTest) -> None:
    """Both databases list a session by its handle, end it, and end all others."""
    here, there = vodka_on_each.signed_in(), vodka_on_each.signed_in(ip="198.51.100.7", agent=IPHONE)
    [name] = handles(here)
    assert press(here, f"/account/sessions/{name}/end").status_code == 303
    assert [here.is_signed_in(), there.is_signed_in()] == [True, False]
    last = vodka_on_each.signed_in(ip="198.51.100.8")
    assert press(last, "/account/sessions/end-others").status_code == 303
    assert [here.is_signed_in(), last.is_signed_in()] == [False, True]
