"""Prepared statements: the same errors and the same transaction as every other statement."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from tests.vodka_under_test import VodkaUnderTest
from vodka.db import execute, rollback, table
from vodka.login.model import Tally
from vodka.prepared import Prepared

TALLIES = table(Tally)
ADD = Prepared(insert(TALLIES), TALLIES.c.keys())
FIND = Prepared(select(TALLIES).where(TALLIES.c.key == bindparam("key")))
ROW = {"key": b"k" * 32, "hits": b"\x00\x00\x00\x01", "touched_at": 1}


def test_a_prepared_statement_shares_the_transaction(vodka_on_each: VodkaUnderTest) -> None:
    """What it wrote is seen by Core at once, and taken back with everything else."""
    with vodka_on_each.app.app_context():
        ADD.run(ROW)
        assert execute(select(TALLIES.c.hits)).scalar_one() == ROW["hits"]
        assert FIND.one_or_none({"key": ROW["key"]}).touched_at == 1
        rollback()
        assert FIND.one_or_none({"key": ROW["key"]}) is None


def test_the_drivers_errors_are_those_of_sqlalchemy(vodka_on_each: VodkaUnderTest) -> None:
    """One kind of error for callers, whichever way a statement took; no value in it, which may be an address."""
    with vodka_on_each.app.app_context():
        ADD.run(ROW)
        with pytest.raises(IntegrityError) as one:
            ADD.run(ROW)
        rollback()
        with pytest.raises(IntegrityError) as many:
            ADD.run_many([ROW, ROW])
        assert "kkkk" not in f"{one.value.params}{many.value.params}"
