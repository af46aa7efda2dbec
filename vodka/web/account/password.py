"""My password, for programs that cannot do better: choose, change, remove (NIST SP 800-63B §5.1.1)."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka import clock
from vodka.accounts.people import find_holder
from vodka.errors import InvalidInput
from vodka.holdings import deletion
from vodka.language import words
from vodka.login import messages
from vodka.login.password import METHOD
from vodka.oauth import store as grants
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import back_home, see_other, sign_in_again
from vodka.web.plumbing.cards import password as shown
from vodka.web.plumbing.client import present_language, requester
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import page

PAGE = "/account/password"
blueprint = Blueprint("account_password", __name__)
_DIFFERENT = "These are two different passwords. Type the same one twice."


@blueprint.get(PAGE)
def ask() -> Response:
    """Say what a password is for, and ask for one; who signed in a while ago is asked to prove the mailbox first."""
    return _page(identity.need_session())


@blueprint.post(PAGE)
def choose() -> Response:
    """Set or change it, after a fresh login; whatever an earlier one let programs do ends, and a mail says so."""
    tools, session = means(), identity.need_session()
    sent = body.read_form("password", "again")
    if not _is_fresh(session):
        return see_other(PAGE)
    if sent.get("password", "") != sent.get("again", ""):
        return _page(session, 400, _DIFFERENT)
    finding = find_holder(tools.services.directory, session.email, session.sciper, tools.limits)
    person = finding.person
    names = [name for name in (person.first_name, person.last_name) if name] if person else []
    try:
        tools.passwords.set(session.user_id, session.email, sent.get("password"), names)
    except InvalidInput as mistake:
        return _page(session, 400, mistake.public)
    grants.end_grants_by(session.user_id, METHOD, clock.now())
    messages.warn_of_password(requester(), session.email, tools.limits, tools.vault)
    return back_home("password_set", "password")


@blueprint.post(f"{PAGE}/remove")
def remove() -> Response:
    """Remove it: at once, without a fresh login, since that only takes something away."""
    session = identity.need_session()
    body.read_form()
    means().passwords.remove(session.user_id, session.email)
    grants.end_grants_by(session.user_id, METHOD, clock.now())
    return back_home("password_removed", "password")


@blueprint.post(f"{PAGE}/sign-in")
def prove() -> Response:
    """End this session and begin a login that leads back to the page."""
    identity.need_session()
    body.read_form()
    return sign_in_again(PAGE)


def _is_fresh(session: LiveSession) -> bool:
    return deletion.is_fresh(session.authenticated_at, means().limits) and METHOD not in session.methods.split()


def _page(session: LiveSession, status: int = 200, public: str = "") -> Response:
    return page(
        "account/password.html",
        status,
        is_fresh=_is_fresh(session),
        shortest=means().limits.password_shortest,
        is_change=shown.card(session)["password_since"] is not None,
        error=words(present_language()).gettext(public) if public else None,
    )
