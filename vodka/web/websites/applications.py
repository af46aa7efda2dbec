"""/websites/<number>/applications: what a website keeps behind a proxy that asks vodka; putting one more there."""

from __future__ import annotations

from flask import Response

from vodka.errors import InvalidInput
from vodka.handoff import applications, owned
from vodka.web.plumbing import body
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.answers import wrong
from vodka.web.plumbing.sites.applications import PARTS, email_domains, list_page, made_page, wish_in, wrong_in
from vodka.web.plumbing.sites.kept import SITE, behind_login, kept

blueprint = behind_login("websites_applications", __name__)


@blueprint.get(f"{SITE}/applications")
def list_them(number: int) -> Response:
    """The list, and the form for one more."""
    _, website = kept(number)
    return list_page(website)


@blueprint.post(f"{SITE}/applications")
def make(number: int) -> Response:
    """One more. The secret of its proxy is shown on the answer itself and nowhere else; a reload makes no other."""
    session, website = kept(number)
    form = body.read_form(*PARTS, "seen")
    if errors := wrong_in(form):
        return list_page(website, form, errors)
    tools = means()
    try:
        made, secret = owned.make(
            website,
            form.get("url", "").strip(),
            wish_in(form),
            session.user_id,
            form.get("seen", ""),
            email_domains(),
            tools.limits,
            development=tools.settings.development,
        )
    except InvalidInput as refusal:
        if refusal.code == "applications_changed":
            return list_page(website, form, problem=refusal)
        return list_page(website, form, {"url": [wrong(refusal)]})
    return made_page(website, applications.get(website, made), secret, is_new=True)
