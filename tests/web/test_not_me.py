""" "This was not me": the second link of a login mail, one button, and what it ends (field C8)."""

from __future__ import annotations

import logging
import re
from base64 import urlsafe_b64decode

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.guessing import address_number, asked
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, VodkaUnderTest
from vodka.db import commit
from vodka.errors import NotFound
from vodka.login import store
from vodka.login.not_me import NotMe
from vodka.login.throttle import Throttle
from vodka.onetime import digest

HOUR = 3600
STRANGER = "198.51.100.7"
FORM = "application/x-www-form-urlencoded"  # as browsers send it, also when it is empty
OVER = "Nothing is left to stop"


def not_me(browser: Browser, email: str = CAMILLE) -> str:
    """The path of "this was not me" in the newest letter to this address."""
    found = re.search(r"https://vodka\.epfl\.ch(/not-me/\S+)", browser.letter(email).body("plain"))
    assert found is not None
    return found[1]


def say(vodka: VodkaUnderTest, path: str, ip: str = "203.0.113.5") -> int:
    """Press the button in a browser that has never been here; the status."""
    return vodka.browser(ip=ip).post(path, data={}, content_type=FORM).status_code


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_letter_holds_the_link_in_text_and_html(vodka: VodkaUnderTest, language: str) -> None:
    """Of 256 bits, under the configured origin, and the database knows its digest alone."""
    browser = vodka.browser(language=language)
    browser.ask()
    path = not_me(browser)
    assert f'href="https://vodka.epfl.ch{path}"' in browser.letter().body("html")
    secret = path.removeprefix("/not-me/")
    assert len(urlsafe_b64decode(secret + "=")) == 32
    (row,) = vodka.rows("SELECT not_me, asker FROM magic_links")
    assert bytes(row["not_me"]) == digest(secret)
    assert len(bytes(row["asker"])) == 32


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_mag_04_looking_changes_nothing(vodka: VodkaUnderTest, method: str) -> None:
    """A mail scanner that opens every link stops nothing: code, link and the button work after."""
    browser, code = asked(vodka)
    path = not_me(browser)
    for _ in range(3):
        shown = vodka.browser(ip=STRANGER).request(method, path)
        assert (shown.status_code, "Set-Cookie" in shown.headers) == (200, False)
    assert vodka.events("not_me") == []
    assert browser.answer(code).status_code == 200
    assert say(vodka, path) == 200


def test_the_page_has_one_button_that_leads_to_itself(vodka: VodkaUnderTest) -> None:
    """It names the mailbox, needs no token, and is as quiet about its address as the link's page."""
    browser, _ = asked(vodka)
    shown = vodka.browser(ip=STRANGER).get(not_me(browser))
    assert re.findall(r"<form[^>]*>", shown.text) == ['<form class="card" method="post">']
    assert CAMILLE in shown.text
    assert "csrf_token" not in shown.text
    assert (shown.headers["Referrer-Policy"], shown.headers["Cache-Control"]) == ("no-referrer", "no-store")


@pytest.mark.parametrize("reader", ["a stranger's browser", "the browser that asked", "somebody signed in"])
def test_the_button_ends_code_and_link_from_any_browser(vodka_on_each: VodkaUnderTest, reader: str) -> None:
    """The owner of the mailbox may sit anywhere; a session that is there plays no part and needs no token."""
    browser, code = asked(vodka_on_each)
    link, path = browser.link(), not_me(browser)
    readers = {
        "a stranger's browser": lambda: vodka_on_each.browser(ip=STRANGER),
        "the browser that asked": lambda: browser,
        "somebody signed in": lambda: vodka_on_each.signed_in(ROBIN, ip=STRANGER),
    }
    said = readers[reader]().post(path, data={}, content_type=FORM)
    assert (said.status_code, "It is stopped" in said.text) == (200, True)
    assert browser.answer(code).status_code == 401
    assert browser.get(link).status_code == 404
    assert vodka_on_each.rows("SELECT 1 FROM users WHERE email = :email", email=CAMILLE) == []
    assert [event["subject"] for event in vodka_on_each.events("not_me")] == [CAMILLE]


def test_it_can_be_said_once(vodka: VodkaUnderTest) -> None:
    """Said again, looked at again: the page that says it is over, and nothing is counted twice."""
    browser, _ = asked(vodka)
    path = not_me(browser)
    assert [say(vodka, path), say(vodka, path)] == [200, 404]
    assert OVER in vodka.browser().get(path).text
    assert len(vodka.events("not_me")) == 1


@pytest.mark.parametrize(
    "path",
    ["/not-me/a", "/not-me/" + "a" * 2000, "/not-me/%00", "/not-me/..%2flogin", "/not-me/é", "/not-me/%ed%a0%80"],
)
def test_mag_11_whatever_is_no_living_secret_is_one_page(vodka: VodkaUnderTest, path: str) -> None:
    """Short, long, strange: 404, for looking and for pressing."""
    shown, pressed = vodka.browser().get(path), vodka.browser().post(path, data={}, content_type=FORM)
    assert (shown.status_code, pressed.status_code) == (404, 404)
    assert OVER in shown.text
    assert OVER in pressed.text


def test_mag_11_another_kind_of_secret_is_no_living_one(vodka: VodkaUnderTest) -> None:
    """The magic link's secret does not open this page, nor this one's the link."""
    browser, _ = asked(vodka)
    magic, secret = browser.link().removeprefix("/link/"), not_me(browser).removeprefix("/not-me/")
    assert browser.get(f"/not-me/{magic}").status_code == 404
    assert browser.get(f"/link/{secret}").status_code == 404
    assert browser.get(f"/link/{magic}").status_code == 303


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 404), (1, 404)], ids=["before", "then", "after"])
def test_it_can_be_said_for_as_long_as_the_link_lives(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, seconds: int, status: int
) -> None:
    """Four hours, also once the code and the link were used: whoever used them may have been somebody else."""
    browser, code = asked(vodka)
    path = not_me(browser)
    assert browser.answer(code).status_code == 200
    freezer.tick(4 * HOUR + seconds)
    assert vodka.browser().get(path).status_code == status
    assert say(vodka, path) == status


def test_a_newer_mail_leaves_the_older_ones_button_alone(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Said of the older mail, the newer one keeps its link, and its code is stopped with all others of strangers."""
    browser, _ = asked(vodka)
    first = not_me(browser)
    freezer.tick(31)
    browser.ask()
    code, link = browser.code(), browser.link()
    assert say(vodka, first) == 200
    assert "holds a link and no code" in browser.get("/login/code").text
    assert browser.answer(code).status_code == 401
    assert browser.get(link).status_code == 303


@pytest.mark.parametrize(("seconds", "stopped"), [(-1, True), (0, False), (1, False)], ids=["before", "then", "after"])
def test_for_an_hour_strangers_get_only_the_link(
    freezer: FrozenDateTimeFactory, vodka_on_each: VodkaUnderTest, seconds: int, stopped: bool
) -> None:
    """To the second; the address next door is not touched, and no alarm is raised."""
    browser, _ = asked(vodka_on_each)
    assert say(vodka_on_each, not_me(browser)) == 200
    freezer.tick(HOUR + seconds)
    for email, is_link_only in ((CAMILLE, stopped), (ROBIN, False)):
        vodka_on_each.browser(ip=STRANGER).ask(email)
        (row,) = vodka_on_each.rows(
            "SELECT code_mac FROM questions WHERE email = :email AND used_at IS NULL", email=email
        )
        assert (row["code_mac"] is None) is is_link_only
    assert vodka_on_each.events("alarm.guessing") == []


def test_the_owners_known_browsers_keep_their_codes(vodka: VodkaUnderTest) -> None:
    """Neither a code under way nor a new one is lost in the lane of a browser that logged in before."""
    mine = vodka.signed_in()
    mine.ask()
    code = mine.code()
    stranger, _ = asked(vodka, ip=STRANGER)
    assert say(vodka, not_me(stranger)) == 200
    assert mine.answer(code).status_code == 200
    assert mine.log_in().status_code == 200


def test_a_freeze_keeps_the_wrong_answers_that_were_counted(vodka: VodkaUnderTest) -> None:
    """And a right answer by a known browser ends them, not the freeze."""
    mine = vodka.signed_in()
    stranger, code = asked(vodka, ip=STRANGER)
    stranger.answer("000000" if code != "000000" else "111111")
    assert say(vodka, not_me(stranger)) == 200
    guard = "SELECT failures, frozen_until IS NULL AS free FROM address_guards"
    assert vodka.rows(guard) == [{"failures": 1, "free": 0}]
    mine.log_in()
    assert vodka.rows(guard) == [{"failures": 0, "free": 0}]


def test_the_asker_has_used_up_the_mails_of_an_hour(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """That client, for any address, to the second; whoever said it, and everybody else, may go on asking."""
    browser, _ = asked(vodka, ip=STRANGER)
    assert say(vodka, not_me(browser), ip="203.0.113.5") == 200
    refused = vodka.browser(ip=STRANGER).ask(ROBIN)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(HOUR))
    assert vodka.browser(ip="203.0.113.5").ask(ROBIN).status_code == 201
    freezer.tick(HOUR - 1)
    assert vodka.browser(ip=STRANGER).ask(address_number(1)).status_code == 429
    freezer.tick(1)
    assert vodka.browser(ip=STRANGER).ask(address_number(1)).status_code == 201


def test_in_a_lecture_hall_it_costs_one_persons_part(start: Start) -> None:
    """Nobody can silence a whole room by asking for a code and saying that it was somebody else."""
    vodka = start(crowded_networks="192.0.2.0/24", limits={"mails_per_crowded_network": 9})
    browser, _ = asked(vodka)
    assert say(vodka, not_me(browser)) == 200
    statuses = [vodka.browser().ask(address_number(number)).status_code for number in range(3)]
    assert statuses == [201, 201, 429]


def test_csr_another_website_cannot_press_the_button(vodka: VodkaUnderTest) -> None:
    """There is no token to show, but the browser says where the form stood."""
    browser, code = asked(vodka)
    path = not_me(browser)
    forged = vodka.browser().post(path, data={}, content_type=FORM, headers={"Origin": "https://evil.example"})
    framed = vodka.browser().post(
        path, data={}, content_type=FORM, headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    )
    assert (forged.status_code, framed.status_code) == (403, 403)
    assert browser.answer(code).status_code == 200


def test_a_mail_from_before_there_was_a_tally_key_can_be_stopped_too(vodka: VodkaUnderTest) -> None:
    """Nobody is counted against then."""
    browser, code = asked(vodka)
    vodka.write("UPDATE magic_links SET asker = NULL")
    assert say(vodka, not_me(browser)) == 200
    assert browser.answer(code).status_code == 401
    assert vodka.browser().ask(ROBIN).status_code == 201


def test_aud_06_what_cannot_be_recorded_is_not_done(vodka: VodkaUnderTest) -> None:
    """Without the audit table it is a 503: the code lives, nobody is counted against, and the button works after."""
    browser, _ = asked(vodka)
    path = not_me(browser)
    vodka.write("ALTER TABLE audit_events RENAME TO away")
    assert say(vodka, path) == 503
    vodka.write("ALTER TABLE away RENAME TO audit_events")
    assert vodka.rows("SELECT 1 FROM questions WHERE used_at IS NULL") == [{"1": 1}]
    assert vodka.rows("SELECT 1 FROM address_guards") == []
    assert vodka.browser().ask(ROBIN).status_code == 201
    assert say(vodka, path) == 200


def test_mag_09_vodka_logs_no_such_link(vodka: VodkaUnderTest, caplog: pytest.LogCaptureFixture) -> None:
    """Looked at, said, and said again."""
    caplog.set_level(logging.DEBUG)
    browser, _ = asked(vodka)
    path = not_me(browser)
    assert [vodka.browser().get(path).status_code, say(vodka, path), say(vodka, path)] == [200, 200, 404]
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert not any(path.removeprefix("/not-me/") in line for line in ours)


def test_of_two_who_say_it_at_once_one_is_heard(vodka: VodkaUnderTest) -> None:
    """Whoever finds the secret used between looking and using it is told what everybody is told who comes too late."""

    class Overtaken(Throttle):
        def strike(self, asker: bytes) -> None:
            super().strike(asker)
            assert store.use_not_me(digest(secret))

    browser, _ = asked(vodka)
    secret = not_me(browser).removeprefix("/not-me/")
    tools = vodka.means
    with vodka.app.app_context():
        with pytest.raises(NotFound):
            NotMe(tools.limits, Overtaken(tools.limits, tools.vault, ())).say(secret)
        commit()
    assert vodka.events("not_me") == []
