"""What must still happen before a client gets an answer, as a table (OIDC Core §3.1.2.1, OAU-24)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vodka.interaction.next_step import Demand, Login, Refused, Step, next_step

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ME, SOMEBODY_ELSE = "me", "somebody else"
EARLIER = Login(ME, NOON - timedelta(seconds=100))
SURE = Login(ME, NOON - timedelta(seconds=100), ("mfa", "sfa"))
JUST_NOW = Login(ME, NOON + timedelta(seconds=5))
AGREED = {"is_agreed": True, "agreed_now": False}
ASKED_AND_AGREED = {"is_agreed": True, "agreed_now": True}
NOT_AGREED = {"is_agreed": False, "agreed_now": False}


def wish(*prompts: str, **more: Any) -> Demand:
    return Demand(NOON, frozenset(prompts), **more)


@pytest.mark.parametrize(
    ("asked", "login", "agreed", "step"),
    [
        pytest.param(wish(), None, NOT_AGREED, Step.LOGIN, id="a stranger signs in"),
        pytest.param(wish(), EARLIER, NOT_AGREED, Step.CONSENT, id="who is signed in is asked"),
        pytest.param(wish(), EARLIER, AGREED, Step.ISSUE, id="who has agreed goes on"),
        pytest.param(wish("none"), None, AGREED, Refused.LOGIN_REQUIRED, id="silently, and nobody is signed in"),
        pytest.param(wish("none"), EARLIER, NOT_AGREED, Refused.CONSENT_REQUIRED, id="silently, and not agreed"),
        pytest.param(wish("none"), EARLIER, AGREED, Step.ISSUE, id="silently, and agreed"),
        pytest.param(wish("login"), EARLIER, AGREED, Step.LOGIN, id="a new login is wanted"),
        pytest.param(wish("login"), JUST_NOW, AGREED, Step.ISSUE, id="and has happened"),
        pytest.param(wish("select_account"), EARLIER, AGREED, Step.ACCOUNT, id="another account may be wanted"),
        pytest.param(wish("select_account", chosen=True), EARLIER, AGREED, Step.ISSUE, id="and this one is"),
        pytest.param(wish("select_account"), JUST_NOW, AGREED, Step.ISSUE, id="or was signed in to just now"),
        pytest.param(wish("login", "consent"), JUST_NOW, AGREED, Step.CONSENT, id="both, one after the other"),
        pytest.param(wish(acr=("mfa",)), SURE, AGREED, Step.ISSUE, id="as sure as is essential"),
        pytest.param(wish(acr=("sfa",)), SURE, AGREED, Step.ISSUE, id="surer than is essential"),
        pytest.param(wish(acr=("mfa",)), EARLIER, AGREED, Step.LOGIN, id="not as sure: once more"),
        pytest.param(wish(acr=("mfa",)), JUST_NOW, AGREED, Refused.UNMET, id="not as sure, just now: no way"),
        pytest.param(wish("none", acr=("mfa",)), EARLIER, AGREED, Refused.UNMET, id="not as sure, silently"),
        pytest.param(wish("consent"), EARLIER, AGREED, Step.CONSENT, id="asked again although agreed"),
        pytest.param(wish("consent"), EARLIER, ASKED_AND_AGREED, Step.ISSUE, id="asked again, and agreed just now"),
        pytest.param(wish(max_age=100), EARLIER, AGREED, Step.ISSUE, id="signed in as long ago as allowed"),
        pytest.param(wish(max_age=99), EARLIER, AGREED, Step.LOGIN, id="signed in a second too long ago"),
        pytest.param(wish("none", max_age=99), EARLIER, AGREED, Refused.LOGIN_REQUIRED, id="too long ago, silently"),
        pytest.param(
            wish(max_age=0), JUST_NOW, AGREED, Step.ISSUE, id="max_age 0, and the login came after the request"
        ),
        pytest.param(wish(max_age=0), EARLIER, AGREED, Step.LOGIN, id="max_age 0, and it did not"),
        pytest.param(wish(subjects=frozenset({ME})), EARLIER, AGREED, Step.ISSUE, id="the hint is about me"),
        pytest.param(
            wish(subjects=frozenset({SOMEBODY_ELSE})), EARLIER, AGREED, Step.LOGIN, id="the hint is about somebody else"
        ),
        pytest.param(
            wish(subjects=frozenset({SOMEBODY_ELSE})), JUST_NOW, AGREED, Refused.LOGIN_REQUIRED, id="even after a login"
        ),
        pytest.param(
            wish("none", subjects=frozenset({SOMEBODY_ELSE})),
            EARLIER,
            AGREED,
            Refused.LOGIN_REQUIRED,
            id="and silently",
        ),
    ],
)
def test_oau_24_what_must_still_happen(asked: Demand, login: Login | None, agreed: dict[str, bool], step: Any) -> None:
    """Login, then consent, then the answer; a client that forbids every page is told what is missing."""
    assert next_step(asked, login, **agreed, now=NOON) == step
