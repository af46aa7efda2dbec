"""Which session carries this request: asked of the cookie and the row, once."""

from __future__ import annotations

from flask import g

from vodka.accounts.subjects import pairwise_subject
from vodka.errors import NotAuthenticated
from vodka.sessions import lifecycle
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import cookies
from vodka.web.plumbing.means import means
from vodka.websites.domains import sector_of


def session() -> LiveSession | None:
    """The living session of this request, if any. Raises what the database raises: a signature alone is not enough."""
    if "session" not in g:
        g.session = _find()
    found: LiveSession | None = g.session
    return found


def need_session() -> LiveSession:
    """The living session of this request; raises NotAuthenticated."""
    found = session()
    if found is None:
        raise NotAuthenticated("no living session")
    return found


def subject_at(domain: str, session: LiveSession) -> str:
    """The `sub` of somebody at the websites of this domain (accounts.subjects)."""
    sector = sector_of(domain, means().settings.domains_of_many)
    return pairwise_subject(session.subject, sector, means().vault)


def _find() -> LiveSession | None:
    cookie = cookies.read("SESSION_ID")
    sid = means().session_claims.read(cookie) if cookie else None
    found = lifecycle.find(sid) if sid else None
    if found is not None:
        lifecycle.touch(found)
    return found


def forget() -> None:
    """From here on the request is a stranger's: its session has just ended, or cannot be asked for."""
    g.session = None
