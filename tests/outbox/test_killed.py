"""A sender that is killed between the send and the mark (fault F-05)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from freezegun import freeze_time

from tests.outbox.house import codes, delivery, mailer, promise, the_mail
from tests.servers.smtp import SmtpServer
from vodka import clock

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.usefixtures("context")
def test_f_05_a_sender_killed_between_send_and_mark_leaves_at_most_one_duplicate(app: Flask) -> None:
    """kill -9: the next worker sends it once more, with the same code and Message-ID, and nobody sends it a third time."""
    command = [sys.executable, "-m", "tests.outbox.process", app.config["SQLALCHEMY_DATABASE_URI"]]
    with SmtpServer() as smtp:
        promise(code="735192")
        with subprocess.Popen([*command, smtp.url], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "sent\n"
            process.kill()
        assert the_mail().sent_at is None
        sender = delivery(mailer(smtp))
        sender.deliver_due()
        assert len(smtp.letters) == 1, "the claim of the dead sender still holds"
        for seconds in (80, 160):
            with freeze_time(clock.after(seconds)):
                sender.deliver_due()
        first, second = smtp.letters
    assert codes([first, second]) == ["735192", "735192"]
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert the_mail().sent_at is not None
