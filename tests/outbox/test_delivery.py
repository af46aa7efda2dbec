"""Delivery against a real mail server that is down, slow, greylisting, refusing, forgetful (faults F-01…F-04)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from sqlalchemy import text

from tests.outbox.house import LEA, LIMITS, VAULT, codes, delivery, mailer, promise, render, the_mail
from tests.servers.smtp import Phase, SmtpServer
from vodka.adapters.mail import Letter
from vodka.db import commit, db, execute
from vodka.outbox import store
from vodka.outbox.delivery import Delivery

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("context")


def test_a_promised_mail_is_sent_once_as_it_was_rendered() -> None:
    """In the language and with the code of the promise, dated with it; a second look sends nothing."""
    with SmtpServer() as smtp, freeze_time(NOON) as time:
        promise(code="735192")
        time.tick(3)
        sender = delivery(mailer(smtp))
        sender.deliver_due()
        sender.deliver_due()
        (letter,) = smtp.wait(1)
    mail = the_mail()
    assert letter.to == [LEA]
    assert letter.message["Subject"] == "login_code (fr)"
    assert letter.message["Message-ID"] == f"<{mail.id}@epfl.ch>"
    assert letter.message["Date"].datetime == NOON
    assert codes([letter]) == ["735192"]
    assert (mail.sent_at, mail.tries) == (NOON + timedelta(seconds=3), 1)


def test_more_mails_than_senders_are_all_sent() -> None:
    """The number of senders bounds how many go at once, not how many go."""
    with SmtpServer() as smtp:
        for number in range(5):
            promise(code=f"00000{number}")
        delivery(mailer(smtp)).deliver_due()
        assert sorted(codes(smtp.letters)) == [f"00000{number}" for number in range(5)]
    assert store.oldest_waiting() is None


def test_f_01_while_the_server_is_down_it_is_tried_after_2_4_8_seconds_until_the_end() -> None:
    """Retries double; at the code's end the mail is dropped, and not sent when the server is back."""
    tried = []
    with SmtpServer() as smtp, freeze_time(NOON) as time:
        smtp.refuse_connections()
        sender = delivery(mailer(smtp))
        promise(lifetime=600)
        while (due := the_mail().next_try_at) is not None:
            time.move_to(due)
            sender.deliver_due()
            tried.append((due - NOON).total_seconds())
        smtp.listen()
        sender.deliver_due()
        assert smtp.letters == []
    assert tried == [0, 2, 6, 14, 30, 62, 126, 254, 510, 600]
    mail = the_mail()
    assert (mail.tries, mail.drop_reason, mail.sent_at) == (9, "expired", None)


def test_f_01_once_the_server_is_back_the_mail_is_sent() -> None:
    """Not a second before its next try, and with the code of the promise."""
    with SmtpServer() as smtp, freeze_time(NOON) as time:
        smtp.refuse_connections()
        sender = delivery(mailer(smtp))
        promise(code="735192")
        sender.deliver_due()
        smtp.listen()
        time.tick(1)
        sender.deliver_due()
        assert smtp.letters == []
        time.tick(1)
        sender.deliver_due()
        assert codes(smtp.letters) == ["735192"]
    assert the_mail().tries == 2


@pytest.mark.parametrize("phase", ["banner", "MAIL", "RCPT", "DATA", "final dot"])
def test_f_02_one_hanging_connection_holds_up_one_mail(phase: Phase) -> None:
    """In each phase: the other mails go on through the other sender, and the hanging one is tried again later."""
    with SmtpServer(hang=phase, hangs=1) as smtp:
        sender = delivery(mailer(smtp))
        promise(code="000000")
        sender.step()
        smtp.wait_hanging()
        for number in range(1, 4):
            promise(code=f"00000{number}")
        sender.step()
        while len(smtp.letters) < 3:
            sender.wait(5)
            sender.step()
        assert sorted(codes(smtp.letters)) == ["000001", "000002", "000003"]
        while sender.step() > 1:
            sender.wait(5)
    while sender.settle():
        sender.wait(5)
    db.session.rollback()
    hanging = store.list_recent(10)[-1]
    assert (hanging.tries, hanging.sent_at, hanging.dropped_at) == (1, None, None)
    assert hanging.next_try_at is not None


def test_f_03_a_letter_whose_reply_was_lost_comes_twice_with_one_message_id() -> None:
    """At most one duplicate, same code and Message-ID."""
    with SmtpServer(lost_replies=1) as smtp, freeze_time(NOON) as time:
        sender = delivery(mailer(smtp))
        promise(code="735192")
        for _ in range(4):
            sender.deliver_due()
            time.tick(60)
        first, second = smtp.letters
    assert codes([first, second]) == ["735192", "735192"]
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message["Date"] == second.message["Date"]


def test_f_04_a_greylisted_mail_is_tried_again() -> None:
    """450 and then 250: sent at the second try."""
    with SmtpServer(busy=1) as smtp, freeze_time(NOON) as time:
        sender = delivery(mailer(smtp))
        promise()
        sender.deliver_due()
        assert smtp.letters == []
        time.tick(2)
        sender.deliver_due()
        assert len(smtp.letters) == 1
    assert the_mail().tries == 2


def test_f_04_ask_23_an_unknown_mailbox_is_recorded_and_not_tried_again() -> None:
    """550: dropped with its reason, nothing raised to anybody, the other mail is not held up."""
    with SmtpServer(refused=("nobody@epfl.ch",)) as smtp, freeze_time(NOON) as time:
        sender = delivery(mailer(smtp))
        promise("nobody@epfl.ch")
        promise(LEA)
        for _ in range(3):
            sender.deliver_due()
            time.tick(60)
        assert [letter.to for letter in smtp.letters] == [[LEA]]
    dropped = next(mail for mail in store.list_recent(10) if mail.to_address == "nobody@epfl.ch")
    assert dropped.tries == 1
    assert dropped.dropped_at == NOON
    assert dropped.drop_reason == "550 5.1.1 <(recipient)>: user unknown"


@pytest.mark.parametrize(("seconds", "sent"), [(599, 1), (600, 0)], ids=["the second before", "the end itself"])
def test_d6_a_mail_is_never_sent_after_its_end(seconds: int, sent: int) -> None:
    """Tried at its last second, dropped at its end."""
    with SmtpServer() as smtp, freeze_time(NOON) as time:
        promise(lifetime=600)
        time.tick(seconds)
        delivery(mailer(smtp)).deliver_due()
        assert len(smtp.letters) == sent


def test_d6_a_mail_is_never_sent_to_another_address() -> None:
    """A row whose address was changed does not open, is not sent, and does not stop the others."""
    with SmtpServer() as smtp:
        promise("noe@epfl.ch")
        execute(text("UPDATE outbox_mails SET to_address = 'eve@epfl.ch'"))
        commit()
        promise(LEA)
        delivery(mailer(smtp)).deliver_due()
        assert [letter.to for letter in smtp.letters] == [[LEA]]


def test_without_a_mailer_mails_go_to_the_mailbox_page() -> None:
    """Development: the mail counts as sent, and its content can be opened."""
    promise(code="735192")
    delivery(None).deliver_due()
    mail = the_mail()
    assert mail.sent_at is not None
    assert render(mail.kind, mail.lang, store.open_context(VAULT, mail))[1] == "code 735192\n"


def test_a_broken_template_delays_its_own_mail_only() -> None:
    """It is tried again, since a mended template may come in time."""

    def fussy(kind: str, lang: str, context: dict[str, Any]) -> tuple[str, str, str]:
        if context["code"] == "000000":
            raise KeyError("minutes")
        return render(kind, lang, context)

    with SmtpServer() as smtp, freeze_time(NOON):
        promise("noe@epfl.ch", code="000000")
        promise(LEA)
        Delivery(fussy, mailer(smtp), VAULT, LIMITS).deliver_due()
        assert [letter.to for letter in smtp.letters] == [[LEA]]
    broken = next(mail for mail in store.list_recent(10) if mail.to_address == "noe@epfl.ch")
    assert broken.next_try_at == NOON + timedelta(seconds=2)


def test_an_error_in_the_mailer_is_trouble_that_passes() -> None:
    """A mistake of ours counts as a temporary refusal: the mail waits instead of being lost."""

    class Broken:
        def send(self, letter: Letter) -> None:
            raise ZeroDivisionError(letter.to)

    with freeze_time(NOON):
        promise()
        delivery(Broken()).deliver_due()
    assert the_mail().next_try_at == NOON + timedelta(seconds=2)


def test_a_result_that_could_not_be_written_down_is_written_later() -> None:
    """F-06 between send and mark: the mail is not sent twice because the database was away for a moment."""
    with SmtpServer() as smtp:
        sender = delivery(mailer(smtp))
        promise()
        sender.step()
        sender.wait(10)
        execute(text("ALTER TABLE outbox_mails RENAME TO elsewhere"))
        commit()
        with pytest.raises(Exception, match="no such table"):
            sender.settle()
        db.session.rollback()
        execute(text("ALTER TABLE elsewhere RENAME TO outbox_mails"))
        commit()
        sender.deliver_due()
        assert len(smtp.letters) == 1
    assert the_mail().sent_at is not None
