"""A real SMTP server on 127.0.0.1, in a thread of its own, that can be told to misbehave."""

from __future__ import annotations

import asyncio
import ssl
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Literal, Self

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Phase = Literal["banner", "MAIL", "RCPT", "DATA", "final dot"]


@dataclass(frozen=True)
class Delivered:
    """One letter the server took: its envelope, its bytes and its parsed form."""

    mail_from: str
    to: list[str]
    raw: bytes
    message: EmailMessage
    encrypted: bool
    user: str | None

    def body(self, kind: Literal["plain", "html"]) -> str:
        """The text of one part, with `\\n` at the line ends."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Script:
    """How the server behaves; a test may change it while the server runs."""

    refused: tuple[str, ...] = ()  # 550 for these recipients
    busy: int = 0  # 450 to this many RCPTs, then 250
    replies: tuple[tuple[str, str], ...] = ()  # what is said instead to MAIL, RCPT, the dot, QUIT
    hang: Phase | None = None  # say nothing any more in this phase…
    hangs: int = 1_000_000  # …for this many connections
    drip: bool = False  # a hanging server sends a byte now and then, so that it is never silent
    lost_replies: int = 0  # take this many letters and cut the line instead of saying so


class SmtpServer:
    """Use as a context manager: `with SmtpServer() as smtp: SmtpMailer(smtp.url, …)`; then look at `smtp.letters`.

    `encryption` is "none", "starttls" or "tls" (certificate of 127.0.0.1, issued by `ca_file`); `login` is the user and
    password without which nothing is taken (only offered over TLS).
    """

    def __init__(
        self,
        *,
        encryption: Literal["none", "starttls", "tls"] = "none",
        login: tuple[str, str] | None = None,
        **script: Any,
    ) -> None:
        self.script = Script(**script)
        self.letters: list[Delivered] = []
        self._encryption = encryption
        self.login = login
        self._changed = threading.Condition()
        self._hanging = 0
        self.transports: set[Any] = set()
        self._folder = TemporaryDirectory()
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        self._tls = self._certificate() if encryption != "none" else None
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="smtp server", daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ask(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
        self._folder.cleanup()

    def listen(self) -> None:
        """Listen on a free port; after `refuse_connections`, on the same one again."""
        self._server = self._ask(self._start())
        self.port = self._server.sockets[0].getsockname()[1]

    def refuse_connections(self) -> None:
        """The server is down: connections are refused until `listen` (faults F-01)."""
        self._ask(self._close())

    @property
    def url(self) -> str:
        """The VODKA_SMTP_URL of this server."""
        scheme = "smtps" if self._encryption == "tls" else "smtp"
        login = f"{self.login[0]}:{self.login[1]}@" if self.login else ""
        query = "?starttls=1" if self._encryption == "starttls" else ""
        return f"{scheme}://{login}127.0.0.1:{self.port}{query}"

    def reset(self, **script: Any) -> None:
        """Forget the letters and follow another script, for a server that outlives its test."""
        with self._changed:
            self.script, self._hanging = Script(**script), 0
            self.letters.clear()

    def wait(self, number: int, seconds: float = 10) -> list[Delivered]:
        """The letters, once there are so many of them; fails if they do not come."""
        with self._changed:
            came = self._changed.wait_for(lambda: len(self.letters) >= number, seconds)
            assert came, f"{len(self.letters)} of {number} letters came"
            return list(self.letters)

    def wait_hanging(self, number: int = 1, seconds: float = 10) -> None:
        """Return once so many connections hang."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._hanging >= number, seconds), "nothing hangs"

    def _certificate(self) -> ssl.SSLContext:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        return context

    def _ask(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    async def _start(self) -> asyncio.Server:
        direct = self._tls if self._encryption == "tls" else None
        return await self.loop.create_server(lambda: _Talk(self), "127.0.0.1", self.port, ssl=direct)

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        # Not by waiting until each connection was told: one whose TLS handshake failed is never told.
        sockets = [transport.get_extra_info("socket") for transport in self.transports]
        for transport in self.transports:
            transport.abort()
        while any(socket.fileno() >= 0 for socket in sockets):
            await asyncio.sleep(0)  # one turn of the loop, in which it closes what was aborted
        await asyncio.sleep(0)
        self.transports.clear()

    def takes(self, delivered: Delivered) -> None:
        """Keep a letter and wake whoever waits for it."""
        with self._changed:
            self.letters.append(delivered)
            self._changed.notify_all()

    def spend(self, what: str) -> bool:
        """Use up one of the script's `hangs`, `busy` or `lost_replies`; whether there was one left."""
        with self._changed:
            left: int = getattr(self.script, what)
            setattr(self.script, what, max(0, left - 1))
            return left > 0

    async def hang_if_told(self, phase: Phase, talk: SMTP) -> None:
        """Never return, if the script says so; the connection ends when the client gives up."""
        if self.script.hang == phase and self.spend("hangs"):
            with self._changed:
                self._hanging += 1
                self._changed.notify_all()
            while self.script.drip:
                talk._writer.write(b"2")
                await talk._writer.drain()
                await asyncio.sleep(0.02)  # the server's own pace, nothing waits for it
            await asyncio.Event().wait()

    def reply(self, command: str, usual: str) -> str:
        """What the script says to a command."""
        return dict(self.script.replies).get(command, usual)

    def knows(self, user: bytes, password: bytes) -> bool:
        """Whether this is the login the server was made with."""
        return self.login == (user.decode(), password.decode())

    def options(self) -> dict[str, Any]:
        """aiosmtpd's own."""
        return {
            "hostname": "mail.test",
            "tls_context": self._tls if self._encryption == "starttls" else None,
            "require_starttls": self._encryption == "starttls",
            "auth_require_tls": self._encryption == "starttls",
        }


class _Talk(SMTP):
    """One connection: aiosmtpd's, with the misbehaviour that its handlers cannot reach."""

    def __init__(self, server: SmtpServer) -> None:
        self._owner = server
        super().__init__(_Verdicts(server), authenticator=self._check_login, loop=server.loop, **server.options())
        # not by the argument: aiosmtpd would warn, since it does not see the TLS that asyncio provides for smtps
        self._auth_required = server.login is not None

    def _check_login(self, _s: SMTP, _session: Session, _e: Envelope, _m: str, login: LoginPassword) -> AuthResult:
        known = self._owner.knows(login.login, login.password)
        return AuthResult(success=known, handled=False, auth_data=login.login.decode())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._owner.transports.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner.transports -= {self.transport, self._original_transport}
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        await self._owner.hang_if_told("banner", self)
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await self._owner.hang_if_told("DATA", self)
        early = self._owner.reply("DATA", "")
        await (self.push(early) if early else super().smtp_DATA(arg))

    async def smtp_QUIT(self, _arg: str) -> None:  # noqa: N802
        await self.push(self._owner.reply("QUIT", "221 Bye"))
        self.transport.close()


class _Verdicts:
    """What the server answers to each step; aiosmtpd finds the methods by their names."""

    def __init__(self, server: SmtpServer) -> None:
        self._owner = server

    async def handle_MAIL(self, talk: SMTP, _s: Session, envelope: Envelope, address: str, _o: Any) -> str:  # noqa: N802
        await self._owner.hang_if_told("MAIL", talk)
        envelope.mail_from = address
        return self._owner.reply("MAIL", "250 OK")

    async def handle_RCPT(self, talk: SMTP, _s: Session, envelope: Envelope, address: str, _o: Any) -> str:  # noqa: N802
        await self._owner.hang_if_told("RCPT", talk)
        if address in self._owner.script.refused:
            return f"550 5.1.1 <{address}>: user unknown"
        if self._owner.spend("busy"):
            return "450 4.2.0 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return self._owner.reply("RCPT", "250 OK")

    async def handle_DATA(self, talk: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._owner.hang_if_told("final dot", talk)
        said = self._owner.reply("final dot", "250 Taken")
        if said.startswith("2"):
            self._owner.takes(_delivered(talk, session, envelope))
            if self._owner.spend("lost_replies"):
                talk.transport.abort()
        return said


def _delivered(talk: SMTP, session: Session, envelope: Envelope) -> Delivered:
    raw = bytes(envelope.original_content or b"")
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    encrypted = talk.transport.get_extra_info("ssl_object") is not None
    user = str(session.auth_data) if session.authenticated else None
    return Delivered(envelope.mail_from or "", list(envelope.rcpt_tos), raw, message, encrypted, user)
