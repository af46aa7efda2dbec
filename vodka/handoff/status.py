"""Whether a request may go on to the application: what /status answers, in plain values (FLOWS long term session).

Two ways lead to the same answer. `swift` is for who holds a living scoped session: one read, no write. `full` is for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import Row

from vodka import clock
from vodka.accounts.people import find_person, is_old
from vodka.adapters.directory import Directory, Outcome
from vodka.errors import SecretRejected
from vodka.handoff import applications, dialects, proxies
from vodka.handoff.applications import Application
from vodka.handoff.dialects import Headers, Original
from vodka.handoff.identity import Badges, Header, nobody, person_of
from vodka.handoff.passing import Person, Verdict, verdict
from vodka.handoff.proxies import Peer
from vodka.handoff.scoped import entering, store
from vodka.handoff.scoped.entering import Entered
from vodka.keys.ring import Keyring
from vodka.limits import Limits
from vodka.onetime import digest

PATH = "/status"
CODE = "scoped_session_code"  # FLOWS
_NAME = "scoped_session"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_COOKIE = re.compile(r"(?:^|;)[ \t]*((?:__Host-|__Secure-)?scoped_session(?:_code)?)=([^;]*)")
_TOUCH_INTERVAL = timedelta(minutes=10)  # last use is shown roughly, and costs a write
_LONGEST_REMEMBERED = 2048  # characters of a Cookie header
_REMEMBERED = 4096  # people whom the directory said nothing about lately
_READS = frozenset({"GET", "HEAD"})
_STATUS = {Verdict.ADMIT: 200, Verdict.SIGN_IN: 401, Verdict.REFUSE: 403}


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
        if original is None:
            return None
        known = _Known.find(headers.get("cookie") or "", headers.get(proxies.HEADER), original, memory)
        if known is None or not known.is_living() or self._is_old(known.row):
            return None
        application = known.application
        if not application.scope.covers(original.place):
            return None
        if not proxies.is_proven(known.row, application, known.secret, peer):
            return None
        return self._judge(known.key, known.row, application, original)

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
        tokens = _cookies(headers.get("cookie") or "")
        for shown in tokens.sessions(original):
            row = self._living(digest(shown), application)
            if row is not None:
                return self._judge(digest(shown), row, application, original)
        return self._for_stranger(tokens.code, application, original)

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
                reply = self._judge(digest(entered.token), row, application, original)
                return Reply(reply.status, [*reply.headers, _cookie(entered, application)])
        said = verdict(application.rule, application.scope, original.place, original.method, None)
        if said is Verdict.ADMIT:
            return Reply(200, nobody())
        return (
            Reply(401, [("X-Vodka-Login", self._login(application, original))]) if said is Verdict.SIGN_IN else REFUSED
        )

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

    def _judge(self, key: bytes, row: Row[Any], application: Application, original: Original) -> Reply:
        person: Person = person_of(row.email, row.sciper, row.outcome, row.person)
        said = verdict(application.rule, application.scope, original.place, original.method, person)
        return (
            Reply(200, self._badges.of(key, row, original.place.host))
            if said is Verdict.ADMIT
            else Reply(_STATUS[said])
        )

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
        place = original.place
        back = place.origin + place.path if original.method in _READS else application.scope.url
        return f"{self._issuer}/login?scope={quote(back, safe='')}"


@dataclass(frozen=True)
class _Cookies:
    """Our cookies of a request, by name; one that came twice is none: somebody planted it (traps T18, attacks SCO-13)."""

    found: Mapping[str, str]

    @property
    def code(self) -> str | None:
        return self.found.get(CODE)

    def sessions(self, original: Original) -> list[str]:
        """The tokens that can be scoped sessions here; over https only a name that plain http cannot have set."""
        prefixes = ("__Host-", "__Secure-") if original.is_secure else ("",)
        return [self.found[prefix + _NAME] for prefix in prefixes if prefix + _NAME in self.found]


@dataclass(frozen=True)
class _Known:
    """What stands behind the cookie and the secret of a request."""

    key: bytes
    secret: bytes
    row: Row[Any]
    application: Application

    @classmethod
    def find(cls, cookie: str, shown: str | None, original: Original, memory: Memory) -> _Known | None:
        """From memory, else by one read."""
        asked = (cookie, shown, original.is_secure)
        kept: _Known | None = memory.get(asked)
        if kept is not None:
            return kept
        token = next(iter(_cookies(cookie).sessions(original)), None)
        if token is None:
            return None
        key, secret = digest(token), proxies.shown_by(shown)
        row = store.find_living(key, clock.now(), secret)
        if row is None:
            return None
        known = cls(key, secret, row, applications.read(row))
        if len(cookie) <= _LONGEST_REMEMBERED:
            memory[asked] = known
        return known

    def is_living(self) -> bool:
        """Whether it is not over, and its use need not be noted."""
        now = clock.now()
        return bool(now < self.row.expires_at and now < self.row.last_used_at + _TOUCH_INTERVAL)


def _cookies(header: str) -> _Cookies:
    sent = _COOKIE.findall(header)
    names = [name for name, _ in sent]
    return _Cookies({name: value for name, value in sent if names.count(name) == 1 and _TOKEN.fullmatch(value)})


def _cookie(entered: Entered, application: Application) -> Header:
    """FLOWS: valid for the exact host and path, for as long as the global session."""
    path, is_secure = application.cookie_path, application.scope.origin.startswith("https:")
    # RFC 6265bis §4.1.3: `__Host-` demands the path "/", `__Secure-` only that it was set over https.
    name = (("__Host-" if path == "/" else "__Secure-") if is_secure else "") + _NAME
    seconds = max(0, int((entered.until - clock.now()).total_seconds()))
    attributes = f"Max-Age={seconds}; Path={path}; SameSite=Lax; HttpOnly" + ("; Secure" if is_secure else "")
    return "Set-Cookie", f"{name}={entered.token}; {attributes}"
