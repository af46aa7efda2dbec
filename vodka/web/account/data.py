"""My data: who has it (/account/sites/…), take all of it (/account/export…), have it forgotten (/account/delete)."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka import clock
from vodka.accounts.fields import ANONYMOUS
from vodka.audit import store as audit
from vodka.consent import ledger, remembered
from vodka.consent.ledger import SiteEntry
from vodka.holdings import deletion, export
from vodka.holdings.store import Holder
from vodka.language import words
from vodka.oauth.standing import people
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import see_other, sign_in_again
from vodka.web.plumbing.cards.sites import handed_rows, summary
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.consent.page import short_form
from vodka.web.plumbing.means import means
from vodka.web.plumbing.opening import take_cookies
from vodka.web.plumbing.page import page
from vodka.websites.owners.store import list_ending_with
from vodka.websites.watch import reports

blueprint = Blueprint("account_data", __name__)
_MISTYPED = "This is not the address of this account. Nothing was deleted."


@blueprint.get("/account/sites/<handle>")
def site(handle: str) -> Response:
    """Everything that one website received of me; a website that received nothing is not found."""
    session = identity.need_session()
    entry = ledger.get_site(session.user_id, handle)
    return page(
        "account/site.html",
        site=summary(entry, people.of(session.user_id)),
        identifier=_identifier(session, entry),
        handed=handed_rows(ledger.history(session.user_id, entry)),
        can_be_reported=reports.can_be_reported(entry.host),
    )


def _identifier(session: LiveSession, entry: SiteEntry) -> str | None:
    """How I am called there; nothing under the grade anonymous."""
    if entry.last.grade == ANONYMOUS:
        return None
    return short_form(identity.subject_at(entry.host, session))


@blueprint.post("/account/sites/<handle>/withdraw")
def withdraw(handle: str) -> Response:
    """Withdraw what was agreed with a website: from now on it asks again."""
    session = identity.need_session()
    body.read_form()
    entry = ledger.get_site(session.user_id, handle)
    remembered.withdraw(session.user_id, entry.audience)
    return see_other(f"/account/sites/{entry.handle}")


@blueprint.get("/account/export.json")
def as_json() -> Response:
    """Everything about me as JSON, to keep."""
    return _file(export.as_json(_gathered()), "json", "application/json")


@blueprint.get("/account/export.csv")
def as_csv() -> Response:
    """Everything about me as CSV, to keep."""
    return _file(export.as_csv(_gathered()), "csv", "text/csv; charset=utf-8; header=present")


@blueprint.get("/account/delete")
def ask() -> Response:
    """Say what deleting means; who signed in a while ago is asked to prove the mailbox once more."""
    return _delete_page(identity.need_session())


@blueprint.post("/account/delete/sign-in")
def prove() -> Response:
    """End this session and begin a login that leads back to the page."""
    identity.need_session()
    body.read_form()
    return sign_in_again("/account/delete")


@blueprint.post("/account/delete")
def delete() -> Response:
    """Delete the account: after a fresh login, and with its address typed in full."""
    session = identity.need_session()
    sent = body.read_form("address")
    if not deletion.is_fresh(session.authenticated_at, means().limits):
        return see_other("/account/delete")
    typed = sent.get("address", "").strip()
    if typed.lower() != session.email:
        said = words(present_language()).gettext
        return _delete_page(session, 400, typed, said(_MISTYPED))
    deletion.delete(_holder(session))
    identity.forget()
    response = page("account/deleted.html")
    take_cookies(response)
    return response


def _delete_page(session: LiveSession, status: int = 200, typed: str = "", error: str | None = None) -> Response:
    return page(
        "account/delete.html",
        status,
        is_fresh=deletion.is_fresh(session.authenticated_at, means().limits),
        domains=list_ending_with(session.user_id),
        typed=typed,
        error=error,
    )


def _holder(session: LiveSession) -> Holder:
    return Holder(session.user_id, session.email)


def _gathered() -> export.Export:
    session = identity.need_session()
    gathered = export.gather(_holder(session))
    audit.add("data.exported", user_id=session.user_id, subject=session.email)
    return gathered


def _file(text: str, ending: str, kind: str) -> Response:
    response = Response(text, content_type=kind)
    name = f"vodka-{clock.now():%Y-%m-%d}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
