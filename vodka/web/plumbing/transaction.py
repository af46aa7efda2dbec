"""One transaction and one commit per request: the answer leaves only when what it says is durable (faults §4.1)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from vodka import db
from vodka.audit import store as audit
from vodka.errors import Unavailable, VodkaError

Result = TypeVar("Result")
_OUTAGES = (OperationalError, InterfaceError, PoolTimeout)  # what waiting can heal; anything else is a fault of ours
_log = logging.getLogger(__name__)


class TransactionalFlask(Flask):
    """A Flask whose every request is a transaction: committed when the view returns, rolled back when it raises."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view and commit. A refusal is rolled back, and what the audit should remember of it is written after."""
        return in_transaction(super().dispatch_request)


def in_transaction(act: Callable[[], Result]) -> Result:
    """Do something and commit; what the database cannot do just now is a 503, never a half answer."""
    try:
        result = act()
        if db.is_in_use():
            db.commit()
    except VodkaError as refusal:
        db.rollback()
        _note(refusal)
        raise
    except _OUTAGES as error:
        _give_up()
        raise _unavailable(error) from error
    except Exception:
        db.rollback()
        raise
    return result


def _note(refusal: VodkaError) -> None:
    if refusal.note is not None:
        try:
            audit.add(refusal.note.kind, subject=refusal.note.subject, detail=refusal.note.detail)
            db.commit()
        except _OUTAGES as error:
            # attacks AUD-06: what cannot be recorded is not answered as if it had been
            _give_up()
            raise _unavailable(error) from error


def _give_up() -> None:
    try:
        db.rollback()
    except DBAPIError as error:
        _log.warning("the connection was gone before the rollback: %s", type(error).__name__)


def _unavailable(error: Exception) -> VodkaError:
    # the statement and its values are left out: they may hold an address
    cause = getattr(error, "orig", error)
    _log.error("database: %s", type(cause).__name__)
    return Unavailable(f"database: {type(cause).__name__}")
