"""The main authenticator: six digits, mailed, typed into the browser that asked (SPEC A, B)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from vodka import clock
from vodka.audit import store as audit
from vodka.errors import InvalidInput, SecretRejected, TooMany
from vodka.limits import Limits
from vodka.login import devices, messages, store
from vodka.login.model import Question
from vodka.login.proof import Proof
from vodka.login.requester import Requester
from vodka.login.throttle import WRONG, Throttle
from vodka.onetime import digest, spend_attempt
from vodka.randomness import six_digits, token
from vodka.sealing import Vault

_SIX_DIGITS = re.compile("[0-9]{6}")  # ASCII only: str.isdigit() is true for "٠١٢٣٤٥" (traps T11)
_PURPOSE = "login code"


@dataclass(frozen=True)
class EmailCode:
    """Asks and judges answers, with the numbers and secrets of one deployment."""

    limits: Limits
    vault: Vault
    throttle: Throttle
    base_url: str
    reserved: Mapping[str, str] = field(default_factory=dict)  # address → its code; in development only, see settings

    def ask(self, requester: Requester, email: str, *, return_to: str = "/", domain: str | None = None) -> str:
        """Promise a mail with a fresh code and link to a canonical address; the QUESTION_ID for the browser's cookie.

        The question, its mail and its counts are one transaction. Raises TooMany.
        """
        lane = devices.lane(requester.device, email, self.limits)
        known = lane != devices.SHARED_LANE
        self.throttle.spend_mail(requester.ip, email, known_device=known)
        self._retire(email, lane)
        stopped = not known and self.throttle.codes_are_stopped(email)
        # ASVS 7.2.4: a fresh value each time; whatever the browser sent is ignored.
        question_id, code, magic, not_me = token(), None if stopped else self._code(email), token(), token()
        mac = self._mac(question_id, email, code) if code else None
        common = {"email": email, "return_to": return_to}
        over, link_over = clock.after(self.limits.code_lifetime), clock.after(self.limits.link_lifetime)
        store.add_question({**common, "digest": digest(question_id), "lane": lane, "code_mac": mac, "expires_at": over})
        link = {**common, "digest": digest(magic), "question": digest(question_id), "expires_at": link_over}
        store.add_link({**link, "not_me": digest(not_me), "asker": self.throttle.asker(requester.ip)})
        links = f"{self.base_url}/link/{magic}", f"{self.base_url}/not-me/{not_me}"
        mail = messages.LoginMail(code, *links, domain, requester.browser, requester.place)
        messages.promise(mail, email, requester.language, self.limits, self.vault)
        audit.add("ask", subject=email, detail="link only" if stopped else "")
        return question_id

    def answer(self, requester: Requester, question_id: str, attempt: object) -> Proof:
        """Judge one attempt. Unknown, over, exhausted, used and wrong are one and the same refusal (ASVS 6.3.8)."""
        if not isinstance(attempt, str) or not _SIX_DIGITS.fullmatch(attempt):
            raise InvalidInput("bad_attempt", "A code has six digits.")
        self.throttle.spend_answer(requester.ip)
        failures = 0

        def count(question: Row[Any]) -> None:
            nonlocal failures
            failures = store.count_failure(question.email)

        question = spend_attempt(Question, digest(question_id), self.limits.attempts_per_question, count)
        if question is None:
            raise SecretRejected("unknown, over, exhausted or used").noted("answer.dead")
        # The answer that is being judged was itself counted as a failure: only those before it may stop it.
        stopped = question.lane == devices.SHARED_LANE and self.throttle.is_guessed_at(failures - 1)
        if question.code_mac is None or stopped:
            raise SecretRejected("codes are stopped for this address").noted("answer.stopped", question.email)
        if not self._matches(question, question_id, attempt):
            raise SecretRejected("wrong code").noted(WRONG, question.email)
        return Proof(question.email, Question, question.digest, question.digest, "otp", question.return_to)

    def _retire(self, email: str, lane: str) -> None:
        """End the question before this one, unless it is too young (SPEC A); one whose code was used does not count."""
        asked = store.retire_questions(email, lane)
        wait = max((self._wait(moment) for moment in asked), default=0)
        if wait > 0:
            sentence = "A code was sent a moment ago. Please wait before asking for another."
            raise TooMany("asked_too_soon", sentence, wait).noted("ask.limited", email)

    def _code(self, email: str) -> str:
        return self.reserved.get(email) or six_digits()

    def _wait(self, asked: datetime) -> int:
        left = asked + timedelta(seconds=self.limits.resend_interval) - clock.now()
        return -(-left // timedelta(seconds=1))  # whole seconds, rounded up

    def _mac(self, question_id: str, email: str, code: str) -> bytes:
        """SPEC's `hash(code + QUESTION_ID)`, under a pepper that is not in the database (traps T1)."""
        return self.vault.pepper_mac(_PURPOSE, question_id, email, code)

    def _matches(self, question: Row[Any], question_id: str, attempt: str) -> bool:
        return self.vault.pepper_mac_matches(_PURPOSE, question.code_mac, question_id, question.email, attempt)
