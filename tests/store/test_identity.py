"""Whose account a proven mailbox opens: the number decides where it is known, the mailbox where it is not."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from sqlalchemy import Row
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.guessing import asked
from tests.servers.directory import Behaviour, DirectoryServer
from tests.servers.postgres import PostgresCluster
from tests.vodka_under_test import CAMILLE, NOBODY, PEOPLE, ROBIN, VodkaUnderTest, write_people
from vodka import clock
from vodka.accounts import store
from vodka.accounts.identity import account_of, subject_of
from vodka.adapters.directory import Finding, Outcome, Person
from vodka.db import commit
from vodka.errors import SecretRejected
from vodka.login.proof import redeem
from vodka.login.requester import Requester
from vodka.networks import parse_ip

MOVED = "camille.nouvelle@epfl.ch"
DAY = 86400


def account(vodka: VodkaUnderTest, email: str, sciper: str | None) -> Row[Any]:
    """The account after a login with this address, of which the directory says this number, or nothing."""
    with vodka.app.app_context():
        found = account_of(email, finding(email, sciper), vodka.means.vault)
        commit()
        return found


def finding(email: str, sciper: str | None) -> Finding:
    """What the directory says."""
    if sciper is None:
        return Finding(Outcome.UNAVAILABLE, clock.now())
    return Finding(Outcome.STUDENT, clock.now(), Person(email, sciper))


def test_ask_19_every_spelling_of_an_address_is_one_account(vodka_on_each: VodkaUnderTest) -> None:
    """`First.Last@EPFL.CH` and lower case: one account, one subject."""
    for typed in (CAMILLE, "Camille.Exemple@EPFL.CH", "CAMILLE.EXEMPLE@epfl.ch"):
        browser = vodka_on_each.browser()
        assert browser.ask(typed).status_code == 201
        assert browser.answer(browser.code()).status_code == 200
    assert [row["email"] for row in vodka_on_each.rows("SELECT email FROM users")] == [CAMILLE]


def test_tok_19_a_person_under_a_new_address_keeps_the_account(vodka_on_each: VodkaUnderTest) -> None:
    """Same number, other address: same id, same subject, the new address."""
    before = account(vodka_on_each, CAMILLE, "399001")
    after = account(vodka_on_each, MOVED, "399001")
    assert (after.id, after.subject, after.epoch) == (before.id, before.subject, before.epoch)
    assert after.email == MOVED


def test_tok_19_another_person_under_an_old_address_gets_another_account(vodka_on_each: VodkaUnderTest) -> None:
    """Same address, other number: another id and subject; the one before keeps its account, without the address."""
    before = account(vodka_on_each, CAMILLE, "399001")
    after = account(vodka_on_each, CAMILLE, "399099")
    assert after.id != before.id
    assert after.subject != before.subject
    (old,) = vodka_on_each.rows("SELECT * FROM users WHERE id = :id", id=before.id)
    assert (old["email"], old["sciper"], old["epoch"]) == (None, "399001", before.epoch + 1)


def test_tok_19_two_people_who_swap_addresses_keep_their_accounts(vodka_on_each: VodkaUnderTest) -> None:
    """Each number finds its own account again, whoever comes first."""
    one, two = account(vodka_on_each, CAMILLE, "399001"), account(vodka_on_each, ROBIN, "399002")
    assert account(vodka_on_each, ROBIN, "399001").subject == one.subject
    assert account(vodka_on_each, CAMILLE, "399002").subject == two.subject


def test_tok_19_the_old_sessions_of_an_address_that_was_handed_on_are_dead(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """A leaves, B gets the address and signs in: A's browser is signed out, and B is a stranger to every site."""
    old = vodka.signed_in(CAMILLE)
    (before,) = vodka.rows("SELECT * FROM users")
    heir = {"email": CAMILLE, "sciper": "399099", "firstName": "Claude", "lastName": "Héritier", "student": True}
    write_people(vodka.people, [heir])
    freezer.tick(DAY + 1)
    new = vodka.browser()
    assert new.log_in(CAMILLE).json["user"]["firstName"] == "Claude"
    assert old.get("/").status_code == 303
    assert new.get("/").status_code == 200
    subjects = {row["subject"] for row in vodka.rows("SELECT subject FROM users")}
    assert len(subjects) == 2
    assert before["subject"] in subjects


def test_tok_19_a_person_who_moved_keeps_the_sessions(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """The new address opens the same account; the session from before goes on under it."""
    browser = vodka.signed_in(CAMILLE)
    write_people(vodka.people, [{**PEOPLE[0], "email": MOVED}])
    freezer.tick(DAY + 1)
    vodka.browser().log_in(MOVED)
    assert MOVED in browser.get("/").text
    assert len(vodka.rows("SELECT 1 FROM users")) == 1


def test_an_account_from_a_silent_directory_keeps_its_subject_when_the_number_becomes_known(
    vodka_on_each: VodkaUnderTest,
) -> None:
    """No site sees a stranger, and from then on the number decides."""
    silent = account(vodka_on_each, CAMILLE, None)
    known = account(vodka_on_each, CAMILLE, "399001")
    assert (known.id, known.subject, known.sciper) == (silent.id, silent.subject, "399001")
    assert account(vodka_on_each, MOVED, "399001").subject == silent.subject
    assert silent.subject.startswith("mailbox:")


def test_a_directory_that_falls_silent_changes_nothing(vodka: VodkaUnderTest) -> None:
    """Known first, silent later: the same account, and its number stays."""
    known = account(vodka, CAMILLE, "399001")
    assert account(vodka, CAMILLE, None) == known


def test_an_account_of_a_mailbox_gives_way_to_the_account_of_its_person(vodka_on_each: VodkaUnderTest) -> None:
    """First met under a new address while the directory was silent, then recognised: the person's own account counts."""
    person = account(vodka_on_each, CAMILLE, "399001")
    stray = account(vodka_on_each, MOVED, None)
    recognised = account(vodka_on_each, MOVED, "399001")
    assert (recognised.id, recognised.email) == (person.id, MOVED)
    (left,) = vodka_on_each.rows("SELECT email, epoch FROM users WHERE id = :id", id=stray.id)
    assert (left["email"], left["epoch"]) == (None, 1)


def test_the_subject_of_a_number_outlives_its_account(vodka: VodkaUnderTest) -> None:
    """Deleted and met again: the same subject, which says nothing of the number."""
    first = account(vodka, CAMILLE, "399001")
    with vodka.app.app_context():
        store.delete_user(first.id)
        commit()
    again = account(vodka, CAMILLE, "399001")
    assert again.subject == first.subject == subject_of("399001", vodka.means.vault)
    assert "399001" not in again.subject


def test_two_mailboxes_without_a_number_are_two_accounts(vodka: VodkaUnderTest) -> None:
    """A deleted account of a mailbox does not come back under its old subject."""
    one, two = account(vodka, CAMILLE, None), account(vodka, NOBODY, None)
    assert one.subject != two.subject


@pytest.mark.parametrize("email", [CAMILLE, NOBODY], ids=["known to the directory", "unknown to it"])
def test_two_logins_of_a_new_person_at_once_make_one_account(vodka_on_each: VodkaUnderTest, email: str) -> None:
    """Two browsers answer in the same moment, both are signed in, to one account."""
    browsers = []
    for number in range(2):
        browser, code = asked(vodka_on_each, email, ip=f"198.51.100.{number}")
        # as if it had been asked from another lane, so that the second question does not end the first
        vodka_on_each.write("UPDATE questions SET lane = :lane WHERE used_at IS NULL", lane=f"lane {number}")
        browsers.append((browser, code))
    together, answers = threading.Barrier(2), []

    def answer(number: int) -> None:
        browser, code = browsers[number]
        together.wait(10)
        answers.append(browser.answer(code))

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [response.status_code for response in answers] == [200, 200], [response.text for response in answers]
    assert len(vodka_on_each.rows("SELECT 1 FROM users")) == 1
    assert [browser.get("/").status_code for browser, _ in browsers] == [200, 200]


MEANWHILE = {
    "under the same address, number known": (CAMILLE, "399001"),
    "under the same address, number unknown": (CAMILLE, None),
    "under another address": (MOVED, "399001"),
}


@pytest.mark.parametrize(("email", "sciper"), MEANWHILE.values(), ids=MEANWHILE)
def test_an_account_that_was_made_meanwhile_is_the_account(
    start: Start, postgres: PostgresCluster, email: str, sciper: str | None
) -> None:
    """A login that saw nobody, and waits for another one that is adding the same person, ends in that account."""
    vodka = start(database_url=postgres.create_database())
    found: list[Row[Any]] = []
    second = threading.Thread(target=lambda: found.append(account(vodka, email, sciper)))
    with vodka.app.app_context():
        first = account_of(CAMILLE, finding(CAMILLE, "399001"), vodka.means.vault)
        second.start()
        until = clock.stopwatch() + 10
        while not vodka.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            assert clock.stopwatch() < until, "the second login does not wait"
        commit()
    second.join()
    assert [(row.id, row.email, row.subject) for row in found] == [(first.id, email, first.subject)]


def test_ans_05_a_proof_is_redeemed_once(vodka: VodkaUnderTest) -> None:
    """Of two requests that both judged the right code right, the second is refused."""
    browser, code = asked(vodka)
    question = browser.cookie("QUESTION_ID") or ""
    tools = vodka.means
    with vodka.app.app_context():
        requester = Requester(parse_ip("192.0.2.10"), "Firefox", "en")
        proofs = [tools.email_code.answer(requester, question, code) for _ in range(2)]
        redeem(proofs[0], finding(CAMILLE, None), tools.vault)
        with pytest.raises(SecretRejected):
            redeem(proofs[1], finding(CAMILLE, None), tools.vault)


FAULTS: dict[str, Behaviour] = {
    "F-14 it fails": "500",
    "F-14 it refuses": "400",
    "F-14 it hangs": "hang",
    "F-14 it drips": "drip",
    "F-14 its headers drip": "slow headers",
    "F-14 its headers never end": "endless headers",
    "F-14 it speaks garbage": "garbage",
    "F-14 it speaks bad UTF-8": "bad utf-8",
    "F-14 it speaks NaN": "nan",
    "F-14 it nests without end": "deep",
    "F-14 it never stops": "huge",
    "F-14 it redirects": "redirect",
    "F-14 it names somebody else": "wrong person",
    "F-14 it breaks off": "broken off",
}


def with_directory(start: Start, url: str, **limits: Any) -> VodkaUnderTest:
    """A vodka that asks this search service."""
    limits = {"directory_timeout": 0.3} | limits
    return start(directory="search-api", directory_url=url, fetch_allow="127.0.0.0/8", limits=limits)


def log_in(vodka: VodkaUnderTest, email: str = CAMILLE) -> TestResponse:
    return vodka.browser(ip="198.51.100.1").log_in(email)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_f_14_a_login_goes_on_without_the_directory(start: Start, fault: Behaviour) -> None:
    """200 within the directory's time, with null names."""
    with DirectoryServer() as directory:
        directory.behave = fault
        vodka = with_directory(start, directory.url)
        browser, code = asked(vodka)
        began = clock.stopwatch()
        response = browser.answer(code)
        assert clock.stopwatch() - began < 1.5
        assert response.json == {"user": {"email": CAMILLE, "firstName": None, "lastName": None}}
        assert browser.get("/").status_code == 200


def test_f_14_nobody_listens_where_the_directory_was(start: Start) -> None:
    """A refused connection is an outage like any other."""
    vodka = with_directory(start, "http://127.0.0.1:9")
    assert log_in(vodka).json["user"]["firstName"] is None


def test_f_14_an_outage_is_not_remembered_and_the_subject_stays(start: Start) -> None:
    """Down at the first login, back at the second: names and number come, the account is the same."""
    with DirectoryServer() as directory:
        directory.behave = "500"
        vodka = with_directory(start, directory.url)
        log_in(vodka)
        (before,) = vodka.rows("SELECT * FROM users")
        directory.behave = "ok"
        again = vodka.browser()
        vodka.write("UPDATE questions SET used_at = created_at WHERE used_at IS NULL")
        assert again.log_in().json["user"]["firstName"] == "Camille"
        (after,) = vodka.rows("SELECT * FROM users")
        assert (before["sciper"], after["sciper"]) == (None, "399001")
        assert before["subject"] == after["subject"]


def test_f_14_a_directory_that_is_down_is_soon_left_alone(freezer: FrozenDateTimeFactory, start: Start) -> None:
    """After five failures in a row logins no longer wait for it; half a minute later it is asked once more."""
    with DirectoryServer() as directory:
        directory.behave = "500"
        vodka = with_directory(start, directory.url)
        for number in range(8):
            vodka.browser(ip=f"198.51.100.{number}").log_in(f"person.number{number}@epfl.ch")
        assert len(directory.asked) == 5
        freezer.tick(30)
        log_in(vodka)
        assert len(directory.asked) == 6


ASKED_AGAIN = {
    "a known person, within the day": (CAMILLE, DAY - 1, 1),
    "a known person, after a day": (CAMILLE, DAY, 2),
    "an unknown person, within ten minutes": (NOBODY, 599, 1),
    "an unknown person, after ten minutes": (NOBODY, 600, 2),
}


@pytest.mark.parametrize(("email", "seconds", "times"), ASKED_AGAIN.values(), ids=ASKED_AGAIN)
def test_the_directory_is_asked_again_when_its_word_is_old(
    freezer: FrozenDateTimeFactory, start: Start, email: str, seconds: int, times: int
) -> None:
    """A day for who is known; ten minutes for who is not, since new students appear."""
    with DirectoryServer() as directory:
        vodka = with_directory(start, directory.url)
        log_in(vodka, email)
        freezer.tick(seconds)
        log_in(vodka, email)
        assert len(directory.asked) == times


def test_the_directory_is_not_asked_before_the_mailbox_is_proven(start: Start) -> None:
    """Asking and failing tell nobody at EPFL who is being tried."""
    with DirectoryServer() as directory:
        vodka = with_directory(start, directory.url)
        browser, _ = asked(vodka)
        browser.answer("000000")
        browser.get("/login/code")
        assert directory.asked == []


def test_what_the_directory_said_is_kept_as_a_record_that_older_code_wrote(vodka: VodkaUnderTest) -> None:
    """A record with a field that this version does not know is read all the same."""
    vodka.signed_in()
    (record,) = vodka.rows("SELECT person FROM person_records")
    person = record["person"] if isinstance(record["person"], dict) else json.loads(record["person"])
    vodka.write("UPDATE person_records SET person = :person", person=json.dumps(person | {"shoe_size": 42}))
    again = vodka.browser(ip="198.51.100.1")
    assert again.log_in().json["user"]["lastName"] == "Exemple"
