"""A website's pages: for those who keep it, and for nobody else."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from vodka.errors import NotAuthenticated, NotFound
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.page import page
from vodka.websites import asking
from vodka.websites.model import Website
from vodka.websites.owners import store

# The beginning of every address of one website's pages; a number that no database could hold is no address.
SITE = "/websites/<int(max=2147483647):number>"
# In the order in which an owner goes through them; their names are in templates/websites/frame.html.
SECTIONS = ("overview", "proof", "asks", "answers", "code", "clients", "applications", "people")


def behind_login(name: str, module: str, after_form: str | None = "/websites") -> Blueprint:
    """A blueprint whose pages somebody may have as a bookmark: who is not signed in does so first, then comes back.

    `after_form`: where a form leads to instead, whose address need not be a page; None where it is one.
    """
    blueprint = Blueprint(name, module)

    @blueprint.errorhandler(NotAuthenticated)
    def to_login(_missing: NotAuthenticated) -> Response:
        here = request.path if after_form is None or request.method == "GET" else after_form
        return see_other(f"/login?redirect={quote(here, safe='')}")

    return blueprint


def kept(number: int) -> tuple[LiveSession, Website]:
    """The session and the website of this number; raises NotFound for who does not keep it, as if there were none."""
    session = identity.need_session()
    website = store.find_kept(number, session.user_id)
    if website is None:
        raise NotFound("no such website of this person")
    return session, website


def site_page(template: str, section: str, website: Website, status: int = 200, **context: object) -> Response:
    """A page of one website in its frame. The template gets `website`, `state`, `section` and `sections`."""
    frame: dict[str, Any] = {"website": website, "state": state_of(website), "section": section, "sections": SECTIONS}
    frame["waits_for_approval"] = asking.waits_for_approval(website)
    return page(template, status, **{"done": None} | frame | context)


def state_of(website: Website) -> str:
    """One word: suspended by an operator, suspended for want of a proof, verified, failing (no proof lately), unproven."""
    if website.suspended_at is not None:
        return "stopped" if website.suspended_why == "operator" else "suspended"
    if website.verified_since is None:
        return "unproven"
    return "failing" if website.failures else "verified"


def is_verified(website: Website) -> bool:
    """Whether the domain is proven and nothing suspends the website: the states verified and failing."""
    return website.verified_since is not None and website.suspended_at is None


def back_to(number: int, section: str, done: str = "") -> Response:
    """After an act: back to a page of the website, which says what was done."""
    path = f"/websites/{number}" + ("" if section == "overview" else f"/{section}")
    return see_other(f"{path}?done={done}#done" if done else path)
