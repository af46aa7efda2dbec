"""What is promised: with the act or not at all, unreadable in the database, claimed by one, over at its second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import text

from tests.outbox.house import LEA, LINK, VAULT, promise, the_mail
from vodka import clock
from vodka.db import commit, execute, rollback
from vodka.outbox import store
from vodka.sealing import SealBroken

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


def at_once(app: Flask, number: int, work: Callable[[], Any]) -> list[Any]:
    """What `work` gives in so many threads that start together, each with its own database session."""
    barrier, results = threading.Barrier(number), []

    def run() -> None:
        with app.app_context():
            barrier.wait()
            results.append(work())

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.usefixtures("context")
def test_a_promise_is_kept_or_dropped_with_the_act_that_made_it() -> None:
    """D6: what was rolled back promised nothing, what was committed did."""
    over = clock.after(600)
    store.add(VAULT, "login_code", LEA, "en", {"code": "111111"}, over)
    rollback()
    assert store.list_recent(10) == []
    store.add(VAULT, "login_code", LEA, "en", {"code": "222222"}, over)
    commit()
    assert store.open_context(VAULT, the_mail()) == {"code": "222222"}


@pytest.mark.usefixtures("context")
def test_neither_code_nor_link_is_readable_in_the_database(tmp_path: Path) -> None:
    """A stolen database opens no mailbox's account: the payload is sealed."""
    promise(code="735192")
    stolen = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert LEA.encode() in stolen
    assert b"735192" not in stolen
    assert LINK.encode() not in stolen


@pytest.mark.usefixtures("context")
def test_d6_a_payload_opens_for_no_other_address() -> None:
    """Whoever can write to the database still cannot have a code sent to themselves."""
    promise()
    execute(text("UPDATE outbox_mails SET to_address = 'eve@epfl.ch'"))
    commit()
    with pytest.raises(SealBroken):
        store.open_context(VAULT, the_mail())


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("seconds", "sent"), [(599, True), (600, False), (601, False)], ids=["a second before", "at its end", "later"]
)
def test_d6_a_mail_is_over_at_its_second(seconds: int, sent: bool) -> None:
    """Never after expiry: alive up to the second before, dropped at the moment itself."""
    with freeze_time(NOON) as time:
        promise(lifetime=600)
        time.move_to(NOON + timedelta(seconds=seconds))
        claimed = store.claim(clock.after(70), 10)
        dropped = store.drop_expired()
    assert (dropped, len(claimed)) == (0, 1) if sent else (1, 0)
    assert the_mail().drop_reason == (None if sent else store.EXPIRED)


@pytest.mark.usefixtures("context")
def test_a_claimed_mail_is_left_alone_until_the_claim_is_over() -> None:
    """Neither claimed by another nor dropped while it is being sent; claimed again when its sender must be dead."""
    with freeze_time(NOON) as time:
        promise(lifetime=40)
        assert [mail.tries for mail in store.claim(clock.after(35), 10)] == [1]
        time.tick(34)
        assert store.claim(clock.after(70), 10) == []
        time.tick(1)
        assert [mail.tries for mail in store.claim(clock.after(35), 10)] == [2]
        time.tick(10)
        assert store.drop_expired() == 0
        time.tick(25)
        assert store.drop_expired() == 1


def test_f_24_of_two_workers_that_claim_at_once_each_mail_goes_to_one(either_app: Flask) -> None:
    """Four claim ten of twenty mails each: every mail is claimed once."""
    with either_app.app_context():
        for number in range(20):
            promise(f"student{number}@epfl.ch")
    claimed = at_once(either_app, 4, lambda: [mail.id for mail in store.claim(clock.after(70), 10)])
    ids = [mail for some in claimed for mail in some]
    assert len(ids) == len(set(ids))
    with either_app.app_context():
        rest = store.claim(clock.after(70), 20)
    assert len(ids) + len(rest) == 20


def test_f_24_of_workers_that_take_the_lease_at_once_one_has_it(either_app: Flask) -> None:
    """First when it never existed, then when its holder died."""
    with freeze_time(NOON) as time:
        numbers = iter(range(100))
        for _ in range(2):
            taken = at_once(either_app, 4, lambda: store.take_lease("worker", str(next(numbers)), clock.after(30)))
            assert sorted(taken) == [False, False, False, True]
            time.tick(30)


@pytest.mark.usefixtures("context")
def test_marks_are_for_a_mail_that_has_not_found_its_end() -> None:
    """A late word from a sender that was given up does not bring a mail back."""
    promise()
    store.mark_sent(the_mail().id)
    sent_at = the_mail().sent_at
    store.mark_dropped(the_mail().id, "550 late")
    store.mark_retry(the_mail().id, clock.now())
    mail = the_mail()
    assert sent_at is not None
    assert (mail.sent_at, mail.dropped_at, mail.drop_reason, mail.next_try_at) == (sent_at, None, None, None)


@pytest.mark.usefixtures("context")
def test_health_hears_since_when_a_mail_waits() -> None:
    """F-01: the longest waiting one counts; sent and dropped ones do not."""
    with freeze_time(NOON) as time:
        assert store.oldest_waiting() is None
        promise()
        time.tick(5)
        promise("noe@epfl.ch")
        assert store.oldest_waiting() == NOON
        youngest, oldest = store.list_recent(10)
        store.mark_sent(oldest.id)
        assert store.oldest_waiting() == NOON + timedelta(seconds=5)
        store.mark_dropped(youngest.id, "550 unknown")
        assert store.oldest_waiting() is None


@pytest.mark.usefixtures("context")
def test_the_mailbox_lists_the_latest_first() -> None:
    """As many as asked for, newest first."""
    with freeze_time(NOON) as time:
        for name in ("a", "b", "c"):
            promise(f"{name}@epfl.ch")
            time.tick()
    assert [mail.to_address for mail in store.list_recent(2)] == ["c@epfl.ch", "b@epfl.ch"]


@pytest.mark.usefixtures("context")
def test_mails_are_forgotten_after_their_end_and_never_before() -> None:
    """Sent and dropped ones from before the moment go; younger ones and waiting ones stay."""
    with freeze_time(NOON) as time:
        for name in ("sent", "dropped", "waiting", "sent.late"):
            promise(f"{name}@epfl.ch")
        ids = {mail.to_address.split("@")[0]: mail.id for mail in store.list_recent(10)}
        store.mark_sent(ids["sent"])
        store.mark_dropped(ids["dropped"], "550 unknown")
        time.tick(60)
        store.mark_sent(ids["sent.late"])
        assert store.purge(NOON) == 0
        assert store.purge(NOON + timedelta(seconds=60)) == 2
        commit()
    assert {mail.to_address for mail in store.list_recent(10)} == {"waiting@epfl.ch", "sent.late@epfl.ch"}


def test_an_address_and_a_reason_of_full_length_fit() -> None:
    """What the mailer hands back and what accounts.emails lets through has room (RFC 5321 §4.5.3.1.3)."""
    lengths = {name: store.MAILS.c[name].type.length for name in ("to_address", "drop_reason")}
    assert lengths == {"to_address": 254, "drop_reason": 200}
