"""Sending what was promised: a few mails at once, again after a refusal, never after their end (faults F-01…F-05)."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.adapters.mail import Letter, Mailer, MailRefused
from vodka.adapters.smtp import longest_send
from vodka.limits import Limits
from vodka.outbox import store
from vodka.sealing import Vault

# (kind, language, context) → (subject on one line, plain text, HTML)
Render = Callable[[str, str, dict[str, Any]], tuple[str, str, str]]

_log = logging.getLogger(__name__)


class Delivery:
    """Sends due mails, each from a thread of its own, so that a hanging connection holds up one mail and no other (F-02).

    These threads speak to the mail server alone; rendering and the database stay with the caller's thread and its
    application context. Without a mailer (development) a mail counts as sent, and the mailbox page shows it.
    """

    def __init__(self, render: Render, mailer: Mailer | None, vault: Vault, limits: Limits) -> None:
        self._render = render
        self._mailer = mailer
        self._vault = vault
        self._senders = limits.mail_senders
        # Twice the time: a mail is only looked at again when its sender has certainly ended.
        self._claim = 2 * longest_send(limits.mail_connect_timeout, limits.mail_phase_timeout)
        self._under_way = 0
        self._ended: deque[tuple[Row[Any], MailRefused | None]] = deque()
        self._wake = threading.Event()

    def deliver_due(self) -> None:
        """Send all that is due, and return when nothing is under way; for tests and one-time commands."""
        while self.step():
            self._wake.wait()

    def step(self) -> int:
        """Write down what came of the mails under way and start others; how many are under way now."""
        self.settle()
        store.drop_expired()
        for mail in self._claim_due():
            self._start(mail)
        return self._under_way

    def settle(self) -> int:
        """Write down what came of the mails that are no longer under way; how many still are."""
        self._wake.clear()
        while self._ended:
            mail, refusal = self._ended[0]
            self._mark(mail, refusal)
            self._ended.popleft()  # not before: if the database fails, the next call writes it down
            self._under_way -= 1
        return self._under_way

    def wait(self, seconds: float) -> None:
        """Wait until a mail is no longer under way, at most so long."""
        self._wake.wait(seconds)

    def _claim_due(self) -> list[Row[Any]]:
        free = self._senders - self._under_way
        return store.claim(clock.now() + timedelta(seconds=self._claim), free) if free > 0 else []

    def _start(self, mail: Row[Any]) -> None:
        self._under_way += 1
        try:
            letter = self._letter(mail)
            # A daemon: a process that is told to stop does not wait for a mail server that hangs.
            threading.Thread(target=self._send, args=(mail, letter), name=f"mail {mail.id}", daemon=True).start()
        except Exception as error:
            # One mail that cannot be written must not stop the others; a mended template may still save it.
            _log.exception("mail %s (%s) cannot be written", mail.id, mail.kind)
            self._end(mail, MailRefused(False, type(error).__name__))

    def _letter(self, mail: Row[Any]) -> Letter:
        """The same letter on every try: code, Message-ID and date (F-03)."""
        subject, text, html = self._render(mail.kind, mail.lang, store.open_context(self._vault, mail))
        return Letter(mail.to_address, subject, text, html, message_id=mail.id, sent_at=mail.created_at)

    def _send(self, mail: Row[Any], letter: Letter) -> None:
        """In the thread: one send, and how it ended."""
        refusal = None
        try:
            if self._mailer is not None:
                self._mailer.send(letter)
        except MailRefused as refused:
            refusal = refused
        except Exception as error:
            _log.exception("mail %s met an error in the mailer", mail.id)
            refusal = MailRefused(False, type(error).__name__)
        self._end(mail, refusal)

    def _end(self, mail: Row[Any], refusal: MailRefused | None) -> None:
        self._ended.append((mail, refusal))
        self._wake.set()

    def _mark(self, mail: Row[Any], refusal: MailRefused | None) -> None:
        if refusal is None:
            store.mark_sent(mail.id)
        elif refusal.permanent:
            _log.warning("mail %s (%s) is refused for good: %s", mail.id, mail.kind, refusal.detail)
            store.mark_dropped(mail.id, refusal.detail)
        else:
            _log.warning("mail %s (%s) is not taken, try %d: %s", mail.id, mail.kind, mail.tries, refusal.detail)
            # after 2, 4, 8 … seconds (F-01), and once more at its end, to be dropped then
            store.mark_retry(mail.id, min(clock.now() + timedelta(seconds=2**mail.tries), mail.expires_at))
