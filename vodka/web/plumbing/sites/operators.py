"""Who may stop websites: the accounts whose addresses the settings name, after a fresh login. For everybody else: nothing."""

from __future__ import annotations

from vodka.errors import NotFound
from vodka.holdings.deletion import is_fresh
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import identity
from vodka.web.plumbing.means import means


def need_operator() -> LiveSession:
    """The living session of an operator; raises NotFound for everybody else, signed in or not (ASVS 8.2.1)."""
    session = identity.session()
    if session is None or session.email not in means().settings.operator_addresses:
        raise NotFound("not an operator")
    return session


def has_fresh_login(session: LiveSession) -> bool:
    """Whether the login is recent enough for an operator's page: a browser left open must show nobody anything."""
    return is_fresh(session.authenticated_at, means().limits)
