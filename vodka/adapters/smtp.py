"""An SMTP client (RFC 5321) whose patience ends, whatever the server at the other end does (faults F-02)."""

from __future__ import annotations

import smtplib
import socket
import threading
from contextlib import suppress
from typing import Any


def longest_send(connect_timeout: float, phase_timeout: float) -> float:
    """The seconds after which any send has ended, however slowly the server drips: a claim on a letter lasts longer."""
    return connect_timeout + 3 * phase_timeout


class Conversation(smtplib.SMTP):
    """An SMTP client whose patience ends: `phase` seconds for each silence, `longest_send` for everything together."""

    def __init__(self, host: str, port: int, *, phase: float, timeout: float, **options: Any) -> None:
        self._phase = phase
        self._too_late = threading.Event()
        self._alarm = threading.Timer(longest_send(timeout, phase), self.hang_up)
        self._alarm.daemon = True
        self._alarm.start()
        try:
            super().__init__(host, port, timeout=timeout, **options)
        except Exception:
            self.close()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Wait for one reply (a phase); raises OSError after silence, or once everything took too long."""
        self._require_time()
        assert self.sock is not None  # else the command before it had failed
        self.sock.settimeout(self._phase)
        reply = super().getreply()
        # Once more: what dripped in before the alarm may read like the beginning of a "250".
        self._require_time()
        return reply

    def close(self) -> None:
        """Let go of the connection without a word."""
        self._alarm.cancel()
        super().close()

    def __exit__(self, *_error: object) -> None:
        # Not smtplib's own: that one raises over a bad answer to QUIT, and a letter that was taken would be sent again.
        with suppress(OSError):
            self.docmd("QUIT")
        self.close()

    def _require_time(self) -> None:
        if self._too_late.is_set():
            raise TimeoutError("the mail server took too long")

    def hang_up(self) -> None:
        """End every wait at once. A server that drips bytes is never silent, so only a clock of our own can do this."""
        self._too_late.set()
        if self.sock is not None:
            with suppress(OSError):
                # the plain socket's shutdown, since the TLS one also forgets its keys under the reader's feet
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class EncryptedConversation(Conversation, smtplib.SMTP_SSL):
    """The same over TLS from the first byte (RFC 8314 §3)."""
