"""/websites/<number>/code: a program that signs people in, filled in with the website's own values."""

from __future__ import annotations

from flask import Response

from vodka.errors import NotFound
from vodka.web.plumbing import body
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.kept import SITE, behind_login, kept, site_page
from vodka.websites import snippets

blueprint = behind_login("websites_code", __name__)
_USUAL = "flask"


@blueprint.get(f"{SITE}/code")
def show(number: int) -> Response:
    """The program of `?for=`, one of the kinds there are, to be copied."""
    _, website = kept(number)
    kind = body.read_query("for").get("for", _USUAL)
    if kind not in snippets.KINDS:
        raise NotFound("no such kind of program")
    settings = means().settings
    return site_page(
        "websites/code.html",
        "code",
        website,
        kind=kind,
        kinds=[(name, known.name) for name, known in snippets.KINDS.items()],
        snippet=snippets.snippet(kind, website, settings.origin, settings.data_jwt_algorithm),
    )
