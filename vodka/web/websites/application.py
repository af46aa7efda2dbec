"""/websites/<number>/applications/<application>: one of them: its proxy's configuration, its secrets, who may pass, its end."""

from __future__ import annotations

from flask import Response

from vodka.errors import InvalidInput, NotFound
from vodka.handoff import applications, owned, snippets
from vodka.handoff.applications import Application
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.applications import (
    PARTS,
    application_page,
    email_domains,
    form_of,
    made_page,
    wish_in,
    wrong_in,
)
from vodka.web.plumbing.sites.kept import SITE, back_to, behind_login, kept, site_page
from vodka.websites.model import Website

blueprint = behind_login("websites_application", __name__)
_APPLICATION = f"{SITE}/applications/<int(max=2147483647):application>"


@blueprint.get(_APPLICATION)
def show(number: int, application: int) -> Response:
    """The page as everything was saved."""
    _, website, found = _kept(number, application)
    return application_page(website, found, form_of(found))


@blueprint.post(_APPLICATION)
def save(number: int, application: int) -> Response:
    """Keep all of the form, or none of it and say at each line what to change."""
    session, website, found = _kept(number, application)
    form = body.read_form(*PARTS[1:])
    if errors := wrong_in(form):
        return application_page(website, found, form, errors)
    wish = wish_in(form)
    applications.change(website, found.id, owned.rule_of(wish, email_domains()), wish.networks, session.user_id)
    return back_to(number, f"applications/{application}", "saved")


@blueprint.get(f"{_APPLICATION}/setup")
def setup(number: int, application: int) -> Response:
    """The configuration of the proxy of `?for=`, to be copied."""
    _, website, found = _kept(number, application)
    word = body.read_query("for").get("for", next(iter(snippets.PROXIES)))
    if word not in snippets.PROXIES:
        raise NotFound("no such proxy")
    return site_page(
        "websites/application_setup.html",
        "applications",
        website,
        application=found,
        word=word,
        proxies=[(key, proxy.name) for key, proxy in snippets.PROXIES.items()],
        setup=snippets.snippet(word, found.scope, means().settings.origin),
        placeholder=snippets.PLACEHOLDER,
    )


@blueprint.get(f"{_APPLICATION}/secrets")
def nothing_to_see(number: int, application: int) -> Response:
    """Where a secret was shown there is nothing to see any more: back to the application."""
    _kept(number, application)
    return see_other(f"/websites/{number}/applications/{application}")


@blueprint.post(f"{_APPLICATION}/secrets")
def make_secret(number: int, application: int) -> Response:
    """A further secret, shown this once, so that a proxy can change over without a pause. A reload makes no other."""
    session, website, found = _kept(number, application)
    seen = body.read_form("seen").get("seen", "")
    try:
        secret = applications.make_secret(website, found.id, session.user_id, means().limits, seen)
    except InvalidInput as refusal:
        return application_page(website, found, form_of(found), secret_problem=refusal)
    return made_page(website, found, secret, is_new=False)


@blueprint.post(f"{_APPLICATION}/secrets/<int(max=2147483647):secret>/remove")
def remove_secret(number: int, application: int, secret: int) -> Response:
    """End a secret at once."""
    session, website, found = _kept(number, application)
    body.read_form()
    applications.remove_secret(website, found.id, secret, session.user_id)
    return back_to(number, f"applications/{application}", "removed")


@blueprint.post(f"{_APPLICATION}/delete")
def delete(number: int, application: int) -> Response:
    """Forget an application, its secrets and everybody's session there, at once."""
    session, website, found = _kept(number, application)
    body.read_form()
    applications.remove(website, found.id, session.user_id)
    return back_to(number, "applications", "deleted")


def _kept(number: int, application: int) -> tuple[LiveSession, Website, Application]:
    session, website = kept(number)
    return session, website, applications.get(website, application)
