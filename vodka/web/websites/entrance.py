"""/websites: what I keep and what comes next there, who invites me, and the form that adds a domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from vodka import clock
from vodka.errors import InvalidInput, NotPermitted
from vodka.language import words
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.errors import status_of
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import done_of, page
from vodka.web.plumbing.sites.kept import back_to, behind_login, state_of
from vodka.websites.model import Website
from vodka.websites.owners import claiming, membership, store

blueprint = behind_login("websites_entrance", __name__)

_INVITATION = "/websites/invitations/<int(max=2147483647):number>"
_NOTICES = {
    "deleted": "The website is deleted. Nobody can sign in there with vodka any more.",
    "left": "You do not keep that website any more.",
    "declined": "The invitation is declined.",
}


@dataclass(frozen=True)
class Listed:
    """A website as the list shows it: `step` is the section to go to next, a word of kept.SECTIONS."""

    website: Website
    state: str
    step: str
    is_mine: bool


@blueprint.get("/websites")
def show() -> Response:
    """My websites; without any, what to expect."""
    return _page(identity.need_session())


@blueprint.post("/websites")
def add() -> Response:
    """Register a domain, and on to its proof; one that I keep already leads to itself."""
    session, tools = identity.need_session(), means()
    typed = body.read_form("domain").get("domain", "").strip()
    development = tools.settings.development
    try:
        number = claiming.claim(typed, session.user_id, present_language(), tools.limits, development=development)
    except (InvalidInput, NotPermitted) as refusal:
        meant = claiming.meant_by(typed, development=development) if isinstance(refusal, InvalidInput) else None
        return _page(session, status_of(refusal), typed=typed, refusal=refusal, meant=meant)
    return back_to(number, "proof")


@blueprint.post(f"{_INVITATION}/accept")
def accept(number: int) -> Response:
    """Join a website, and on to its pages."""
    session = identity.need_session()
    body.read_form()
    membership.accept(number, session.user_id, session.email)
    return back_to(number, "overview")


@blueprint.post(f"{_INVITATION}/decline")
def decline(number: int) -> Response:
    """Do without."""
    session = identity.need_session()
    body.read_form()
    membership.decline(number, session.email)
    return see_other("/websites?done=declined#done")


def _page(
    session: LiveSession,
    status: int = 200,
    *,
    typed: str = "",
    refusal: InvalidInput | NotPermitted | None = None,
    meant: str | None = None,
) -> Response:
    said = words(present_language()).gettext
    told: dict[str, Any] = {"error": None, "hint": None}
    if refusal is not None:
        hint = refusal.hint if isinstance(refusal, InvalidInput) and meant is None else ""
        told = {"error": said(refusal.public), "hint": said(hint) if hint else None}
    return page(
        "websites/list.html",
        status,
        sites=[_listed(website, session.user_id) for website in store.list_kept(session.user_id)],
        invitations=store.list_invitations_to(session.email, clock.now()),
        done=done_of(_NOTICES),
        typed=typed,
        meant=meant,
        **told,
    )


def _listed(website: Website, user_id: int) -> Listed:
    state = state_of(website)
    if state in ("unproven", "failing", "suspended"):
        step = "proof"
    elif state == "verified" and _says_nothing(website):
        step = "asks"
    else:
        step = "overview"
    return Listed(website, state, step, website.owner_id == user_id)


def _says_nothing(website: Website) -> bool:
    """Whether nobody has told visitors anything about the website yet."""
    return not website.description and not any(field.get("purpose") for field in website.fields)
