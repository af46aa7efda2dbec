"""One transaction and one commit per request: the answer leaves only when what it says is durable (faults §4.1)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from vodka import db
from vodka.audit import store as audit
from vodka.errors import Note, Unavailable, VodkaError

Result = TypeVar("Result")
_OUTAGES = (OperationalError, InterfaceError, PoolTimeout)  # what waiting can heal; anything else is a fault of ours
_log = logging.getLogger(__name__)


class TransactionalFlask(Flask):
    """A Flask whose every request is a transaction: committed when the view returns, rolled back when it raises."""

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Run what comes before the view; an outage that it meets is told like one in the view."""
        return _telling_outages(super().preprocess_request)

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view and commit. A refusal is rolled back, and what the audit should remember of it is written after."""
        return in_transaction(super().dispatch_request)

    def handle_user_exception(self, e: Exception) -> HTTPException | ResponseReturnValue:
        """Answer an error; where the answer itself meets an outage (a page asks who is looking), it tells that one."""
        try:
            return _telling_outages(partial(super().handle_user_exception, e))
        except Unavailable as outage:
            return super().handle_user_exception(outage)


def in_transaction(act: Callable[[], Result]) -> Result:
    """Do something and commit; what the database cannot do just now is a 503, never a half answer."""
    try:
        return _telling_outages(lambda: _committed(act))
    except VodkaError as refusal:
        if (note := refusal.note) is not None:
            instead(lambda: _write_down(note))
        else:
            _give_up()
        raise
    except Exception:
        _give_up()
        raise


def so_far() -> None:
    """Commit what the request did until now, before it waits for somebody outside: nothing is locked meanwhile."""
    _telling_outages(lambda: _committed(lambda: None))


def instead(act: Callable[[], Result]) -> Result:
    """Take back what the request did so far, then do this and commit: what a refusal leaves behind."""
    _give_up()
    return _telling_outages(lambda: _committed(act))


def _committed(act: Callable[[], Result]) -> Result:
    result = act()
    if db.is_in_use():
        db.commit()
    return result


def _telling_outages(act: Callable[[], Result]) -> Result:
    try:
        return act()
    except _OUTAGES as error:
        _give_up()
        # the statement and its values are left out: they may hold an address
        cause = type(getattr(error, "orig", error)).__name__
        _log.error("database: %s", cause)
        raise Unavailable(f"database: {cause}") from error


def _write_down(note: Note) -> None:
    """What cannot be recorded is not answered as if it had been (attacks AUD-06): it is a 503 then."""
    audit.add(note.kind, subject=note.subject, detail=note.detail)


def _give_up() -> None:
    try:
        db.rollback()
    except DBAPIError as error:
        _log.warning("the connection was gone before the rollback: %s", type(error).__name__)
