"""Queries on applications, scoped codes and scoped sessions. Spending a code is `onetime`'s."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Text, bindparam, cast, delete, exists, func, insert, select, update

from vodka import clock
from vodka.accounts.model import PersonRecord, User
from vodka.consent.model import Consent
from vodka.db import execute, table
from vodka.handoff.model import Application, ProxySecret, ScopedCode, ScopedSession
from vodka.prepared import Prepared
from vodka.sessions.model import Session
from vodka.websites.model import Website

APPLICATIONS = table(Application)
SECRETS = table(ProxySecret)
CODES = table(ScopedCode)
SCOPED = table(ScopedSession)
_SESSIONS = table(Session)
_USERS = table(User)
_WEBSITES = table(Website)
_RECORDS = table(PersonRecord)
_CONSENTS = table(Consent)

_STANDS = (_WEBSITES.c.verified_since.is_not(None), _WEBSITES.c.suspended_at.is_(None))
_SHOWN = (
    select(SECRETS.c.digest)
    .where(SECRETS.c.digest == bindparam("secret"), SECRETS.c.application_id == APPLICATIONS.c.id)
    .scalar_subquery()
    .label("secret")
)
# JSON is read as text, so that what was made of the same text before can be used again.
_APPLICATION = (
    APPLICATIONS.c.id.label("application_id"),
    APPLICATIONS.c.website_id,
    APPLICATIONS.c.origin,
    APPLICATIONS.c.path,
    cast(APPLICATIONS.c.rule, Text).label("rule"),
    cast(APPLICATIONS.c.networks, Text).label("networks"),
    _WEBSITES.c.domain,
)
# Everything that lets somebody pass, in the one look that each request of a protected site takes: the scoped session, the
# global one behind it, the consent, the person, the application and its website, and the secret that its proxy shows.
# Whatever ends one of them ends this at once.
_LIVING = Prepared(
    select(
        *_APPLICATION,
        _SHOWN,
        SCOPED.c.last_used_at,
        _SESSIONS.c.expires_at,
        SCOPED.c.sub,
        cast(SCOPED.c.fields, Text).label("fields"),
        _USERS.c.email,
        _USERS.c.sciper,
        _RECORDS.c.outcome,
        _RECORDS.c.read_at,
        cast(_RECORDS.c.person, Text).label("person"),
    )
    .join(_SESSIONS, _SESSIONS.c.digest == SCOPED.c.session)
    .join(_USERS, _USERS.c.id == _SESSIONS.c.user_id)
    .join(_CONSENTS, _CONSENTS.c.id == SCOPED.c.consent_id)
    .join(APPLICATIONS, APPLICATIONS.c.id == SCOPED.c.application_id)
    .join(_WEBSITES, _WEBSITES.c.id == APPLICATIONS.c.website_id)
    .outerjoin(_RECORDS, _RECORDS.c.email == _USERS.c.email)
    .where(SCOPED.c.digest == bindparam("shown"), _SESSIONS.c.expires_at > bindparam("now"))
    .where(_SESSIONS.c.revoked_at.is_(None), _SESSIONS.c.epoch == _USERS.c.epoch)
    .where(_USERS.c.disabled_at.is_(None), _USERS.c.email.is_not(None), _CONSENTS.c.withdrawn_at.is_(None), *_STANDS)
)
_OF_ORIGIN = Prepared(
    select(*_APPLICATION, _SHOWN)
    .join(_WEBSITES, _WEBSITES.c.id == APPLICATIONS.c.website_id)
    .where(APPLICATIONS.c.origin == bindparam("at_origin"), *_STANDS)
)


def find_living(digest: bytes, now: datetime, secret: bytes) -> Row[Any] | None:
    """A scoped session that nothing has ended, with all that a check needs; `secret`: its application's, where it is one."""
    return _LIVING.one_or_none({"shown": digest, "now": now, "secret": secret})


def list_of_origin(origin: str, secret: bytes = b"") -> list[Row[Any]]:
    """The applications of an origin whose website stands; `secret` as above."""
    return _OF_ORIGIN.all({"at_origin": origin, "secret": secret})


def list_of_website(website_id: int) -> list[Row[Any]]:
    """The applications of a website, oldest first."""
    return list(
        execute(select(APPLICATIONS).where(APPLICATIONS.c.website_id == website_id).order_by(APPLICATIONS.c.id))
    )


def add_application(row: dict[str, Any]) -> int:
    """Keep an application; its number."""
    return int(
        execute(insert(APPLICATIONS).returning(APPLICATIONS.c.id), row | {"created_at": clock.now()}).scalar_one()
    )


def change_application(application_id: int, rule: dict[str, Any], networks: list[str]) -> None:
    """Another rule, other networks."""
    execute(update(APPLICATIONS).where(APPLICATIONS.c.id == application_id).values(rule=rule, networks=networks))


def remove_application(application_id: int) -> None:
    """Forget an application, and with it all that was let in there."""
    execute(delete(APPLICATIONS).where(APPLICATIONS.c.id == application_id))


def list_secrets(application_id: int) -> list[Row[Any]]:
    """The secrets of the proxies of an application, oldest first."""
    return list(execute(select(SECRETS).where(SECRETS.c.application_id == application_id).order_by(SECRETS.c.id)))


def add_secret(application_id: int, digest: bytes, hint: str) -> None:
    """Keep a secret."""
    row = {"application_id": application_id, "digest": digest, "hint": hint, "created_at": clock.now()}
    execute(insert(SECRETS).values(**row))


def remove_secret(application_id: int, secret_id: int) -> str | None:
    """Forget a secret of this application; its hint, None where there is none such."""
    this = (SECRETS.c.id == secret_id, SECRETS.c.application_id == application_id)
    hint: str | None = execute(delete(SECRETS).where(*this).returning(SECRETS.c.hint)).scalar()
    return hint


def is_code_of(application_id: int, digest: bytes) -> bool:
    """Whether this is the digest of a code for this application, used or not."""
    this = (CODES.c.digest == digest, CODES.c.application_id == application_id)
    return bool(execute(select(exists().where(*this))).scalar_one())


def is_living_code(digest: bytes) -> bool:
    """Whether this is the digest of a code that can still be used, wherever that is."""
    this = (CODES.c.digest == digest, CODES.c.used_at.is_(None), CODES.c.expires_at > clock.now())
    return bool(execute(select(exists().where(*this))).scalar_one())


def list_recent_codes(session: bytes, application_id: int) -> list[bool]:
    """Of each code that was lately made for a session at an application: whether it was used."""
    made = (CODES.c.session == session, CODES.c.application_id == application_id, CODES.c.expires_at > clock.now())
    return [row.used_at is not None for row in execute(select(CODES.c.used_at).where(*made))]


def add_code(digest: bytes, expires_at: datetime, stands_for: dict[str, Any]) -> None:
    """Keep a code."""
    times = {"created_at": clock.now(), "expires_at": expires_at, "used_at": None, "attempts": 0}
    execute(insert(CODES).values(digest=digest, **times, **stands_for))


def add_scoped(digest: bytes, stands_for: dict[str, Any]) -> None:
    """Keep a scoped session."""
    now = clock.now()
    execute(insert(SCOPED).values(digest=digest, opened_at=now, last_used_at=now, **stands_for))


def list_entered(user_id: int) -> list[Row[Any]]:
    """Where somebody is let in by a login that lives: `id`, `origin` and `path` of each application, since when, when last."""
    mine = (
        select(
            APPLICATIONS.c.id,
            APPLICATIONS.c.origin,
            APPLICATIONS.c.path,
            func.min(SCOPED.c.opened_at, type_=SCOPED.c.opened_at.type).label("opened_at"),
            func.max(SCOPED.c.last_used_at, type_=SCOPED.c.last_used_at.type).label("last_used_at"),
        )
        .join(APPLICATIONS, APPLICATIONS.c.id == SCOPED.c.application_id)
        .where(SCOPED.c.user_id == user_id, exists().where(_behind()))
        .group_by(APPLICATIONS.c.id, APPLICATIONS.c.origin, APPLICATIONS.c.path)
        .order_by(APPLICATIONS.c.origin, APPLICATIONS.c.path)
    )
    return list(execute(mine))


def end_entered(user_id: int, application_id: int) -> None:
    """End what lets somebody in at an application, in every browser."""
    mine = (SCOPED.c.user_id == user_id, SCOPED.c.application_id == application_id)
    execute(delete(SCOPED).where(*mine))


def touch(digest: bytes) -> None:
    """Note that a scoped session was used."""
    execute(update(SCOPED).where(SCOPED.c.digest == digest).values(last_used_at=clock.now()))


def purge() -> int:
    """Forget the scoped sessions whose global session has ended; how many."""
    return execute(delete(SCOPED).where(~exists().where(_behind()))).rowcount


def _behind() -> ColumnElement[bool]:
    alive = (_SESSIONS.c.expires_at > clock.now()) & _SESSIONS.c.revoked_at.is_(None)
    return (_SESSIONS.c.digest == SCOPED.c.session) & alive
