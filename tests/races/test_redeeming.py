"""A website's server fetches the answer for one code more than once, from several machines: one token (TOK-22)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.races.served import HOST, Call, Served, Visitor, together
from tests.redeeming import Club
from tests.vodka_under_test import CAMILLE, SITE


def test_tok_22_a_code_fetched_in_parallel_gives_one_token(house: Served) -> None:
    """One 200; the other requests get the answer of every dead code, and each is an alarm; nothing is a fault of ours."""
    _fetch(house, requests=8, trials=3)


@pytest.mark.long
@pytest.mark.parametrize(("requests", "trials"), [(2, 200), (20, 50)])
def test_tok_22_many_times(house: Served, requests: int, trials: int) -> None:
    """The same, often."""
    _fetch(house, requests, trials)


def _fetch(house: Served, requests: int, trials: int) -> None:
    house.vodka.write("DELETE FROM site_secrets")
    club, student = Club.of(house.vodka), house.signed_in(CAMILLE)
    before = _written(house)
    for trial in range(1, trials + 1):
        answers = together(house.port, [_call(club, _code(house, student))] * requests)
        assert sorted(answer.status for answer in answers) == [200] + [401] * (requests - 1)
        assert len({answer.body for answer in answers if answer.status == 401}) == 1
        tokens, releases, alarms = (now - then for now, then in zip(_written(house), before, strict=True))
        assert (tokens, releases, alarms) == (trial, trial, trial * (requests - 1))


def _code(house: Served, student: Visitor) -> str:
    """The code that this browser brings to the website after Accept."""
    accepted = student.send(house.decision_call(student, f"https://{SITE}/cb"))
    return parse_qs(urlsplit(accepted.headers["location"]).query)["code"][0]


def _call(club: Club, code: str) -> Call:
    sent = urlencode({"domain": SITE, "secret": club.secret, "code": code}).encode()
    return Call("POST", "/redeem", sent, {"Host": HOST, "Content-Type": "application/x-www-form-urlencoded"})


def _written(house: Served) -> list[int]:
    """Tokens, releases and alarms so far."""
    kinds = ("token.minted", "alarm.code_reused")
    tables = [f"audit_events WHERE kind = '{kind}'" for kind in kinds]
    tables.insert(1, "releases")
    return [int(house.vodka.rows(f"SELECT COUNT(*) AS number FROM {table}")[0]["number"]) for table in tables]
