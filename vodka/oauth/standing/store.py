"""Queries on grants that stand, and on those that nobody needs any more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from vodka.accounts.model import User
from vodka.consent.model import Consent
from vodka.db import execute, table
from vodka.oauth.model import Grant, RefreshToken
from vodka.oauth.store import CLIENTS, SITE_STANDS
from vodka.sessions.model import Session
from vodka.websites.store import WEBSITES

_GRANTS = table(Grant)
_REFRESH_TOKENS = table(RefreshToken)
_CONSENTS = table(Consent)
_USERS = table(User)
_SESSIONS = table(Session)


def list_away(user_id: int, now: datetime) -> dict[str, datetime]:
    """By audience: until when a client there may ask again while the person is away. The rules are those of a living grant."""
    living = (
        select(_CONSENTS.c.audience, func.max(_GRANTS.c.expires_at))
        .join(_GRANTS, _GRANTS.c.consent_id == _CONSENTS.c.id)
        .join(_USERS, _USERS.c.id == _GRANTS.c.user_id)
        .join(CLIENTS, CLIENTS.c.id == _GRANTS.c.client)
        .outerjoin(WEBSITES, WEBSITES.c.id == CLIENTS.c.website_id)
        .where(_GRANTS.c.user_id == user_id, _GRANTS.c.is_offline, _GRANTS.c.epoch == _USERS.c.epoch, SITE_STANDS)
        .where(_GRANTS.c.revoked_at.is_(None), _GRANTS.c.expires_at > now, _CONSENTS.c.withdrawn_at.is_(None))
        .group_by(_CONSENTS.c.audience)
    )
    found: list[Any] = list(execute(living))
    return dict(found)


def list_while_signed_in(user_id: int, now: datetime) -> set[str]:
    """The audiences whose clients need not ask again as long as a login lives that is alive now."""
    of_client = (_CONSENTS.c.audience, func.coalesce(_CONSENTS.c.client, ""))
    newest = select(func.max(_CONSENTS.c.id)).where(_CONSENTS.c.user_id == user_id).group_by(*of_client)
    remembered = (
        select(_CONSENTS.c.audience)
        .join(_SESSIONS, _SESSIONS.c.digest == _CONSENTS.c.session)
        .join(_USERS, (_USERS.c.id == _SESSIONS.c.user_id) & (_USERS.c.epoch == _SESSIONS.c.epoch))
        .where(_CONSENTS.c.id.in_(newest), _CONSENTS.c.withdrawn_at.is_(None))
        .where(_SESSIONS.c.revoked_at.is_(None), _SESSIONS.c.expires_at > now)
    )
    return set(execute(remembered).scalars())


def purge_grants(before: datetime, of_clients_before: datetime) -> int:
    """Forget grants that ended or were over before a moment, with all that hangs on them; how many.

    `of_clients_before`: the same for what clients gave themselves, which come by the thousand and tell of nobody.
    """
    ended = (_GRANTS.c.expires_at < before) | (_GRANTS.c.revoked_at < before)
    of_client = _GRANTS.c.user_id.is_(None) & (_GRANTS.c.expires_at < of_clients_before)
    return execute(delete(_GRANTS).where(ended | of_client)).rowcount


def purge_refresh_tokens(before: datetime) -> int:
    """Forget the refresh tokens of grants that ended or were over before a moment; how many.

    Those of a living grant stay, used ones too: a second use of any of them has to be noticed (RFC 9700 §4.14.2).
    """
    ended = select(_GRANTS.c.id).where((_GRANTS.c.expires_at < before) | (_GRANTS.c.revoked_at < before))
    return execute(delete(_REFRESH_TOKENS).where(_REFRESH_TOKENS.c.grant_id.in_(ended))).rowcount
