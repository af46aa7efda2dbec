"""What is measured: each operation readies its requests before a round, and hands them out in it.

`aim` is the ratio that the operation should stay below, to the bare Flask route where `beside` names nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import quote

from tests.bench.client import Answer, Connection, Site

DOMAIN = "bench.epfl.ch"
REDIRECT = f"https://{DOMAIN}/callback"
APPLICATION = f"https://{DOMAIN}/"
OWNER = "bench.owner@epfl.ch"
STOCK = 250
MAILBOX = 20  # mails that the mailbox page shows at once
INPUT = re.compile(r"<input\b[^>]*>")
LEFT_OUT = re.compile(r'type="(?:checkbox|radio)"(?![^>]*\schecked)')  # what a browser does not send


class CannotRun(Exception):
    """This operation cannot be measured (yet); the text says why."""


@dataclass
class Context:
    """One vodka under measurement: where it listens, a connection for preparations, and who is signed in."""

    site: Site
    connection: Connection
    session: dict[str, str] = field(default_factory=dict)
    client: dict[str, str] = field(default_factory=dict)  # an OpenID client: its client_id and client_secret
    asked: int = 0
    secret: str = ""  # of the proxy of an application

    def expect(self, request: bytes, status: int) -> Answer:
        """The answer to a preparing request; raises CannotRun when its status is another."""
        answer = self.connection.ask(request)
        if answer.status != status:
            line = request.split(b"\r\n", 1)[0].decode()
            raise CannotRun(f"{line} answered {answer.status} instead of {status}: {answer.body[:160]!r}")
        return answer

    def fresh_address(self) -> str:
        """An address that nobody has asked a code for."""
        self.asked += 1
        return f"bench.{self.asked:07d}@epfl.ch"

    def ask(self, address: str) -> dict[str, str]:
        """Ask for a code; returns the cookies that the answer has to bring along."""
        return self.expect(self.site.post_json("/auth/ask", {"email": address}), 201).cookies()

    def open_questions(self, number: int) -> list[tuple[dict[str, str], str]]:
        """So many questions that wait for their answer: the cookies to bring along, and the code that was mailed.

        The addresses are the same each time, so that after the first round it is people with an account who sign in.
        """
        asked: list[tuple[dict[str, str], str]] = []
        while len(asked) < number:
            addresses = [f"bench.known.{len(asked) + place:04d}@epfl.ch" for place in range(MAILBOX)]
            cookies = {address: self.ask(address) for address in addresses}
            mails = self.expect(self.site.get("/dev/mailbox.json"), 200).json()
            codes = {mail["to"]: mail["code"] for mail in mails}
            if missing := cookies.keys() - codes.keys():
                raise CannotRun(f"the mailbox does not show the newest {MAILBOX} mails: {len(missing)} are missing")
            asked += [(cookies[address], codes[address]) for address in cookies]
        return asked[:number]

    def sign_in(self) -> dict[str, str]:
        """The cookies of a signed-in browser, the same for every operation."""
        if not self.session:
            [(cookies, code)] = self.open_questions(1)
            answer = self.expect(self.site.post_json("/auth/answer", {"attempt": code}, cookies), 200)
            self.session = {name: value for name, value in (cookies | answer.cookies()).items() if value}
        return self.session


class Operation:
    """One kind of request; `status` is the answer that counts, everything else ends the measurement."""

    name = ""
    server = "vodka"
    front: str | None = None  # the proxy that is asked in the server's place
    lanes = 3  # enough that the one thread of the server never waits for the client
    status = 200
    beside = "bare"  # the operation whose CPU is the measure of this one's
    aim: float | None = None
    peer: str | None = None  # another one to be compared with
    peer_aim: float | None = None
    slowest: float | None = None  # ms that 99 of 100 requests should stay below

    def __init__(self) -> None:
        self.requests: list[bytes] = []

    def prepare(self, context: Context) -> None:
        """Ready `self.requests` for one round; not measured."""
        raise NotImplementedError

    def request(self, number: int) -> bytes | None:
        """The request of this number in the round, or nothing when the stock is used up."""
        return self.requests[number] if number < len(self.requests) else None


class Repeated(Operation):
    """An operation whose requests are all the same."""

    def request(self, number: int) -> bytes | None:  # noqa: ARG002
        """The one request, again."""
        return self.requests[0]


class Bare(Repeated):
    """The bare Flask route."""

    name, server = "bare", "bare"

    def prepare(self, context: Context) -> None:
        """Nothing but its address is needed."""
        self.requests = [context.site.get("/")]


class Jwks(Repeated):
    """The public keys, as every relying site fetches them."""

    name, aim = "jwks", 0.4

    def prepare(self, context: Context) -> None:
        """Nothing but its address is needed."""
        self.requests = [context.site.get("/.well-known/jwks.json")]


class Ask(Operation):
    """A question: limits counted, code made, mail written, one commit."""

    name, aim, status = "ask", 6.0, 201

    def prepare(self, context: Context) -> None:
        """As many addresses as a round could use."""
        addresses = [context.fresh_address() for _ in range(STOCK * 8)]
        self.requests = [context.site.post_json("/auth/ask", {"email": address}) for address in addresses]


class AnswerRight(Operation):
    """The right answer: an attempt spent, the question consumed, a session opened."""

    name, aim = "answer", 6.0

    def prepare(self, context: Context) -> None:
        """As many open questions, with their codes from the mailbox."""
        self.requests = [
            context.site.post_json("/auth/answer", {"attempt": code}, cookies)
            for cookies, code in context.open_questions(STOCK)
        ]


class ConsentPage(Repeated):
    """The page that shows what would be handed over."""

    name = "consent page"

    def prepare(self, context: Context) -> None:
        """Signed in, at the verified website's redirect."""
        cookies = context.sign_in()
        self.requests = [context.site.get(f"/authorize?redirect={quote(REDIRECT, safe='')}", cookies)]


class Accept(Operation):
    """The decision: ticket spent, consent recorded, DATA_JWT signed."""

    name, aim, status = "accept", 5.0, 303

    def prepare(self, context: Context) -> None:
        """As many consent pages, each with its ticket."""
        cookies = context.sign_in()
        page = context.site.get(f"/authorize?redirect={quote(REDIRECT, safe='')}", cookies)
        self.requests = [
            context.site.post_form("/authorize", accepted(context.expect(page, 200)), cookies) for _ in range(STOCK)
        ]


class Data(Repeated):
    """SPEC's /data, with a session."""

    name, aim = "data", 3.0

    def prepare(self, context: Context) -> None:
        """Signed in."""
        self.requests = [context.site.get(f"/data?domain={DOMAIN}", context.sign_in())]


class Home(Repeated):
    """The student's own page."""

    name = "home"

    def prepare(self, context: Context) -> None:
        """Signed in."""
        self.requests = [context.site.get("/", context.sign_in())]


class Logout(Operation):
    """A session ended, for good and on every worker."""

    name = "logout"

    def prepare(self, context: Context) -> None:
        """As many sessions, each good for one logout."""
        answers = [
            context.expect(context.site.post_json("/auth/answer", {"attempt": code}, cookies), 200)
            for cookies, code in context.open_questions(STOCK)
        ]
        self.requests = [context.site.get("/auth/logout", answer.cookies()) for answer in answers]


class Status(Repeated):
    """A proxy's question about somebody who is known (forward-auth)."""

    name, aim = "status", 0.4

    def prepare(self, context: Context) -> None:
        """Let in at an application, once."""
        if not self.requests:
            self.requests = [asked(context, let_in(context))]


def let_in(context: Context) -> dict[str, str]:
    """The scoped session of somebody who came to the application by the login."""
    if not context.secret:
        raise CannotRun("there is no application")
    cookies = context.sign_in()
    back = context.connection.ask(context.site.get(f"/enter?scope={quote(APPLICATION, safe='')}", cookies))
    if back.status == 200:  # nobody has agreed in this session yet
        back = context.expect(context.site.post_form("/enter", accepted(back), cookies), 303)
    code = re.search(rb"code=([\w-]{43})", back.head)
    if code is None:
        raise CannotRun("there is no code in the way back")
    return context.expect(asked(context, {"scoped_session_code": code[1].decode()}), 200).cookies()


def asked(context: Context, cookies: dict[str, str]) -> bytes:
    """What a proxy asks when a browser with these cookies opens a page of the application."""
    more = {"X-Original-Url": f"{APPLICATION}page?x=y", "Referer": APPLICATION, "X-Vodka-Proxy": context.secret}
    lines = "".join(f"{name}: {value}\r\n" for name, value in more.items()).encode()
    return context.site.get("/status", cookies)[:-2] + lines + b"\r\n"


def accepted(page: Answer) -> list[tuple[str, str]]:
    """The fields of the consent form as a browser sends them when Accept is pressed."""
    tags = [tag for tag in INPUT.findall(page.body.decode()) if not LEFT_OUT.search(tag)]
    inputs = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in tags]
    fields = [(unescape(tag["name"]), unescape(tag.get("value", "on"))) for tag in inputs if tag.get("name")]
    if not any(name == "ticket" for name, _ in fields):
        raise CannotRun("the consent page holds no ticket")
    return [*fields, ("decision", "accept")]
