"""/operator: the operators' page. Reports, words that wait to be read, every website; and the acts of an operator.

For everybody else there is nothing at these addresses. Each act asks for a login of the last minutes (ASVS 7.5.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import Blueprint, Response, request

from vodka.errors import InvalidInput
from vodka.language import words
from vodka.sessions import lifecycle
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.means import means
from vodka.web.plumbing.opening import take_cookies
from vodka.web.plumbing.page import done_of, page
from vodka.web.plumbing.sites.kept import state_of
from vodka.web.plumbing.sites.operators import has_fresh_login, need_operator
from vodka.websites.model import Website
from vodka.websites.watch import operating, reports, store
from vodka.words import clean

blueprint = Blueprint("websites_operator", __name__)
HOME = "/operator"
_ACTS = f"{HOME}/websites/<int(max=2147483647):number>"
_MOST_SITES = 100
_LONGEST_PART = 253  # characters of a domain, RFC 1035 §3.1
_NOTICES = {
    "stopped": "The website is stopped, and its owners are told.",
    "lifted": "The website may go on.",
    "closed": "The reports are closed.",
    "approved": "Visitors see these words from now on.",
}


@dataclass(frozen=True)
class Reported:
    """The open reports about one website."""

    id: int
    domain: str
    is_stopped: bool
    said: list[tuple[datetime, str, str]]  # when, what it is about, in the reporter's words


@blueprint.get(HOME)
def show() -> Response:
    """The page; who signed in a while ago is asked to do so once more, and sees nothing yet."""
    session = need_operator()
    if not has_fresh_login(session):
        return page("websites/operator.html", is_fresh=False)
    return _page()


@blueprint.post(f"{HOME}/sign-in")
def sign_in_again() -> Response:
    """End this session and begin a login that leads back to the page."""
    session = need_operator()
    body.read_form()
    lifecycle.end(session)
    identity.forget()
    response = see_other(f"/login?redirect={HOME.replace('/', '%2F')}")
    take_cookies(response)
    return response


@blueprint.post(f"{_ACTS}/stop")
def stop(number: int) -> Response:
    """Hand nothing to a website any more, at once: also not from consent pages that are open (attacks RED-32)."""
    tools = means()
    return _act(number, "stopped", lambda site, who: operating.stop(site, who, tools.vault, tools.limits))


@blueprint.post(f"{_ACTS}/lift")
def lift(number: int) -> Response:
    """Let a website that was stopped go on."""
    return _act(number, "lifted", lambda site, who: operating.lift(site, who, means().limits))


@blueprint.post(f"{_ACTS}/close")
def close(number: int) -> Response:
    """The reports about a website are dealt with."""
    return _act(number, "closed", operating.close_reports)


@blueprint.post(f"{_ACTS}/approve")
def approve(number: int) -> Response:
    """Let visitors see the words that the page showed, and no others."""
    return _act(
        number, "approved", lambda site, who: operating.approve(site, request.form.get("words", ""), who), "words"
    )


def _act(number: int, done: str, act: Callable[[Website, int], None], *names: str) -> Response:
    session = need_operator()
    body.read_form(*names)
    if not has_fresh_login(session):
        return see_other(HOME)
    try:
        act(store.get_website(number), session.user_id)
    except InvalidInput as refusal:
        return _page(400, words(present_language()).gettext(refusal.public))
    return see_other(f"{HOME}?done={done}#done")


def _page(status: int = 200, error: str | None = None) -> Response:
    part = clean(body.read_query("q", "done", "lang").get("q", ""), _LONGEST_PART).lower()
    sites = store.list_with_owners(part, _MOST_SITES + 1)
    return page(
        "websites/operator.html",
        status,
        is_fresh=True,
        done=done_of(_NOTICES),
        error=error,
        reported=_reported(),
        waiting=operating.list_waiting(),
        sites=[(site, owner, state_of(site)) for site, owner in sites[:_MOST_SITES]],
        are_more=len(sites) > _MOST_SITES,
        part=part,
    )


def _reported() -> list[Reported]:
    said = words(present_language()).gettext
    found = []
    for site, rows in groupby(store.list_open_reports(), lambda row: (row.website_id, row.domain, row.suspended_why)):
        number, domain, why = site
        told = [(row.at, said(reports.LABELS[row.kind]), row.words) for row in rows]
        found.append(Reported(number, domain, why == "operator", told))
    return found
