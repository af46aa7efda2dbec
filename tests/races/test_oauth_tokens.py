"""Codes and refresh tokens that come many times at once (OAU-08, REF-03): four workers, SQLite and PostgreSQL."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.oauth.proving import Prover
from tests.oauth.relying_party import VERIFIER, RelyingParty
from tests.races.served import HOST, Answer, Call, Served, together
from tests.vodka_under_test import CAMILLE, Browser
from vodka.limits import Limits

AT_ONCE = 20


def test_oau_08_a_code_exchanged_in_parallel_gives_tokens_once(house: Served) -> None:
    """RFC 6749 §4.1.2: one 200; the others are refused and end what came of it."""
    _exchange(house, trials=2)


def test_ref_03_a_refresh_token_used_in_parallel_is_good_thrice(house: Served) -> None:
    """RFC 9700 §4.14.2: once, and twice more within the grace; the next one ends the family."""
    _refresh(house, trials=2)


def test_oau_34_a_proof_shown_in_parallel_is_good_once(house: Served) -> None:
    """RFC 9449 §11.1: one 200; the others are refused for the same proof."""
    club, form = RelyingParty.of(house.vodka), {"grant_type": "client_credentials"}
    for _ in range(2):
        proof = {"DPoP": Prover().proof()}
        answers = together(house.port, [_call(club, form, proof)] * AT_ONCE)
        _won(answers, 1, "invalid_dpop_proof")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_oau_08_five_hundred_times(house: Served) -> None:
    """The same, often."""
    _exchange(house, trials=500)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ref_03_five_hundred_times(house: Served) -> None:
    """The same, often."""
    _refresh(house, trials=500)


def _exchange(house: Served, trials: int) -> None:
    club, browser = RelyingParty.of(house.vodka), _signed_in(house)
    for _ in range(trials):
        sent = {"grant_type": "authorization_code", "redirect_uri": club.redirect_uri, "code_verifier": VERIFIER}
        answers = together(house.port, [_call(club, sent | {"code": club.code(browser)})] * AT_ONCE)
        won = _won(answers, 1)
        assert club.userinfo(won[0]["access_token"]).status_code == 401


def _refresh(house: Served, trials: int) -> None:
    club, browser = RelyingParty.of(house.vodka), _signed_in(house)
    for _ in range(trials):
        tokens = club.tokens(browser, scope="openid offline_access")
        sent = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        answers = together(house.port, [_call(club, sent)] * AT_ONCE)
        won = _won(answers, 1 + Limits().refresh_grace_uses)
        assert len({fresh["refresh_token"] for fresh in won}) == len(won)
        for fresh in won:
            assert club.refresh(fresh["refresh_token"]).get_json()["error"] == "invalid_grant"


def _won(answers: list[Answer], times: int, error: str = "invalid_grant") -> list[dict[str, str]]:
    """What those got that won; everybody else heard the same error, and nothing was a fault of ours."""
    assert sorted(answer.status for answer in answers) == [200] * times + [400] * (AT_ONCE - times)
    refused = [json.loads(answer.body)["error"] for answer in answers if answer.status == 400]
    assert set(refused) == {error}
    return [json.loads(answer.body) for answer in answers if answer.status == 200]


def _signed_in(house: Served) -> Browser:
    """Camille's browser, at the app of this process, which works on the same database."""
    browser = house.vodka.browser()
    for name, value in house.signed_in(CAMILLE).cookies.items():
        browser.set_cookie(name.removeprefix("__Host-"), value)
    return browser


def _call(club: RelyingParty, form: dict[str, str], more: dict[str, str] | None = None) -> Call:
    headers = {"Host": HOST, "Content-Type": "application/x-www-form-urlencoded", "Authorization": club.basic()}
    return Call("POST", "/oauth/token", urlencode(form).encode(), headers | (more or {}))
