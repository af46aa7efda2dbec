"""What must still happen before a client gets an answer: one pure function, asked anew each time the browser comes by.

Neither the login nor the consent page knows of it: each leads back to where it was asked for, and the question is put again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PROMPTS = frozenset({"none", "login", "consent", "select_account"})


class Step(StrEnum):
    """What comes next."""

    LOGIN = "login"
    ACCOUNT = "account"
    CONSENT = "consent"
    ISSUE = "issue"


class Refused(StrEnum):
    """Why a client gets no answer; the words of OIDC Core §3.1.2.6 and of Unmet Authentication Requirements §2."""

    LOGIN_REQUIRED = "login_required"
    CONSENT_REQUIRED = "consent_required"
    UNMET = "unmet_authentication_requirements"


@dataclass(frozen=True)
class Demand:
    """What an authorization request says about the login itself (OIDC Core §3.1.2.1).

    `asked_at`: when it first came by; a login after that moment satisfies prompt=login. `subjects`: of whom one must be
    the person, None for anybody. `acr`: the authentication contexts of which one is essential; none asks for nothing.
    `chosen`: the person has said that this account is meant.
    """

    asked_at: datetime
    prompts: frozenset[str] = frozenset()
    max_age: int | None = None
    subjects: frozenset[str] | None = None
    acr: tuple[str, ...] = ()
    chosen: bool = False


@dataclass(frozen=True)
class Login:
    """The living session, as far as it matters here. `subject` is what the client knows the person by; `acr` what it satisfies."""

    subject: str
    authenticated_at: datetime
    acr: tuple[str, ...] = ()


def next_step(
    demand: Demand, login: Login | None, *, is_agreed: bool, agreed_now: bool, now: datetime
) -> Step | Refused:
    """The next step. `is_agreed`: a consent covers the request; `agreed_now`: it was given for this very request."""
    silent = "none" in demand.prompts
    if login is None:
        return Refused.LOGIN_REQUIRED if silent else Step.LOGIN
    is_new = login.authenticated_at >= demand.asked_at
    # OIDC Core §3.1.2.2: a request that names a person MUST NOT be answered for another. Asked for twice is enough.
    if demand.subjects is not None and login.subject not in demand.subjects:
        return Refused.LOGIN_REQUIRED if silent or is_new else Step.LOGIN
    # OIDC Core §5.5.1.1: an essential acr that was not reached is a failed authentication.
    if demand.acr and not set(demand.acr) & set(login.acr):
        return Refused.UNMET if silent or is_new else Step.LOGIN
    if not is_new and _is_too_old(demand, login, now):
        return Refused.LOGIN_REQUIRED if silent else Step.LOGIN
    if "select_account" in demand.prompts and not (demand.chosen or is_new):
        return Step.ACCOUNT
    # prompt=consent: "SHOULD prompt the End-User for consent", whatever was agreed earlier.
    asks = "consent" in demand.prompts and not agreed_now
    if asks or not (is_agreed or agreed_now):
        return Refused.CONSENT_REQUIRED if silent else Step.CONSENT
    return Step.ISSUE


def _is_too_old(demand: Demand, login: Login, now: datetime) -> bool:
    """Whether a login from before the request is not good enough for it."""
    # prompt=login: only a login that came after the request.
    if "login" in demand.prompts:
        return True
    # max_age: elapsed time in seconds since the last time the End-User was actively authenticated; 0 is prompt=login.
    return demand.max_age is not None and now > login.authenticated_at + timedelta(seconds=demand.max_age)
