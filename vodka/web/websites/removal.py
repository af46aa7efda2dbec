"""/websites/<number>/delete: what happens when a website goes, and the button."""

from __future__ import annotations

from flask import Response

from vodka.errors import NotPermitted
from vodka.language import words
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.sites.kept import SITE, behind_login, kept, site_page
from vodka.websites.model import Website
from vodka.websites.owners import membership

blueprint = behind_login("websites_removal", __name__)
_MISTYPED = "This is not the domain of this website. Nothing was deleted."


@blueprint.get(f"{SITE}/delete")
def ask(number: int) -> Response:
    """Say what deleting means."""
    return _page(_owned(number)[1])


@blueprint.post(f"{SITE}/delete")
def delete(number: int) -> Response:
    """Delete the website, with its domain typed in full."""
    session, website = _owned(number)
    typed = body.read_form("domain").get("domain", "").strip()
    if typed.lower() != website.domain:
        return _page(website, 400, typed, words(present_language()).gettext(_MISTYPED))
    membership.end(website, session.user_id)
    return see_other("/websites?done=deleted#done")


def _owned(number: int) -> tuple[LiveSession, Website]:
    session, website = kept(number)
    if website.owner_id != session.user_id:
        raise NotPermitted("owner_only", "Only the owner of this website can do that.")
    return session, website


def _page(website: Website, status: int = 200, typed: str = "", error: str | None = None) -> Response:
    return site_page("websites/delete.html", "people", website, status, typed=typed, error=error)
