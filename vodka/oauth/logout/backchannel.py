"""Telling clients that a session has ended, from server to server (OIDC Back-Channel Logout 1.0).

However a session ends, nothing has to know of clients: what is due is found by looking at sessions and grants. A try is
counted and the next one set before anything is sent, so that a process that dies in between has lost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Row

from vodka import clock
from vodka.audit import store as audit
from vodka.clock import stopwatch
from vodka.errors import Unavailable
from vodka.keys.tokens import mint
from vodka.oauth import metadata
from vodka.oauth.logout import sid, store
from vodka.oauth.provider import Provider
from vodka.randomness import identifier

TYP = "logout+jwt"  # OIDC Back-Channel Logout §2.4
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_DONE = (200, 204)  # §2.8: some frameworks make a 204 of an empty 200
_GROWTH = 4  # each pause is so many times the one before


@dataclass
class Notice:
    """One client, one ended session: the row behind it, and how telling it went."""

    row: Row[Any]
    uri: str
    body: bytes
    is_heard: bool = False


def tell_due(provider: Provider) -> Iterator[None]:
    """Tell everybody who is to hear now, a few at once; the caller commits at each step."""
    limits = provider.limits
    while notices := claim(provider):
        yield  # the tries are counted, and nothing is locked while others are slow
        send(provider, notices, limits.logout_timeout)
        record(provider, notices)
        yield


def claim(provider: Provider, session: bytes | None = None) -> list[Notice]:
    """What is to be told now, about one session or any: each try is counted. The caller commits before sending."""
    limits, now = provider.limits, clock.now()

    def is_ours(row: Row[Any]) -> bool:
        pause = timedelta(seconds=limits.logout_retry * _GROWTH**row.tries)
        return store.claim(row.client, row.session, now, now + pause)

    due = store.list_due(now, limits.logout_tries, limits.logout_tellers, session)
    return [_notice(provider, row) for row in due if is_ours(row)]


def send(provider: Provider, notices: Sequence[Notice], seconds: float) -> None:
    """Send them all at once, and wait for the answers so long in all; touches no database."""
    deadline = stopwatch() + seconds
    threads = [
        Thread(target=_post, args=(provider, notice, deadline), name="logout", daemon=True) for notice in notices
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - stopwatch()))


def record(provider: Provider, notices: Sequence[Notice]) -> None:
    """Write down who heard; who does not hear after the last try is given up."""
    now = clock.now()
    for notice in notices:
        row = notice.row
        if notice.is_heard:
            store.mark_told(row.client, row.session, now)
        elif row.tries + 1 >= provider.limits.logout_tries:
            whom = f"https://{row.domain}" if row.domain else row.client_id
            audit.add("logout.untold", user_id=row.user_id, subject=whom, detail=row.client_id)


def token(provider: Provider, row: Any) -> str:
    """The logout token (§2.4): who, of which session, and never a nonce, so that it passes for no ID Token."""
    now = clock.epoch()
    claims: dict[str, Any] = {
        "iss": provider.issuer,
        "aud": row.client_id,
        "iat": now,
        "exp": now + provider.limits.logout_token_lifetime,
        "jti": identifier(),
        "events": {_EVENT: {}},
        "sid": sid.of(provider.vault, row.client_id, row.session),
    }
    if row.subs == 1:
        claims["sub"] = row.sub
    # §2.6: signed like the ID Tokens of this client.
    held = provider.keyring.signing(metadata.kept(row.details).id_token_signed_response_alg)
    return mint(held, TYP, claims)


def _notice(provider: Provider, row: Row[Any]) -> Notice:
    uri = metadata.kept(row.details).backchannel_logout_uri
    # A client that wants to hear no more of it is as good as told.
    body = urlencode({"logout_token": token(provider, row)}).encode() if uri else b""
    return Notice(row, uri or "", body, is_heard=uri is None)


def _post(provider: Provider, notice: Notice, deadline: float) -> None:
    if not notice.uri:
        return
    form = "application/x-www-form-urlencoded"  # §2.5
    size = provider.limits.logout_answer_size
    try:
        answer = provider.services.fetch.post(notice.uri, notice.body, form, deadline=deadline, size=size)
    except Unavailable:
        return
    notice.is_heard = answer.status in _DONE
