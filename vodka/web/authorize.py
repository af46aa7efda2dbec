"""/authorize: the consent page and the decision (SPEC authorization flow)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from vodka.accounts.people import find_holder
from vodka.adapters.directory import Finding
from vodka.audit import store as audit
from vodka.consent import remembered
from vodka.consent import ticket as tickets
from vodka.consent.decision import accepted
from vodka.consent.ticket import Ticket, said_at, shown
from vodka.errors import InvalidInput, NotPermitted, SecretRejected
from vodka.handoff import redeem
from vodka.handoff.website import Statement
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.consent import decided
from vodka.web.plumbing.consent.answer import answer_page, signed
from vodka.web.plumbing.consent.page import consent_page, continue_page
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import page
from vodka.web.plumbing.sites.feed import tells_the_owner
from vodka.websites.answering import CODE, check_mode
from vodka.websites.domains import sector_of
from vodka.websites.redirects import Redirect
from vodka.websites.registry import Site, owner_of
from vodka.websites.watch import refusals

blueprint = Blueprint("authorize", __name__)
_REFUSALS = {
    "state_too_long": ("The parameter state is too long.", "Send a shorter state."),
    "nonce_too_long": ("The parameter nonce is too long.", "Send a shorter nonce."),
}


def _website_meant() -> str | None:
    return refusals.domain_in(request.values.get("redirect", ""))


@blueprint.get("/authorize")
@tells_the_owner(_website_meant, InvalidInput)
def ask() -> Response:
    """Show what the website would receive; who is not signed in does that first. Looking mints nothing (attacks TOK-21).

    Where a remembered consent covers all of it, the page only asks to go on; `prompt=consent` asks in full all the same.
    """
    tools = means()
    sent = body.read_query("redirect", "state", "nonce", "prompt", "response_mode", "lang")
    wanted, site = _checked(sent.get("redirect"))
    check_mode(sent.get("response_mode"), site.response_mode)
    for name in ("state", "nonce"):
        if len(sent.get(name, "")) > tools.limits.state_length:
            public, hint = _REFUSALS[code := f"{name}_too_long"]
            raise InvalidInput(code, public, hint=hint)
    session = identity.session()
    if session is None:
        here = request.full_path if request.query_string else request.path
        return see_other(f"/login?redirect={quote(here, safe='')}")
    finding = find_holder(tools.services.directory, session.email, session.sciper, tools.limits)
    ticket = _ticket(wanted, site, session, finding, sent)
    subject = identity.subject_at(site.domain, session)
    # OIDC Core §3.1.2.1 has the same word for the same wish: "prompt for consent before returning information".
    asks = sent.get("prompt") == "consent"
    if not asks and (known := remembered.leaning(session.user_id, ticket, tools.vault)) is not None:
        change = f"{_again(ticket)}&prompt=consent"
        return continue_page(site, known, finding, _sealed(known, session), subject, change)
    return consent_page(site, ticket, finding, _sealed(ticket, session), subject)


@blueprint.post("/authorize")
@tells_the_owner(_website_meant, InvalidInput)
def decide() -> Response:
    """Accept or deny: everything is checked again, the ticket is spent, and the browser goes back to the website."""
    tools = means()
    session = identity.need_session()
    decision = decided.read(session, "redirect")
    ticket = decision.ticket
    # One page, one redirect: another one beside it is a mix-up or an attack (attacks CON-04, RED-24).
    if decision.sent.get("redirect", ticket.redirect) != ticket.redirect or "redirect" in request.args:
        raise NotPermitted("other_redirect", "This page was about another address.")
    wanted, site = _checked(ticket.redirect)
    if site.id != ticket.site:
        raise NotPermitted("other_website", "This domain belongs to another website now.")
    if not decision.is_accepted:
        audit.add("consent.denied", user_id=session.user_id, subject=ticket.audience)
        return answer_page(wanted, site.response_mode, [("error", "denied")], ticket.state)
    # Withdrawn, replaced or over since the page was shown: what stood in for asking is gone, so this asks.
    if ticket.under is not None and not remembered.still_stands(session.user_id, ticket):
        return see_other(_again(ticket))
    user = accepted(ticket, body.read_many("field"))
    consent = ticket.under or remembered.record(session.user_id, ticket, user, decision.end, tools.vault)
    statement = Statement(
        audience=ticket.audience,
        sector=sector_of(site.domain, tools.settings.domains_of_many),
        grade=ticket.grade,
        user=user,
        state=ticket.state,
        nonce=ticket.nonce,
        read_at=ticket.read_at,
    )
    if site.response_mode == CODE:
        code = redeem.promise(session, statement, site.id, consent, tools.vault, tools.limits)
        return answer_page(wanted, CODE, [("code", code)], ticket.state)
    token = signed(session, statement, consent)
    return answer_page(wanted, site.response_mode, [("token", token)], ticket.state)


@blueprint.errorhandler(SecretRejected)
def over(_refusal: SecretRejected) -> Response:
    """The page waited too long or was answered before: nothing is shared, and there is a way to start again."""
    tools = means()
    ticket = tickets.read(request.form["ticket"], identity.need_session().digest, tools.vault)
    return page("authorize/expired.html", 410, again=_again(ticket))


def _checked(redirect_text: str | None) -> tuple[Redirect, Site]:
    return owner_of(redirect_text, development=means().settings.development, limits=means().limits)


def _ticket(wanted: Redirect, site: Site, session: LiveSession, finding: Finding, sent: Mapping[str, str]) -> Ticket:
    return Ticket(
        redirect=wanted.url,
        audience=wanted.origin,
        site=site.id,
        fields=shown(site.wanted, session.email, finding),
        state=sent.get("state"),
        nonce=sent.get("nonce"),
        read_at=said_at(finding),
        asked=remembered.question(site.id, site.grade, site.reason, site.wanted),
        grade=site.grade,
    )


def _sealed(ticket: Ticket, session: LiveSession) -> str:
    return tickets.seal(ticket, session.digest, means().vault, means().limits)


def _again(ticket: Ticket) -> str:
    """The page of a ticket, anew."""
    asked = {"redirect": ticket.redirect, "state": ticket.state, "nonce": ticket.nonce}
    return f"/authorize?{urlencode({name: value for name, value in asked.items() if value is not None})}"
