"""Queries on clients, grants and what hangs on them. Spending a one-time secret is `onetime`'s."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update

from vodka import clock
from vodka.accounts.model import User
from vodka.consent.model import Consent
from vodka.db import add_once, commit, execute, lock, table
from vodka.oauth.model import AuthorizationCode, Client, ClientSecret, Grant, RefreshToken, SeenOnce
from vodka.prepared import Prepared
from vodka.sessions.model import Session
from vodka.websites.store import IS_VERIFIED, WEBSITES

CLIENTS = table(Client)
SECRETS = table(ClientSecret)
GRANTS = table(Grant)
CODES = table(AuthorizationCode)
REFRESH_TOKENS = table(RefreshToken)
SEEN = table(SeenOnce)
_USERS = table(User)
_SESSIONS = table(Session)
_CONSENTS = table(Consent)

# A client whose website lost its domain, or is suspended, is unknown at once, and its tokens are dead (attacks RED-32).
SITE_STANDS = CLIENTS.c.website_id.is_(None) | IS_VERIFIED
_CLIENT = Prepared(
    select(CLIENTS, WEBSITES.c.domain, WEBSITES.c.grade)
    .outerjoin(WEBSITES, WEBSITES.c.id == CLIENTS.c.website_id)
    .where(CLIENTS.c.client_id == bindparam("named"), SITE_STANDS)
)
_SECRETS = Prepared(select(SECRETS).where(SECRETS.c.client == bindparam("of_client")).order_by(SECRETS.c.id))
_ADD_GRANT = Prepared(insert(GRANTS), GRANTS.c.keys())
_ADD_CODE = Prepared(insert(CODES), CODES.c.keys())
_CODE = Prepared(select(CODES).where(CODES.c.digest == bindparam("of_code")))
_ADD_REFRESH_TOKEN = Prepared(insert(REFRESH_TOKENS), REFRESH_TOKENS.c.keys())
# Everything that makes a grant alive, in the one look that each use of a token takes.
_LIVING = Prepared(
    select(GRANTS, _USERS.c.email, _USERS.c.subject, _USERS.c.sciper, CLIENTS.c.client_id, CLIENTS.c.details)
    .add_columns(WEBSITES.c.domain)
    .join(CLIENTS, CLIENTS.c.id == GRANTS.c.client)
    .outerjoin(WEBSITES, WEBSITES.c.id == CLIENTS.c.website_id)
    .outerjoin(_USERS, _USERS.c.id == GRANTS.c.user_id)
    .outerjoin(_SESSIONS, _SESSIONS.c.digest == GRANTS.c.session)
    .outerjoin(_CONSENTS, _CONSENTS.c.id == GRANTS.c.consent_id)
    .where(GRANTS.c.id == bindparam("of_grant"), GRANTS.c.revoked_at.is_(None), GRANTS.c.expires_at > bindparam("now"))
    .where(SITE_STANDS, _CONSENTS.c.withdrawn_at.is_(None))
    .where(
        GRANTS.c.user_id.is_(None)
        | (
            _USERS.c.disabled_at.is_(None)
            & _USERS.c.email.is_not(None)
            & (_USERS.c.epoch == GRANTS.c.epoch)
            & or_(GRANTS.c.is_offline, GRANTS.c.session.is_(None), _SESSIONS.c.expires_at > bindparam("now"))
            & or_(GRANTS.c.is_offline, _SESSIONS.c.revoked_at.is_(None))
        )
    )
)


def find_client(client_id: str) -> Row[Any] | None:
    """A client that may be used now, with the domain and the grade of its website."""
    return _CLIENT.one_or_none({"named": client_id})


def add_client(
    client_id: str,
    website_id: int | None,
    details: str,
    legacy: list[str],
    origin: str,
    registration_digest: bytes | None,
) -> int:
    """Keep a new client; its number."""
    now = clock.now()
    row = {"client_id": client_id, "website_id": website_id, "details": details, "legacy": legacy, "origin": origin}
    times = {"created_at": now, "changed_at": now, "registration_digest": registration_digest}
    return int(execute(insert(CLIENTS).values(**row, **times).returning(CLIENTS.c.id)).scalar_one())


def change_client(row: int, details: str, legacy: list[str]) -> None:
    """Replace what is known of a client."""
    new = {"details": details, "legacy": legacy, "changed_at": clock.now()}
    execute(update(CLIENTS).where(CLIENTS.c.id == row).values(**new))


def remove_client(row: int) -> None:
    """Remove a client with all that hangs on it."""
    execute(delete(CLIENTS).where(CLIENTS.c.id == row))


def lock_client(row: int) -> None:
    """Let nobody else lock this client before this transaction ends."""
    lock(CLIENTS, CLIENTS.c.id == row)


def list_clients_of(website_id: int) -> list[Row[Any]]:
    """The clients of a website, the oldest first."""
    return list(execute(select(CLIENTS).where(CLIENTS.c.website_id == website_id).order_by(CLIENTS.c.id)))


def list_clients() -> list[Row[Any]]:
    """Every client with the domain of its website, in whatever state that is."""
    joined = select(CLIENTS, WEBSITES.c.domain).outerjoin(WEBSITES, WEBSITES.c.id == CLIENTS.c.website_id)
    return list(execute(joined.order_by(CLIENTS.c.id)))


def list_secrets(client: int) -> list[Row[Any]]:
    """The living secrets of a client, the older one first."""
    return _SECRETS.all({"of_client": client})


def add_secret(client: int, digest: bytes, sealed: bytes | None, hint: str) -> None:
    """Keep the digest of a new secret, and itself sealed where vodka must compute with it."""
    row = {"client": client, "digest": digest, "sealed": sealed, "hint": hint, "created_at": clock.now()}
    execute(insert(SECRETS).values(**row, last_used_at=None))


def remove_secret(client: int, secret: int) -> str | None:
    """Forget a secret of this client; its last characters, or None if there is none."""
    this = (SECRETS.c.client == client, SECRETS.c.id == secret)
    hint: str | None = execute(delete(SECRETS).where(*this).returning(SECRETS.c.hint)).scalar()
    return hint


def touch_secret(secret: int, now: datetime) -> None:
    """Note that a secret was used."""
    execute(update(SECRETS).where(SECRETS.c.id == secret).values(last_used_at=now))


def add_grant(row: dict[str, object]) -> None:
    """Keep a new grant."""
    _ADD_GRANT.run({"revoked_at": None, "told_at": None, "tries": 0, "tell_after": None, **row})


def bind_grant(number: str, dpop_key: str) -> None:
    """Bind the refresh tokens of a grant to a key, unless they are bound already."""
    unbound = (GRANTS.c.id == number, GRANTS.c.dpop_key.is_(None))
    execute(update(GRANTS).where(*unbound).values(dpop_key=dpop_key))


def find_living_grant(number: str, now: datetime) -> Row[Any] | None:
    """A grant that nothing has ended, with its person (None of a client by itself), the client's id, metadata and domain."""
    return _LIVING.one_or_none({"of_grant": number, "now": now})


def end_grants(column: str, value: object, now: datetime) -> int:
    """End the living grants whose `column` holds this: of a person, a client, a session, a consent; how many."""
    living = (GRANTS.c[column] == value, GRANTS.c.revoked_at.is_(None))
    return execute(update(GRANTS).where(*living).values(revoked_at=now)).rowcount


def end_grants_by(user_id: int, method: str, now: datetime) -> int:
    """End the living grants of a person that came of one way of signing in alone (amr); how many."""
    these = (GRANTS.c.user_id == user_id, GRANTS.c.methods == method, GRANTS.c.revoked_at.is_(None))
    return execute(update(GRANTS).where(*these).values(revoked_at=now)).rowcount


def add_code(row: dict[str, object]) -> None:
    """Keep an authorization code."""
    _ADD_CODE.run({"created_at": clock.now(), "used_at": None, "attempts": 0, **row})


def find_code(digest: bytes) -> Row[Any] | None:
    """An authorization code, in whatever state."""
    return _CODE.one_or_none({"of_code": digest})


def add_refresh_token(digest: bytes, grant: str, expires_at: datetime) -> None:
    """Keep a refresh token."""
    times = {"created_at": clock.now(), "expires_at": expires_at, "used_at": None, "attempts": 0}
    _ADD_REFRESH_TOKEN.run({"digest": digest, "grant_id": grant, **times})


def find_refresh_token(digest: bytes) -> Row[Any] | None:
    """A refresh token, in whatever state."""
    return execute(select(REFRESH_TOKENS).where(REFRESH_TOKENS.c.digest == digest)).one_or_none()


def count_again(digest: bytes, used_after: datetime, allowed: int) -> bool:
    """Count one more use of a refresh token that was used after this moment; False once it was counted so many times."""
    tokens = REFRESH_TOKENS.c
    this = (tokens.digest == digest, tokens.used_at > used_after, tokens.attempts < allowed)
    return execute(update(REFRESH_TOKENS).where(*this).values(attempts=tokens.attempts + 1)).rowcount > 0


def use_once(digest: bytes, expires_at: datetime) -> bool:
    """Note a `jti`; False if it was seen before. Of two at once exactly one hears True."""
    return add_once(SEEN, {"digest": digest, "expires_at": expires_at})


def purge_seen(before: datetime) -> int:
    """Forget what is refused for its age by now; how many."""
    return execute(delete(SEEN).where(SEEN.c.expires_at < before)).rowcount


def let_go() -> None:
    """Commit what was written so far, so that nothing is locked while the network takes its time."""
    commit()
