"""A small house for these tests: a Flask application with nothing but the outbox's tables, and mails to send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Flask

from tests.servers.smtp import Delivered, SmtpServer
from vodka import clock
from vodka.adapters.mail import Mailer, SmtpMailer
from vodka.db import commit, db, engine_options
from vodka.limits import Limits
from vodka.outbox import store
from vodka.outbox.delivery import Delivery
from vodka.outbox.model import OutboxMail
from vodka.sealing import Vault

LIMITS = replace(Limits(), worker_pause=0.01)
VAULT = Vault((b"the secret key of these tests ..",), (b"the pepper of these tests ......",))
LEA = "lea.muller@epfl.ch"
LINK = "https://vodka.epfl.ch/link/7Yq2"


@contextmanager
def application(url: str) -> Iterator[Flask]:
    """An application on this database, with the outbox's tables; its connections are closed at the end."""
    app = Flask("outbox")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    with app.app_context():
        db.metadata.create_all(db.engine, tables=[store.MAILS, store.LEASES])
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def render(kind: str, lang: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """A mail without templates: everything it was told stands in it."""
    return f"{kind} ({lang})", f"code {context['code']}\n", f"<p>code {context['code']}, link {context['link']}</p>\n"


def promise(to: str = LEA, *, code: str = "012345", lifetime: int = 600) -> None:
    """Promise one mail, as a login does."""
    store.add(VAULT, "login_code", to, "fr", {"code": code, "link": LINK}, clock.now() + timedelta(seconds=lifetime))
    commit()


def mailer(smtp: SmtpServer, phase: float = 30.0) -> SmtpMailer:
    return SmtpMailer(smtp.url, "no-reply@epfl.ch", connect_timeout=5.0, phase_timeout=phase)


def delivery(mailer: Mailer | None) -> Delivery:
    return Delivery(render, mailer, VAULT, LIMITS)


def the_mail() -> OutboxMail:
    """The one mail in the database, read anew."""
    db.session.rollback()
    (mail,) = store.list_recent(10)
    return mail


def codes(letters: list[Delivered]) -> list[str]:
    """The codes in these letters, in the order of their arrival."""
    return [letter.body("plain").split()[1] for letter in letters]
