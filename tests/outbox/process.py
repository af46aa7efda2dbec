"""A worker's process for tests that kill it: `python -m tests.outbox.process DATABASE_URL SMTP_URL`.

It sends with the real mailer, says "sent", and then waits for the end that the test brings: after the send, before the
mark.
"""

from __future__ import annotations

import signal
import sys

from tests.outbox.house import application, delivery
from vodka.adapters.mail import Letter, SmtpMailer


class Halting:
    """The real mailer, and then nothing more."""

    def __init__(self, url: str) -> None:
        self._real = SmtpMailer(url, "no-reply@epfl.ch", connect_timeout=5.0, phase_timeout=5.0)

    def send(self, letter: Letter) -> None:
        self._real.send(letter)
        print("sent", flush=True)
        signal.pause()


if __name__ == "__main__":
    database, smtp = sys.argv[1:]
    with application(database) as app, app.app_context():
        delivery(Halting(smtp)).deliver_due()
