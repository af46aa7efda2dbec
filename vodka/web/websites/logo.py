"""/websites/<number>/logo: the picture beside a website's name; /logos/<digest>.png: the picture itself, for everybody."""

from __future__ import annotations

from flask import Response

from vodka.errors import InvalidInput, NotFound
from vodka.language import words
from vodka.web.plumbing import body
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import done_of
from vodka.web.plumbing.sites.kept import SITE, back_to, behind_login, is_verified, kept, site_page
from vodka.web.plumbing.sites.visiting import visiting
from vodka.web.plumbing.transaction import in_transaction
from vodka.websites import logos, store
from vodka.websites.model import Website

blueprint = behind_login("websites_logo", __name__)
_NOTICES = {"set": "vodka shows this picture from now on.", "removed": "vodka shows no picture any more."}
_KEPT_FOR = 365 * 86400  # its address changes with the picture


@blueprint.get(f"{SITE}/logo")
def show(number: int) -> Response:
    """The logo as it is, and a field for another one."""
    _, website = kept(number)
    return _page(website)


@blueprint.post(f"{SITE}/logo")
def fetch(number: int) -> Response:
    """Fetch a picture from the website's own domain, once, and keep vodka's drawing of it."""
    session, website = kept(number)
    tools = means()
    address = body.read_form("address").get("address", "").strip()
    try:
        # Until the domain is proven it may be anybody's: vodka visits no stranger.
        if not is_verified(website):
            raise InvalidInput("logo_unproven", "Prove the domain first: until then vodka fetches nothing from it.")
        logos.check_source(address, website.domain)
        tries = tools.vault.mac("logo tries", str(session.user_id))
        in_transaction(lambda: tools.logo_tries.spend(tries))  # nothing stays locked while the network takes its time
        with visiting():
            png = logos.drawn_anew(address, tools.services.fetch, tools.limits)
    except InvalidInput as refusal:
        return _page(website, 400, address, refusal.public)
    logos.put(website, png, address, session.user_id)
    return back_to(number, "logo", "set")


@blueprint.post(f"{SITE}/logo/remove")
def remove(number: int) -> Response:
    """Take the logo away; once it is gone, doing so again changes nothing."""
    session, website = kept(number)
    body.read_form()
    logos.remove(website, session.user_id)
    return back_to(number, "logo", "removed")


@blueprint.get("/logos/<string(length=32):digest>.png")
def picture(digest: str) -> Response:
    """The PNG, as long as the website is verified and not suspended."""
    png = store.find_logo(digest)
    if png is None:
        raise NotFound("no such logo of a website that is verified now")
    cached = {"Cache-Control": f"public, max-age={_KEPT_FOR}, immutable"}
    return Response(png, mimetype="image/png", headers=cached)


def _page(website: Website, status: int = 200, typed: str = "", error: str = "") -> Response:
    said = words(present_language()).gettext
    return site_page(
        "websites/logo.html",
        "asks",
        website,
        status,
        done=done_of(_NOTICES),
        may_fetch=is_verified(website),
        typed=typed,
        longest=logos.LONGEST_SOURCE,
        error=said(error) if error else "",
    )
