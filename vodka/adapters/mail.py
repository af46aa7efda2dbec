"""The door for mail: one letter to one person, handed to the deployment's mail server by SMTP (RFC 5321)."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from typing import Literal, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from vodka.adapters.names import is_address
from vodka.adapters.smtp import Conversation, EncryptedConversation
from vodka.errors import Misconfigured

_SENDER = re.compile(r"(?:(?P<name>[^<>@]*[^<>@ ]) <)?(?P<local>[A-Za-z0-9._-]+)@(?P<domain>[A-Za-z0-9.-]+)(?(name)>)")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]+")
_BREAKS = re.compile("[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]")
# 7bit: a server need not know 8BITMIME (RFC 6152), so accents travel as quoted-printable or base64.
_POLICY = SMTP.clone(cte_type="7bit")
_DETAIL_LENGTH = 200


@dataclass(frozen=True)
class Letter:
    """One mail to one person; `to` is a canonical address (accounts.emails).

    `message_id` is the part left of the `@`: a letter that is sent again keeps it, and its date (faults F-03).
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    sent_at: datetime


class MailRefused(Exception):
    """The letter was not taken; `permanent`: trying again is no use. `detail` is one line and does not name the recipient."""

    def __init__(self, permanent: bool, detail: str) -> None:
        super().__init__(detail)
        self.permanent = permanent
        self.detail = detail


class Mailer(Protocol):
    """Hands letters to a mail server."""

    def send(self, letter: Letter) -> None:
        """Return once the server has taken responsibility for the letter (RFC 5321 §4.2.5); raises MailRefused."""
        ...


@dataclass(frozen=True)
class MailServer:
    """Where the mail server is and how to speak with it."""

    host: str
    port: int
    encryption: Literal["none", "starttls", "tls"]
    user: str
    password: str = field(repr=False)


def parse_smtp_url(url: str) -> MailServer:
    """The server of `smtp://user:password@host:port?starttls=1` or `smtps://…`; raises Misconfigured with a sentence."""
    # urlsplit would drop tabs and line breaks in silence (traps T4).
    if not re.fullmatch("[\x21-\x7e]*", url):
        raise _wrong("may only hold printable ASCII: write every other character as %XX")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("names no usable port; a special character in the password is written as %XX") from None
    if parts.scheme not in ("smtp", "smtps"):
        raise _wrong("must begin with smtp:// or smtps://")
    if not parts.hostname or port == 0:
        raise _wrong("names no host; a special character in the password is written as %XX")
    encryption = _encryption(parts)
    user, password = _credentials(parts)
    # RFC 4954 §4: a client does not send a password in clear.
    if user and encryption == "none":
        raise _wrong("would send its password in clear: use smtps:// or add ?starttls=1")
    usual = {"none": 25, "starttls": 587, "tls": 465}[encryption]  # RFC 5321 §4.5.4.2, RFC 6409 §3.1, RFC 8314 §7.3
    return MailServer(parts.hostname, port or usual, encryption, user, password)


def _encryption(parts: SplitResult) -> Literal["none", "starttls", "tls"]:
    if parts.path not in ("", "/") or parts.fragment or parts.query not in ("", "starttls=0", "starttls=1"):
        raise _wrong("may only add ?starttls=1 after the host and the port")
    if parts.scheme == "smtps":
        return "tls"
    return "starttls" if parts.query == "starttls=1" else "none"


def _credentials(parts: SplitResult) -> tuple[str, str]:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise _wrong("needs both a user and a password, or neither")
    if not re.fullmatch("[\x20-\x7e]*", user + password):
        raise _wrong("holds a user or a password that is not printable ASCII")
    return user, password


def _wrong(what: str) -> Misconfigured:
    return Misconfigured([f"VODKA_SMTP_URL {what}."])


def parse_sender(mail_from: str) -> Address:
    """The sender of `no-reply@epfl.ch` or `vodka <no-reply@epfl.ch>`; raises Misconfigured."""
    found = _SENDER.fullmatch(mail_from)
    if found is None or _BREAKS.search(mail_from):
        raise Misconfigured(["VODKA_MAIL_FROM must be an address such as no-reply@epfl.ch, or a name and <address>."])
    return Address(found["name"] or "", found["local"], found["domain"])


def compose(letter: Letter, sender: Address) -> bytes:
    """The letter as it travels (RFC 5322), with a plain and an HTML part; raises MailRefused if a header is not one line."""
    # The recipient was checked when it was asked for; a header that breaks would let a stranger write mails (attacks ASK-17).
    if not is_address(letter.to) or not _MESSAGE_ID.fullmatch(letter.message_id):
        raise MailRefused(True, "the recipient or the message id is not in canonical form")
    # Python before 3.11.10 lets encoded line breaks through (CVE-2024-6923, traps T19).
    if _BREAKS.search(letter.subject):
        raise MailRefused(True, "the subject is not a single line")
    message = EmailMessage(_POLICY)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = letter.sent_at
    message["Message-ID"] = f"<{letter.message_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
    message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange, [MS-OXCMAIL] §2.2.3.2.14
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message.as_bytes()


@lru_cache(4)
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Reading all authorities of a system takes a tenth of a second: once for each process is enough."""
    return ssl.create_default_context(cafile=ca_file)


class SmtpMailer:
    """Mailer over SMTP: one connection for each letter, certificates verified, no password in clear.

    `connect_timeout` and `phase_timeout` are in seconds; `ca_file` (PEM) replaces the system's authorities. Safe to
    use from several threads. Raises Misconfigured for a URL, sender or file that cannot be used.
    """

    def __init__(
        self, url: str, mail_from: str, connect_timeout: float, phase_timeout: float, ca_file: str | None = None
    ) -> None:
        self._server = parse_smtp_url(url)
        self._sender = parse_sender(mail_from)
        self._connect_timeout = connect_timeout
        self._phase_timeout = phase_timeout
        try:
            self._tls = _trust(ca_file)
        except OSError as error:
            raise Misconfigured([f"VODKA_SMTP_CA_FILE cannot be read: {error}."]) from error

    def send(self, letter: Letter) -> None:
        """Hand one letter over. Only a 5xx about this letter is permanent; trouble with the server itself will pass."""
        content = compose(letter, self._sender)
        try:
            with self._open() as talk:
                _hand_over(talk, self._sender.addr_spec, letter.to, content)
        except OSError as error:  # smtplib's own exceptions are OSErrors too
            raise MailRefused(False, _one_line(f"{type(error).__name__}: {error}", letter.to)) from error

    def _open(self) -> Conversation:
        """A greeted, encrypted and authenticated conversation, as the URL asks for; raises OSError."""
        talk = self._connect()
        try:
            if self._server.encryption == "starttls":
                talk.starttls(context=self._tls)  # RFC 3207 §4; raises if the server does not offer it
            if self._server.user:
                talk.login(self._server.user, self._server.password)
            talk.ehlo_or_helo_if_needed()
        except OSError:
            talk.close()
            raise
        return talk

    def _connect(self) -> Conversation:
        server, tls = self._server, self._server.encryption == "tls"
        kind, options = (EncryptedConversation, {"context": self._tls}) if tls else (Conversation, {})
        return kind(
            server.host,
            server.port,
            timeout=self._connect_timeout,
            phase=self._phase_timeout,
            local_hostname=self._sender.domain,  # smtplib would ask the DNS for our own name, for every letter
            **options,
        )


def _hand_over(talk: Conversation, sender: str, to: str, content: bytes) -> None:
    """The mail transaction (RFC 5321 §3.3); raises MailRefused for a refusal, OSError for trouble."""
    _require_taken(talk.docmd("MAIL", f"FROM:<{sender}>"), to)
    _require_taken(talk.docmd("RCPT", f"TO:<{to}>"), to)
    try:
        _require_taken(talk.data(content), to)
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error, to) from error


def _require_taken(reply: tuple[int, bytes], to: str) -> None:
    code, said = reply
    if not 200 <= code < 300:
        raise _refusal(code, said, to)


def _refusal(code: int, said: bytes | str, to: str) -> MailRefused:
    # RFC 5321 §4.2.1: 5yz is final; anything else may be tried again.
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    return MailRefused(500 <= code < 600, _one_line(f"{code} {text}", to))


def _one_line(text: str, to: str) -> str:
    """A server's words for a log and a column: one line, of bounded length, without the recipient."""
    return _BREAKS.sub(" ", text.replace(to, "(recipient)"))[:_DETAIL_LENGTH]
