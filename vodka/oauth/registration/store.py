"""Queries on clients that registered themselves, the tokens that let them, and their pictures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from vodka import clock
from vodka.accounts.model import User
from vodka.db import add_once, execute, table, upsert
from vodka.oauth.model import Client, ClientLogo, ClientSecret, RegistrationToken
from vodka.websites.store import IS_VERIFIED, WEBSITES

_TOKENS = table(RegistrationToken)
_CLIENTS = table(Client)
_SECRETS = table(ClientSecret)
_LOGOS = table(ClientLogo)
_USERS = table(User)


def add_token(digest: bytes, website_id: int, by: int, expires_at: datetime) -> None:
    """Keep an initial access token."""
    times = {"created_at": clock.now(), "expires_at": expires_at, "used_at": None, "attempts": 0}
    execute(insert(_TOKENS).values(digest=digest, website_id=website_id, created_by=by, **times))


def find_token(digest: bytes, now: datetime) -> Row[Any] | None:
    """A living token of a verified website, made by somebody who may still sign in, with the website's domain and grade."""
    living = (_TOKENS.c.digest == digest, _TOKENS.c.used_at.is_(None), _TOKENS.c.expires_at > now)
    joined = (
        select(_TOKENS, WEBSITES.c.domain, WEBSITES.c.grade)
        .join(WEBSITES, WEBSITES.c.id == _TOKENS.c.website_id)
        .join(_USERS, _USERS.c.id == _TOKENS.c.created_by)
    )
    return execute(joined.where(*living, IS_VERIFIED, _USERS.c.disabled_at.is_(None))).one_or_none()


def list_tokens(website_id: int, now: datetime) -> list[Row[Any]]:
    """The living tokens of a website, the oldest first."""
    living = (_TOKENS.c.website_id == website_id, _TOKENS.c.used_at.is_(None), _TOKENS.c.expires_at > now)
    return list(execute(select(_TOKENS).where(*living).order_by(_TOKENS.c.created_at, _TOKENS.c.digest)))


def remove_token(website_id: int, digest: bytes) -> bool:
    """Forget a token of this website; False if there is none."""
    this = (_TOKENS.c.website_id == website_id, _TOKENS.c.digest == digest)
    return execute(delete(_TOKENS).where(*this)).rowcount > 0


def find_registered(client_id: str) -> Row[Any] | None:
    """A client that registered itself, of a website that stands or of none, with the website's domain and grade."""
    joined = select(_CLIENTS, WEBSITES.c.domain, WEBSITES.c.grade).outerjoin(
        WEBSITES, (WEBSITES.c.id == _CLIENTS.c.website_id) & IS_VERIFIED
    )
    this = (_CLIENTS.c.client_id == client_id, _CLIENTS.c.registration_digest.is_not(None))
    stands = _CLIENTS.c.website_id.is_(None) | WEBSITES.c.id.is_not(None)
    return execute(joined.where(*this, stands)).one_or_none()


def get_moment(client: int) -> datetime:
    """When a client was made."""
    moment: datetime = execute(select(_CLIENTS.c.created_at).where(_CLIENTS.c.id == client)).scalar_one()
    return moment


def remove_secrets(client: int) -> None:
    """Forget every secret of a client."""
    execute(delete(_SECRETS).where(_SECRETS.c.client == client))


def find_document(client_id: str) -> Row[Any] | None:
    """The client that was read from the document at this address, whether or not its website stands."""
    return execute(select(_CLIENTS).where(_CLIENTS.c.client_id == client_id)).one_or_none()


def keep_document(client_id: str, website_id: int, details: str) -> bool:
    """Keep what a document says, read now; True for one that was not there. Of two at once the later one counts."""
    now = clock.now()
    new = {"details": details, "changed_at": now}
    this = (_CLIENTS.c.client_id == client_id, _CLIENTS.c.website_id == website_id)
    if execute(update(_CLIENTS).where(*this).values(**new)).rowcount:
        return False
    row = {"client_id": client_id, "website_id": website_id, "legacy": [], "origin": "document", "created_at": now}
    return add_once(_CLIENTS, {**row, **new, "registration_digest": None})


def purge_documents(before: datetime) -> int:
    """Forget the clients whose document was last read before this moment: whoever uses one has it read; how many."""
    return execute(delete(_CLIENTS).where(_CLIENTS.c.origin == "document", _CLIENTS.c.changed_at < before)).rowcount


def keep_logo(client: int, digest: str, png: bytes) -> None:
    """Keep the picture of a client, in place of the one before."""
    execute(upsert(_LOGOS, {"client": client, "digest": digest, "png": png}, on=("client",)))


def remove_logo(client: int) -> None:
    """Forget the picture of a client."""
    execute(delete(_LOGOS).where(_LOGOS.c.client == client))


def find_logo_of(client: int) -> str | None:
    """The digest of a client's picture."""
    found: str | None = execute(select(_LOGOS.c.digest).where(_LOGOS.c.client == client)).scalar()
    return found


def find_logo(digest: str) -> bytes | None:
    """A picture by its digest; two clients may have the same."""
    png: bytes | None = execute(select(_LOGOS.c.png).where(_LOGOS.c.digest == digest).limit(1)).scalar()
    return png
