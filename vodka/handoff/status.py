"""Whether a request may go on to the application: what /status answers, in plain values (FLOWS long term session).

Two ways lead to the same answer. `swift` is for who holds a living scoped session: one read, no write. `full` is for all.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import Row

from vodka import clock
from vodka.accounts.people import find_person, is_old, old_at
from vodka.adapters.directory import Directory, Outcome
from vodka.errors import InvalidInput, SecretRejected
from vodka.handoff import applications, dialects, proxies
from vodka.handoff.applications import Application
from vodka.handoff.dialects import Headers, Original
from vodka.handoff.identity import Badges, Header, nobody, person_of
from vodka.handoff.passing import Person, Verdict, is_admitted, verdict
from vodka.handoff.proxies import Peer
from vodka.handoff.scoped import cookies, entering, store
from vodka.interaction import return_to
from vodka.keys.ring import Keyring
from vodka.limits import Limits
from vodka.onetime import digest
from vodka.websites import redirects

PATH = "/status"
_TOUCH_INTERVAL = timedelta(minutes=10)  # last use is shown roughly, and costs a write
_LONGEST_REMEMBERED = 2048  # characters of a Cookie header
_REMEMBERED = 4096  # people whom the directory said nothing about lately
LOGIN = "X-Vodka-Login"


class Reply(NamedTuple):
    """200, 401 or 403, and nothing else: proxies take anything else for a fault of theirs (attacks SCO-17)."""

    status: int
    headers: Sequence[Header] = ()


REFUSED = Reply(403)
Memory = MutableMapping[object, Any]  # see db.Reader


class Gate:
    """Answers for the applications of one vodka."""

    def __init__(self, issuer: str, keyring: Keyring, directory: Directory, limits: Limits) -> None:
        self._issuer, self._directory, self._limits = issuer, directory, limits
        self._badges = Badges(issuer, keyring, limits)
        self._silent: dict[str, int] = {}  # about whom the directory was asked in vain, and when

    def swift(self, headers: Headers, peer: Peer, memory: Memory) -> Reply | None:
        """The answer for a living scoped session that needs no write; None: ask `full`.

        `memory` holds what was read before while nothing at all has been committed since; it may always be empty.
        """
        original = dialects.read(headers)
        if original is None or original.code is not None:
            return None
        known = _Known.find(headers.get("cookie") or "", headers.get(proxies.HEADER), original, memory, self._limits)
        if known is None:
            return None
        now = clock.now()
        if now >= known.until or (now >= known.old_at and self._is_old(known.row)):
            return None
        application = known.application
        if not application.scope.covers(original.place):
            return None
        if not proxies.is_proven(known.row, application, known.secret, peer):
            return None
        return self._judge(known.key, known.row, known.person, application, original)

    def full(self, headers: Headers, peer: Peer) -> Reply:
        """The answer. Raises NotPermitted for a code in the wrong place."""
        original = dialects.read(headers)
        if original is None:
            return REFUSED
        secret = proxies.shown_by(headers.get(proxies.HEADER))
        found = applications.covering(original.place, store.list_of_origin(original.place.origin, secret))
        if found is None:
            return REFUSED
        application = applications.read(found)
        # Before anything else is looked at: without the proof it is not a proxy that speaks (attacks SCO-08).
        if not proxies.is_proven(found, application, secret, peer):
            return REFUSED
        tokens = cookies.read(headers.get("cookie") or "")
        code = tokens.code
        came = original.code
        if came is not None and original.is_read and store.is_code_of(application.id, digest(came)):
            if original.keeps_cookies:
                return _leave_out(came, application, original, self._limits)
            code = came
        for shown in tokens.sessions(original):
            row = self._living(digest(shown), application)
            if row is not None:
                return self._judge(digest(shown), row, _person(row), application, original)
        return self._for_stranger(code, application, original)

    def _for_stranger(self, code: str | None, application: Application, original: Original) -> Reply:
        """Who has no scoped session: a code becomes one, public paths are open, the rest has to sign in."""
        if code is not None:
            try:
                entered = entering.enter(code, application, original)
            except SecretRejected:
                pass  # as if there were none: over, used, or its session has ended
            else:
                row = self._living(digest(entered.token), application)
                assert row is not None, "opened a moment ago, in this very transaction"
                reply = self._judge(digest(entered.token), row, _person(row), application, original)
                return Reply(
                    reply.status, [*reply.headers, cookies.of_session(entered.token, entered.until, application)]
                )
        said = verdict(application.rule, application.scope, original.place, original.method, None)
        if said is Verdict.ADMIT:
            return Reply(200, nobody())
        return Reply(401, [(LOGIN, self._login(application, original))]) if said is Verdict.SIGN_IN else REFUSED

    def _living(self, key: bytes, application: Application) -> Row[Any] | None:
        """The living scoped session of this digest, at this application; what the directory said is read anew when old."""
        row = store.find_living(key, clock.now(), b"")
        if row is None or row.application_id != application.id:
            return None
        if self._is_old(row):
            if find_person(self._directory, row.email, self._limits).outcome is Outcome.UNAVAILABLE:
                self._be_patient(row.email)
            row = store.find_living(key, clock.now(), b"")
        if row is not None and clock.is_over(row.last_used_at + _TOUCH_INTERVAL):
            store.touch(key)
        return row

    def _judge(self, key: bytes, row: Row[Any], person: Person, application: Application, original: Original) -> Reply:
        said = verdict(application.rule, application.scope, original.place, original.method, person)
        if said is Verdict.ADMIT:
            return Reply(200, self._badges.of(key, row, original.place.host))
        # Who is not on the list is told so by vodka's page. A method that is not gets no page: it would lead back here.
        told = original.is_read and not is_admitted(application.rule, person)
        return Reply(403, [(LOGIN, self._login(application, original))]) if told else REFUSED

    def _is_old(self, row: Row[Any]) -> bool:
        """Whether the directory has to be asked again, and did not stay silent about this address a moment ago."""
        if row.read_at is not None and not is_old(row.outcome, row.read_at, self._limits):
            return False
        silent = self._silent.get(row.email)
        return silent is None or not 0 <= clock.epoch() - silent < self._limits.breaker_pause

    def _be_patient(self, email: str) -> None:
        if len(self._silent) >= _REMEMBERED:
            self._silent.clear()
        self._silent[email] = clock.epoch()

    def _login(self, application: Application, original: Original) -> str:
        """Where a proxy may send a browser: back to the same page where it was reading one."""
        # Without its query where that is too long, or says `state`, and without its path where nothing else helps.
        ways = [original.clean, original.place.origin + original.place.path] if original.is_read else []
        back = next((way for way in ways if _can_come_back(way, self._limits)), application.scope.url)
        return f"{self._issuer}/login?scope={quote(back, safe='')}"


@dataclass(frozen=True)
class _Known:
    """What stands behind the cookie and the secret of a request."""

    key: bytes
    secret: bytes
    row: Row[Any]
    application: Application
    person: Person
    until: datetime  # from then on it is over, or its use has to be noted
    old_at: datetime  # before that the directory need not be asked again

    @classmethod
    def find(cls, cookie: str, shown: str | None, original: Original, memory: Memory, limits: Limits) -> _Known | None:
        """From memory, else by one read."""
        asked = (cookie, shown, original.is_secure)
        kept: _Known | None = memory.get(asked)
        if kept is not None:
            return kept
        token = next(iter(cookies.read(cookie).sessions(original)), None)
        if token is None:
            return None
        key, secret = digest(token), proxies.shown_by(shown)
        row = store.find_living(key, clock.now(), secret)
        if row is None:
            return None
        until = min(row.expires_at, row.last_used_at + _TOUCH_INTERVAL)
        # Where it was never asked, since before this session was used.
        old = row.last_used_at if row.read_at is None else old_at(row.outcome, row.read_at, limits)
        known = cls(key, secret, row, applications.read(row), _person(row), until, old)
        if len(cookie) <= _LONGEST_REMEMBERED:
            memory[asked] = known
        return known


def _person(row: Row[Any]) -> Person:
    return person_of(row.email, row.sciper, row.outcome, row.person)


def _leave_out(code: str, application: Application, original: Original, limits: Limits) -> Reply:
    """The code becomes a cookie (FLOWS) and leaves the address, where it would be seen by all that the page loads (SCO-19)."""
    return Reply(401, [(LOGIN, original.clean), cookies.of_code(code, limits.scoped_code_lifetime, application)])


def _can_come_back(url: str, limits: Limits) -> bool:
    """Whether /login takes this address to go back to."""
    try:
        redirects.parse(url, development=True, max_length=limits.redirect_length)
    except InvalidInput:
        return False
    return len(return_to.enter(url)) <= return_to.LONGEST
