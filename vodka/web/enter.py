"""/enter: from a login into an application behind a reverse proxy (FLOWS scoped login 5), with the person's consent."""

from __future__ import annotations

from flask import Blueprint, Response, request

from vodka.accounts.people import find_holder
from vodka.adapters.directory import Finding
from vodka.audit import store as audit
from vodka.consent import remembered
from vodka.consent import ticket as tickets
from vodka.consent.decision import accepted
from vodka.consent.ticket import Ticket, said_at, shown
from vodka.errors import NotPermitted, SecretRejected
from vodka.handoff import applications
from vodka.handoff.applications import Application
from vodka.handoff.identity import admissible
from vodka.handoff.passing import is_admitted
from vodka.handoff.scoped import entering
from vodka.handoff.scoped.entering import Agreed
from vodka.interaction import return_to
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import back_home, see_other
from vodka.web.plumbing.consent import decided
from vodka.web.plumbing.consent.page import consent_page
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import page
from vodka.websites.redirects import Redirect
from vodka.websites.registry import Site, find_site

blueprint = Blueprint("enter", __name__)


@blueprint.get("/enter")
def ask() -> Response:
    """Sign in first, then agree to what the application learns; who did so in this session goes on at once."""
    tools = means()
    application, back, site = _wanted(body.read_query("scope", "lang").get("scope"))
    session = identity.session()
    if session is None:
        return see_other(f"/login?{return_to.enter(back.url).partition('?')[2]}")
    finding = find_holder(tools.services.directory, session.email, session.sciper, tools.limits)
    _check_admitted(application, session, finding)
    ticket = _ticket(application, back, site, session, finding)
    leaning = remembered.leaning(session.user_id, ticket, tools.vault, session.digest)
    if leaning is not None and leaning.under is not None:
        return _let_in(session, application, back, ticket, leaning.under, tuple(each.key for each in leaning.fields))
    sealed = tickets.seal(ticket, session.digest, tools.vault, tools.limits)
    return consent_page(
        site, ticket, finding, sealed, identity.subject_at(application.domain, session), action="/enter"
    )


@blueprint.post("/enter")
def decide() -> Response:
    """Accept or deny: everything is checked again, the ticket is spent, and the browser goes to the application."""
    tools = means()
    session = identity.need_session()
    decision = decided.read(session)
    ticket = decision.ticket
    application, back, site = _wanted(ticket.redirect)
    if site.id != ticket.site or ticket.client != _name(application):
        raise NotPermitted("other_website", "This domain belongs to another website now.")
    if not decision.is_accepted:
        audit.add("consent.denied", user_id=session.user_id, subject=ticket.audience)
        return back_home("denied", "sites")
    user = accepted(ticket, body.read_many("field"))
    consent = remembered.record(session.user_id, ticket, user, decision.end, tools.vault, session.digest)
    return _let_in(session, application, back, ticket, consent, tuple(user))


@blueprint.errorhandler(SecretRejected)
def over(_refusal: SecretRejected) -> Response:
    """The page waited too long or was answered before: nothing is shared, and there is a way to start again."""
    ticket = tickets.read(request.form["ticket"], identity.need_session().digest, means().vault)
    return page("authorize/expired.html", 410, again=return_to.enter(ticket.redirect))


def _wanted(scope: str | None) -> tuple[Application, Redirect, Site]:
    application, back = applications.find(scope, development=means().settings.development, limits=means().limits)
    site = find_site(application.domain, means().limits)
    assert site is not None, "an application is found by its verified website"
    return application, back, site


def _check_admitted(application: Application, session: LiveSession, finding: Finding) -> None:
    """Who may not pass there is told so here: nothing is shared for nothing."""
    if not is_admitted(application.rule, admissible(session.email, finding)):
        raise NotPermitted("not_admitted", "The owner of this application does not let your account in.")


def _ticket(application: Application, back: Redirect, site: Site, session: LiveSession, finding: Finding) -> Ticket:
    return Ticket(
        redirect=back.url,
        audience=application.scope.origin,
        site=site.id,
        fields=shown(site.wanted, session.email, finding),
        state=None,
        nonce=None,
        read_at=said_at(finding),
        asked=remembered.question(site.id, site.grade, site.reason, site.wanted),
        grade=site.grade,
        client=_name(application),
    )


def _name(application: Application) -> str:
    """The application among those that ask for consent: agreeing to one says nothing about another."""
    return f"application:{application.id}"


def _let_in(
    session: LiveSession, application: Application, back: Redirect, ticket: Ticket, consent: int, keys: tuple[str, ...]
) -> Response:
    agreed = Agreed(consent, ticket.grade, identity.subject_at(application.domain, session), keys)
    code = entering.promise(session, application, agreed, means().limits)
    response = Response(status=303)
    response.headers["Location"] = back.with_params([("code", code)])
    return response
