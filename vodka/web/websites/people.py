"""/websites/<number>/people: who keeps a website, who is invited; the owner decides, a co-owner may leave."""

from __future__ import annotations

from flask import Response

from vodka import clock
from vodka.accounts import emails
from vodka.errors import InvalidInput, NotFound, TooMany
from vodka.language import words
from vodka.login.tallies import Rule, need_room
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.errors import status_of
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import done_of
from vodka.web.plumbing.sites.kept import SITE, back_to, behind_login, is_verified, kept, site_page
from vodka.web.plumbing.transaction import in_transaction
from vodka.websites import store as websites
from vodka.websites.model import Website
from vodka.websites.owners import membership, store

blueprint = behind_login("websites_people", __name__)

_NUMBER = 10  # digits; a longer one is no row
_NOTICES = {
    "invited": "The invitation is on its way.",
    "withdrawn": "The invitation is withdrawn.",
    "removed": "That person does not keep the website any more.",
    "handed_over": "The website has its new owner. You keep it together with them.",
}


@blueprint.get(f"{SITE}/people")
def show(number: int) -> Response:
    """The owner, the co-owners, the invitations."""
    return _page(*kept(number))


@blueprint.post(f"{SITE}/people/invite")
def invite(number: int) -> Response:
    """Invite an address; what was typed stays if that does not work."""
    session, website = kept(number)
    typed = body.read_form("email").get("email", "").strip()
    try:
        # What happened is taken back with what may not be counted.
        in_transaction(lambda: _invite(session, website, typed))
    except (InvalidInput, TooMany) as refusal:
        response = _page(*kept(number), status_of(refusal), typed=typed, refusal=refusal)
        if isinstance(refusal, TooMany):
            response.headers["Retry-After"] = str(refusal.retry_after)
        return response
    return back_to(number, "people", "invited")


@blueprint.post(f"{SITE}/people/withdraw")
def withdraw(number: int) -> Response:
    """Take an invitation back."""
    session, website = kept(number)
    membership.withdraw(website, session.user_id, body.read_form("email").get("email", ""))
    return back_to(number, "people", "withdrawn")


@blueprint.post(f"{SITE}/people/remove")
def remove(number: int) -> Response:
    """Take a co-owner off the website."""
    session, website = kept(number)
    membership.remove(website, session.user_id, _person())
    return back_to(number, "people", "removed")


@blueprint.post(f"{SITE}/people/hand-over")
def hand_over(number: int) -> Response:
    """Make a co-owner the owner."""
    session, website = kept(number)
    heir = _person()
    try:
        membership.hand_over(website, session.user_id, heir)
    except InvalidInput as refusal:
        return _page(session, website, status_of(refusal), refusal=refusal)
    return back_to(number, "people", "handed_over")


@blueprint.post(f"{SITE}/people/leave")
def leave(number: int) -> Response:
    """Stop keeping the website."""
    session, website = kept(number)
    body.read_form()
    membership.leave(website, session.user_id)
    return see_other("/websites?done=left#done")


def _invite(session: LiveSession, website: Website, typed: str) -> None:
    """Send the invitation, and count it; raises InvalidInput, NotPermitted, TooMany."""
    tools = means()
    limits, vault = tools.limits, tools.vault
    email = emails.parse(typed, frozenset(tools.settings.email_domains))
    membership.invite(website, (session.user_id, session.email), email, present_language(), limits, vault)
    # By the domain, not the row: a website that was deleted and added again sends no second mail.
    need_room(
        Rule(vault.mac("invitations to", f"{website.domain} {email}"), 1, limits.invitation_interval),
        "invited_already",
        public="This address was invited less than a day ago.",
    )
    need_room(
        Rule(vault.mac("invitations by", str(session.user_id)), limits.invitations_per_day, clock.DAY),
        "too_many_invitations",
        public="That is a lot of invitations for one day. Please go on tomorrow.",
    )


def _person() -> int:
    """The number of the person whom the form means."""
    sent = body.read_form("person").get("person", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) <= _NUMBER):
        raise NotFound("no such person")
    return int(sent)


def _page(
    session: LiveSession,
    website: Website,
    status: int = 200,
    *,
    typed: str = "",
    refusal: InvalidInput | TooMany | None = None,
) -> Response:
    said = words(present_language()).gettext
    hint = refusal.hint if isinstance(refusal, InvalidInput) else ""
    people, invitations = store.list_co_owners(website.id), store.list_invitations(website.id, clock.now())
    return site_page(
        "websites/people.html",
        "people",
        website,
        status,
        done=done_of(_NOTICES),
        is_owner=website.owner_id == session.user_id,
        me=session.user_id,
        owner=websites.find_address_of(website.owner_id),
        people=people,
        invitations=invitations,
        may_invite=is_verified(website),
        is_full=len(people) + len(invitations) >= means().limits.co_owners_per_website,
        typed=typed,
        error=said(refusal.public) if refusal else None,
        hint=said(hint) if hint else None,
    )
