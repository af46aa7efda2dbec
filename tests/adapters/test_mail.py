"""The door for mail, against a real server: what arrives, what is refused, and how long vodka lets itself be held up."""

from __future__ import annotations

import re
import smtplib
from datetime import UTC, datetime
from email.headerregistry import Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers.smtp import Phase, SmtpServer
from vodka.adapters.mail import (
    Letter,
    MailRefused,
    MailServer,
    SmtpMailer,
    compose,
    parse_sender,
    parse_smtp_url,
)
from vodka.adapters.names import is_address
from vodka.adapters.smtp import Conversation
from vodka.errors import Misconfigured

LETTER = Letter(
    to="lea.muller@epfl.ch",
    subject="Votre code à usage unique",
    text="Bonjour Léa,\n\nle code est 012345.\n.\nUne ligne qui commence par un point se lit entière.\n",
    html="<p>Bonjour Léa, le code est <b>012345</b>.</p>\n",
    message_id="nT3x_Q-1",
    sent_at=datetime(2026, 9, 14, 8, 0, 5, tzinfo=UTC),
)
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
}


def mailer(smtp: SmtpServer, *, url: str | None = None, phase: float = 5.0, ca_file: str | None = None) -> SmtpMailer:
    return SmtpMailer(url or smtp.url, "vodka <no-reply@epfl.ch>", 5.0, phase, ca_file)


def refusal_of(mailer: SmtpMailer) -> MailRefused:
    with pytest.raises(MailRefused) as caught:
        mailer.send(LETTER)
    return caught.value


def test_ask_01_a_letter_arrives_with_its_headers_and_both_parts() -> None:
    """One mail, to the canonical address, with the headers that keep machines from answering it."""
    with SmtpServer() as smtp:
        mailer(smtp).send(LETTER)
        (letter,) = smtp.wait(1)
    assert (letter.mail_from, letter.to) == ("no-reply@epfl.ch", ["lea.muller@epfl.ch"])
    assert letter.message["From"] == "vodka <no-reply@epfl.ch>"
    assert letter.message["To"] == "lea.muller@epfl.ch"
    assert letter.message["Subject"] == "Votre code à usage unique"
    assert letter.message["Date"].datetime == LETTER.sent_at
    assert letter.message["Message-ID"] == "<nT3x_Q-1@epfl.ch>"
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.message["X-Auto-Response-Suppress"] == "All"
    assert letter.message.get_content_type() == "multipart/alternative"
    assert letter.body("plain") == LETTER.text
    assert letter.body("html") == LETTER.html


def test_a_letter_travels_as_seven_bit_text_in_short_lines() -> None:
    """A server needs to know no extension to take it (RFC 5321 §2.3.8, §4.5.3.1.6)."""
    raw = compose(LETTER, parse_sender("vodka <no-reply@epfl.ch>"))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert re.search(rb"[^\r]\n", raw) is None


BREAKS = {
    "a line feed": "\n",
    "a carriage return": "\r",
    "both": "\r\n",
    "a NUL": "\0",
    "a tab": "\t",
    "a vertical tab": "\v",
    "a next line": "\x85",
    "a line separator": "\u2028",
    "a paragraph separator": "\u2029",
}


@pytest.mark.parametrize("character", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("field", ["to", "subject", "message_id"])
def test_ask_17_a_letter_whose_header_would_break_never_leaves(field: str, character: str) -> None:
    """CR, LF, U+2028, NUL or tab in a header value: refused for good, not escaped (CVE-2024-6923)."""
    letter = Letter(**{**LETTER.__dict__, field: f"{getattr(LETTER, field)}{character}Bcc: eve@evil.ch"})
    with pytest.raises(MailRefused) as caught:
        compose(letter, Address("", "no-reply", "epfl.ch"))
    assert caught.value.permanent


def test_ask_17_the_raw_message_has_no_header_but_ours() -> None:
    """Whatever stands in the body, the head holds the nine headers vodka writes, each once."""
    letter = Letter(**{**LETTER.__dict__, "text": "Bcc: eve@evil.ch\r\n\r\nTo: eve@evil.ch", "subject": "é" * 200})
    with SmtpServer() as smtp:
        mailer(smtp).send(letter)
        (taken,) = smtp.wait(1)
    head = taken.raw.split(b"\r\n\r\n")[0].decode()
    names = re.findall(r"^([^\s:]+):", head, re.MULTILINE)
    assert sorted(names) == sorted(HEADERS)
    assert taken.message["Subject"] == "é" * 200
    assert taken.to == ["lea.muller@epfl.ch"]


@pytest.mark.parametrize(
    "address",
    ["Lea@epfl.ch", "léa@epfl.ch", "lea@epfl.ch, eve@evil.ch", "<lea@epfl.ch>", "lea", "@epfl.ch", "lea@", "l+a@epfl.ch",
     "=?utf-8?q?lea?=@epfl.ch", "lea@epfl.ch.", f"{'a' * 246}@epfl.ch1"],
)  # fmt: skip
def test_only_a_canonical_address_is_written_to(address: str) -> None:
    """The address is checked once more where it becomes a command to a server."""
    assert not is_address(address)


@given(st.from_regex(r"[a-z0-9._-]{1,64}@[a-z0-9-]{1,20}\.ch", fullmatch=True))
def test_the_to_header_is_the_address_byte_for_byte(address: str) -> None:
    """The email package decodes words inside addresses (traps T20); for canonical ones it has nothing to decode."""
    raw = compose(Letter(**{**LETTER.__dict__, "to": address}), Address("", "no-reply", "epfl.ch"))
    assert is_address(address)
    assert f"\r\nTo: {address}\r\n".encode() in raw


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_login_happens_over_a_verified_connection(encryption: str) -> None:
    """`?starttls=1` and smtps:// both encrypt before the password is said, and verify the certificate."""
    with SmtpServer(encryption=encryption, login=("vodka", "s3cret")) as smtp:
        mailer(smtp, ca_file=smtp.ca_file).send(LETTER)
        (letter,) = smtp.wait(1)
    assert letter.encrypted
    assert letter.user == "vodka"


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_an_unknown_authority_gets_no_letter(encryption: str) -> None:
    """Without the right authority the certificate counts for nothing; the letter waits."""
    with SmtpServer(encryption=encryption, login=("vodka", "s3cret")) as smtp:
        refusal = refusal_of(mailer(smtp))
        assert smtp.letters == []
    assert not refusal.permanent
    assert "CERTIFICATE_VERIFY_FAILED" in refusal.detail


def test_a_server_that_hides_starttls_gets_neither_password_nor_letter() -> None:
    """An attacker who strips the offer of STARTTLS gains nothing (RFC 3207 §6)."""
    with SmtpServer() as smtp:
        refusal = refusal_of(mailer(smtp, url=f"smtp://vodka:s3cret@127.0.0.1:{smtp.port}?starttls=1"))
        assert smtp.letters == []
    assert not refusal.permanent
    assert "STARTTLS" in refusal.detail


def test_a_wrong_password_delays_the_mail_and_loses_none() -> None:
    """535 is about vodka's settings and not about this letter: it may pass once an operator mends them."""
    with SmtpServer(encryption="tls", login=("vodka", "s3cret")) as smtp:
        url = smtp.url.replace("s3cret", "wr0ng")
        refusal = refusal_of(mailer(smtp, url=url, ca_file=smtp.ca_file))
    assert not refusal.permanent
    assert "535" in refusal.detail
    assert "wr0ng" not in refusal.detail


def test_f_04_an_unknown_recipient_is_refused_for_good() -> None:
    """550 for the recipient; what is kept of the answer does not name them."""
    with SmtpServer(refused=("lea.muller@epfl.ch",)) as smtp:
        refusal = refusal_of(mailer(smtp))
    assert refusal.permanent
    assert refusal.detail == "550 5.1.1 <(recipient)>: user unknown"


@pytest.mark.parametrize(
    ("command", "reply", "permanent"),
    [("MAIL", "451 later", False), ("MAIL", "550 never", True), ("RCPT", "450 later", False), ("DATA", "452 full", False),
     ("DATA", "554 never", True), ("DATA", "250 what?", False), ("final dot", "451 later", False), ("final dot", "554 spam", True)],
)  # fmt: skip
def test_f_04_a_reply_of_four_is_for_now_and_of_five_for_good(command: str, reply: str, permanent: bool) -> None:
    """RFC 5321 §4.2.1, in each phase of the transaction."""
    with SmtpServer(replies=((command, reply),)) as smtp:
        refusal = refusal_of(mailer(smtp))
        assert smtp.letters == []
    assert refusal.permanent is permanent
    assert refusal.detail == reply


def test_f_01_a_server_that_is_down_is_trouble_that_passes() -> None:
    """Connection refused is temporary."""
    with SmtpServer() as smtp:
        smtp.refuse_connections()
        refusal = refusal_of(mailer(smtp))
    assert not refusal.permanent
    assert "ConnectionRefusedError" in refusal.detail


@pytest.mark.parametrize("phase", ["banner", "MAIL", "RCPT", "DATA", "final dot"])
def test_f_02_a_server_that_falls_silent_is_left(phase: Phase) -> None:
    """In each phase the sender gives up after its timeout, and the letter may be tried again."""
    with SmtpServer(hang=phase) as smtp:
        refusal = refusal_of(mailer(smtp, phase=0.1))
        smtp.wait_hanging()
    assert not refusal.permanent


@pytest.mark.parametrize("phase", ["banner", "MAIL", "final dot"])
def test_f_02_a_server_that_drips_bytes_is_left_too(phase: Phase) -> None:
    """A byte now and then ends each silence, but not the whole: connect + three phases."""
    with SmtpServer(hang=phase, drip=True) as smtp:
        refusal = refusal_of(SmtpMailer(smtp.url, "no-reply@epfl.ch", 0.2, 0.2))
        smtp.wait_hanging()
    assert not refusal.permanent


def test_f_02_nothing_more_is_said_once_the_time_is_over() -> None:
    """Time that runs out between two phases ends the conversation as well."""
    with SmtpServer() as smtp:
        talk = Conversation("127.0.0.1", smtp.port, timeout=5.0, phase=5.0)
        talk.hang_up()
        with pytest.raises(TimeoutError):
            talk.getreply()
        talk.close()
        talk.hang_up()  # the alarm may ring just when all is said: nothing to end, nothing to fail


def test_f_03_a_cut_line_after_the_final_dot_is_trouble_that_passes() -> None:
    """The letter was taken but nobody said so: it will be sent once more, with the same Message-ID."""
    with SmtpServer(lost_replies=1) as smtp:
        refusal = refusal_of(mailer(smtp))
        mailer(smtp).send(LETTER)
        first, second = smtp.wait(2)
    assert not refusal.permanent
    assert first.message["Message-ID"] == second.message["Message-ID"] == "<nT3x_Q-1@epfl.ch>"


def test_a_bad_answer_to_quit_does_not_send_the_letter_twice() -> None:
    """Once the dot is answered with 250 the letter is the server's, whatever comes after (RFC 5321 §4.2.5)."""
    with SmtpServer(replies=(("QUIT", "500 no"),)) as smtp:
        mailer(smtp).send(LETTER)
        assert len(smtp.wait(1)) == 1


def test_a_url_says_where_and_how() -> None:
    """Credentials are percent-decoded; each kind of connection has its usual port."""
    assert parse_smtp_url("smtp://v%40x:p%3A%2F1@mail.epfl.ch:2525?starttls=1") == MailServer(
        "mail.epfl.ch", 2525, "starttls", "v@x", "p:/1"
    )
    assert parse_smtp_url("smtp://mail.epfl.ch").port == 25
    assert parse_smtp_url("smtp://mail.epfl.ch?starttls=1").port == 587
    assert parse_smtp_url("smtps://mail.epfl.ch/") == MailServer("mail.epfl.ch", 465, "tls", "", "")
    assert parse_smtp_url("smtp://mail.epfl.ch?starttls=0").encryption == "none"


def test_a_password_is_not_in_the_repr() -> None:
    """Neither a log line nor a trace of the parsed URL shows it."""
    assert "s3cret" not in repr(parse_smtp_url("smtps://vodka:s3cret@mail.epfl.ch"))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "must begin with"),
        ("mail.epfl.ch:25", "must begin with"),
        ("https://mail.epfl.ch", "must begin with"),
        ("smtp://", "names no host"),
        ("smtp://mail.epfl.ch:0", "names no host"),
        ("smtp://mail.epfl.ch:99999", "no usable port"),
        ("smtps://vodka:pa/ss@mail.epfl.ch", "no usable port"),
        ("smtp://mail.epfl.ch/inbox", "may only add"),
        ("smtp://mail.epfl.ch?tls=1", "may only add"),
        ("smtp://mail.epfl.ch#here", "may only add"),
        ("smtps://vodka@mail.epfl.ch", "both a user and a password"),
        ("smtps://vodka:p%0Aw@mail.epfl.ch", "not printable ASCII"),
        ("smtps://vodka:mot de passe@mail.epfl.ch", "printable ASCII"),
        ("smtps://mail\n.epfl.ch", "printable ASCII"),
        ("smtp://vodka:s3cret@mail.epfl.ch", "in clear"),
        ("smtp://vodka:s3cret@mail.epfl.ch?starttls=0", "in clear"),
    ],
)
def test_a_url_that_cannot_be_used_is_explained(url: str, sentence: str) -> None:
    """One sentence that names the variable, and never the password."""
    with pytest.raises(Misconfigured) as caught:
        parse_smtp_url(url)
    assert caught.value.problems[0].startswith("VODKA_SMTP_URL")
    assert sentence in caught.value.problems[0]
    assert "s3cret" not in caught.value.problems[0]


def test_a_sender_may_have_a_name() -> None:
    """`name <address>` or the address alone."""
    assert parse_sender("EPFL login, vodka <no-reply@epfl.ch>") == Address("EPFL login, vodka", "no-reply", "epfl.ch")
    assert parse_sender("no-reply@epfl.ch") == Address("", "no-reply", "epfl.ch")


@pytest.mark.parametrize("mail_from", ["", "vodka", "a@b@c", "vodka <no-reply@epfl.ch", "a\n <a@b.ch>", "<a@b.ch>"])
def test_a_sender_that_cannot_be_used_is_explained(mail_from: str) -> None:
    """At start, not with the first mail."""
    with pytest.raises(Misconfigured, match="VODKA_MAIL_FROM"):
        parse_sender(mail_from)


def test_a_file_of_authorities_that_is_missing_is_explained() -> None:
    """At start, not with the first mail."""
    with pytest.raises(Misconfigured, match="VODKA_SMTP_CA_FILE"):
        SmtpMailer("smtps://mail.epfl.ch", "no-reply@epfl.ch", 1, 1, "/nowhere/ca.pem")


def test_smtplib_errors_are_oserrors() -> None:
    """The mailer catches OSError alone and relies on this."""
    assert issubclass(smtplib.SMTPException, OSError)
