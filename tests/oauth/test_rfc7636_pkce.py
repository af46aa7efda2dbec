"""Proof Key for Code Exchange at the token endpoint (RFC 7636 §4.5, §4.6, attacks OAU-05, OAU-06)."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.oauth.relying_party import VERIFIER, RelyingParty, challenge_of
from tests.vodka_under_test import VodkaUnderTest
from vodka.oauth.clients import NO_PKCE

METHODS = ("client_secret_basic", "none")


def error_of(answer: TestResponse) -> str:
    """The error of an answer that is one."""
    assert answer.status_code == 400, answer.text
    return str(answer.get_json()["error"])


WRONG = {
    "missing": (None, "invalid_request"),
    "wrong": (VERIFIER[::-1], "invalid_grant"),
    "another case": (VERIFIER.upper(), "invalid_grant"),
    "the challenge itself": (challenge_of(VERIFIER), "invalid_grant"),
    "42 characters": ("a" * 42, "invalid_request"),
    "129 characters": ("a" * 129, "invalid_request"),
    "characters that are not allowed": (VERIFIER + "+/=", "invalid_request"),
    "letters outside ASCII": (VERIFIER + "ü", "invalid_request"),
    "a line break at the end": (VERIFIER + "\n", "invalid_grant"),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("verifier", "error"), WRONG.values(), ids=WRONG)
def test_oau_05_a_verifier_that_is_none(vodka: VodkaUnderTest, verifier: str | None, error: str, method: str) -> None:
    """§4.1, §4.6: 43 to 128 unreserved characters whose hash is the challenge; a wrong try spends nothing."""
    club = RelyingParty.of(vodka, token_endpoint_auth_method=method)
    code = club.code(vodka.signed_in())
    assert error_of(club.exchange(code, code_verifier=verifier)) == error
    assert club.exchange(code).status_code == 200


@pytest.mark.parametrize("length", [43, 128])
def test_oau_05_the_shortest_and_the_longest(vodka: VodkaUnderTest, length: int) -> None:
    """§4.1: both ends are good."""
    club, verifier = RelyingParty.of(vodka), ("aZ09-._~" * 16)[:length]
    code = club.code(vodka.signed_in(), code_challenge=challenge_of(verifier))
    assert club.exchange(code, code_verifier=verifier).status_code == 200


def test_oau_05_the_verifier_of_another_request(vodka: VodkaUnderTest) -> None:
    """§1: a code that was put into another flow does not fit its verifier."""
    club, browser, other = RelyingParty.of(vodka), vodka.signed_in(), "b" * 43
    mine, theirs = club.code(browser), club.code(browser, code_challenge=challenge_of(other))
    assert error_of(club.exchange(theirs)) == "invalid_grant"
    assert error_of(club.exchange(mine, code_verifier=other)) == "invalid_grant"


def test_oau_06_a_verifier_without_a_challenge(vodka: VodkaUnderTest) -> None:
    """RFC 9700 §4.8.2: if there was no challenge, a verifier MUST be rejected (a challenge was stripped on the way)."""
    club = RelyingParty.of(vodka, legacy=(NO_PKCE,))
    code = club.code(vodka.signed_in(), code_challenge=None, code_challenge_method=None)
    assert error_of(club.exchange(code)) == "invalid_request"
    assert club.exchange(code, code_verifier=None).status_code == 200


def test_who_opted_out_and_sends_a_challenge_is_held_to_it(vodka: VodkaUnderTest) -> None:
    """§4.6: the switch is about leaving it out, not about breaking it."""
    club = RelyingParty.of(vodka, legacy=(NO_PKCE,))
    code = club.code(vodka.signed_in())
    assert error_of(club.exchange(code, code_verifier=None)) == "invalid_request"
    assert error_of(club.exchange(code, code_verifier="x" * 43)) == "invalid_grant"
    assert club.exchange(code).status_code == 200
