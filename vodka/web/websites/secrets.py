"""/websites/<number>/answers/secrets: making a secret, which is shown this once, and removing one."""

from __future__ import annotations

from flask import Response

from vodka.errors import InvalidInput
from vodka.web.plumbing import body
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.answers import answers_page, saved
from vodka.web.plumbing.sites.kept import SITE, back_to, behind_login, kept, site_page
from vodka.websites import secrets

blueprint = behind_login("websites_secrets", __name__)


@blueprint.get(f"{SITE}/answers/secrets")
def list_them(number: int) -> Response:
    """Where a secret was shown there is nothing to see any more: back to the list."""
    kept(number)
    return back_to(number, "answers")


@blueprint.post(f"{SITE}/answers/secrets")
def make(number: int) -> Response:
    """Show a new secret on the answer itself: it is kept nowhere, so there is no page to lead to. A reload makes no other."""
    session, website = kept(number)
    seen = body.read_form("seen").get("seen", "")
    try:
        secret = secrets.create(website, session.user_id, means().limits, seen)
    except InvalidInput as refusal:
        return answers_page(website, saved(website), problem=refusal)
    # No language switch: this page cannot be asked for again.
    return site_page("websites/secret.html", "answers", website, secret=secret, languages=())


@blueprint.post(f"{SITE}/answers/secrets/<int(max=2147483647):secret>/remove")
def remove(number: int, secret: int) -> Response:
    """End a secret at once."""
    session, website = kept(number)
    body.read_form()
    secrets.remove(website, secret, session.user_id)
    return back_to(number, "answers", "removed")
