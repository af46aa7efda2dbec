"""Whether somebody has a password cannot be read from the time that a wrong one takes (OTT-14)."""

from __future__ import annotations

import gc
import time
from ipaddress import ip_address
from statistics import median

import pytest

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, NOBODY, VodkaUnderTest
from vodka.db import commit

ENDLESS = 1_000_000
LIFTED = {"passwords_per_address": ENDLESS, "passwords_per_client_ip": ENDLESS}
HERE = ip_address("192.0.2.10")


@pytest.fixture
def vodka(start: Start) -> VodkaUnderTest:
    """Without limits; Camille has a password, the other address is nobody's."""
    lifted = start(limits=LIFTED)
    lifted.signed_in(CAMILLE)
    (user,) = lifted.rows("SELECT id FROM users")
    with lifted.app.app_context():
        lifted.means.passwords.set(user["id"], CAMILLE, "vier Worte am Fluss", ())
        commit()
    return lifted


@pytest.mark.long
@pytest.mark.timeout(900)
def test_ott_14_a_wrong_password_takes_as_long_as_a_stranger(vodka: VodkaUnderTest) -> None:
    """2 × 2,000 in turn: the medians differ by less than 2 %."""
    times: dict[str, list[float]] = {CAMILLE: [], NOBODY: []}
    login = vodka.means.oauth.provider.password_login
    gc.disable()
    try:
        for turn in range(2_000):
            if turn % 50 == 0:
                vodka.write("DELETE FROM tallies")  # a thousand tries in an hour would be slow for both
            for email in (CAMILLE, NOBODY) if turn % 2 else (NOBODY, CAMILLE):
                with vodka.app.app_context():
                    begun = time.perf_counter()
                    assert login.verify(email, "not the right one", ip=HERE) is None
                    commit()
                    times[email].append(time.perf_counter() - begun)
    finally:
        gc.enable()
    known, unknown = median(times[CAMILLE]), median(times[NOBODY])
    assert abs(known - unknown) < 0.02 * min(known, unknown)
