"""Looking accounts up for operators."""

from __future__ import annotations

import pytest

from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, VodkaUnderTest
from vodka.accounts import store
from vodka.errors import NotFound


def test_an_account_is_found_by_its_address_only(vodka: VodkaUnderTest) -> None:
    """The one of this address, or NotFound; all of them are listed oldest first."""
    for email in (ROBIN, CAMILLE):
        vodka.signed_in(email, ip=f"192.0.2.{len(email)}")
    with vodka.app.app_context():
        assert store.get_user(CAMILLE).sciper == "399001"
        assert [user.email for user in store.list_users()] == [ROBIN, CAMILLE]
        with pytest.raises(NotFound):
            store.get_user(NOBODY)
