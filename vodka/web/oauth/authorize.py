"""/oauth/authorize: the same login, the same consent page, and the way back to the client (OIDC Core §3.1.2)."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from authlib.oauth2.rfc6749 import AccessDeniedError, OAuth2Error
from flask import Blueprint, Response, request

from vodka import clock
from vodka.audit import store as audit
from vodka.consent import remembered
from vodka.consent import ticket as tickets
from vodka.consent.decision import accepted
from vodka.errors import SecretRejected
from vodka.interaction.next_step import Refused as Refusal
from vodka.interaction.next_step import Step
from vodka.oauth import scopes, subjects
from vodka.oauth.authorize import asking, hints, parameters, wish
from vodka.oauth.authorize.asked import Asked, Refused, Unanswerable, check
from vodka.oauth.authorize.question import Question, question_for
from vodka.oauth.authorize.response import Reply
from vodka.oauth.authorize.wish import Wish
from vodka.oauth.granting import Agreed
from vodka.oauth.provider import AUTHORIZE
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body, cookies, csrf, identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.client import suggest_language
from vodka.web.plumbing.consent import decided
from vodka.web.plumbing.consent.page import consent_page
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth import telling, visiting
from vodka.web.plumbing.oauth.reading import authorization_pairs
from vodka.web.plumbing.oauth.sending import redirected
from vodka.web.plumbing.opening import browser_state, give_browser_state
from vodka.web.plumbing.page import page

blueprint = Blueprint("oauth_authorize", __name__)
_WHY = {
    Refusal.LOGIN_REQUIRED: "Nobody is signed in as the request asks for. Without prompt=none they could do so.",
    Refusal.CONSENT_REQUIRED: "The person has not agreed yet. Ask again without prompt=none.",
    Refusal.UNMET: "The login was not as sure as the essential acr asks for.",
}


@blueprint.get(AUTHORIZE)
def ask() -> Response:
    """What must still happen: signing in, choosing, agreeing, or nothing more."""
    session = identity.session()
    wanted = _wish(browser_state(session))
    if "request_uri" in request.args:
        # RFC 9126 §4: it is good once, and whoever loads the page again should see it again.
        return see_other(f"{AUTHORIZE}?{wish.PARAMETER}={wish.seal(wanted, means().oauth.provider)}")
    asked = check(means().oauth, wanted, request.base_url, browser_state(session))
    suggest_language(hints.language(asked.request))
    if session is None:
        step = asking.step_for(asked, None, is_agreed=False)
        return redirected(_refusal(asked, step)) if isinstance(step, Refusal) else _to_login(asked, again=False)
    question = question_for(asked, session)
    leaning = remembered.leaning(session.user_id, question.ticket, means().vault, session.digest)
    step = asking.step_for(asked, session, is_agreed=leaning is not None)
    if isinstance(step, Refusal):
        return redirected(_refusal(asked, step))
    if step is Step.LOGIN:
        return _to_login(asked, again=True)
    if step is Step.ACCOUNT:
        other = _login_address(asked, again=True)
        # The way on may end at the client at once, which form-action would not let happen (traps C 10).
        return page("oauth/account.html", open_form=True, site=question.site, wish=asking.chosen(asked), other=other)
    if step is Step.ISSUE and leaning is not None and leaning.under is not None:
        keys = tuple(field.key for field in leaning.fields)
        return _issue(asked, session, asking.agreed_with(asked, leaning, leaning.under, keys))
    return _consent(asked, session, question)


@blueprint.post(AUTHORIZE)
@csrf.from_anywhere("it asks what the GET of the same address asks, and decides nothing")
def ask_by_post() -> Response:
    """OIDC Core §3.1.2.1: the same by POST. Sent on as GET, since a browser brings no cookie with another site's POST."""
    return see_other(f"{AUTHORIZE}?{wish.PARAMETER}={wish.seal(_wish(), means().oauth.provider)}")


@blueprint.post("/oauth/account")
def choose() -> Response:
    """On with the account that is signed in."""
    return see_other(f"{AUTHORIZE}?{wish.PARAMETER}={quote(body.read_form('wish').get('wish', ''))}")


@blueprint.post("/oauth/consent")
def decide() -> Response:
    """Accept or deny: the ticket is spent, everything is looked at again, and the browser goes back to the client."""
    tools = means()
    session = identity.need_session()
    decision = decided.read(session)
    ticket = decision.ticket
    url = tools.oauth.provider.url(AUTHORIZE)
    asked = check(tools.oauth, wish.unseal(ticket.request, tools.oauth.provider), url, browser_state(session))
    if not decision.is_accepted:
        audit.add("consent.denied", user_id=session.user_id, subject=ticket.audience)
        return redirected(asked.refused(AccessDeniedError("The person did not agree.")))
    # The page spoke of one grade; where the website asks under another by now, it has to be shown again.
    is_same = ticket.grade == asked.client.grade
    if not is_same or asking.step_for(asked, session, is_agreed=False, agreed_now=True) is not Step.ISSUE:
        return see_other(_here(asked))
    user = accepted(ticket, body.read_many("field"))
    consent = remembered.record(session.user_id, ticket, user, decision.end, tools.vault, session.digest)
    return _issue(asked, session, asking.agreed_with(asked, ticket, consent, tuple(user)))


@blueprint.errorhandler(Refused)
def tell_the_client(refusal: Refused) -> Response:
    """The client learns what is wrong at its own address, which was checked."""
    telling.client_refused(refusal)
    return redirected(refusal.told)


@blueprint.errorhandler(Unanswerable)
def tell_the_person(refusal: Unanswerable) -> Response:
    """Nobody is redirected anywhere (RFC 6749 §4.1.2.1): the page tells the website's owner what to change."""
    return telling.unanswerable(refusal.error, refusal.pairs)


@blueprint.errorhandler(OAuth2Error)
def over(error: OAuth2Error) -> Response:
    """The request itself cannot be read, or is over."""
    return telling.unanswerable(error, telling.pairs_sent())


@blueprint.errorhandler(SecretRejected)
def expired(_refusal: SecretRejected) -> Response:
    """The page waited too long or was answered before: nothing is shared, and there is a way to start again."""
    tools = means()
    ticket = tickets.read(request.form["ticket"], identity.need_session().digest, tools.vault)
    return page("authorize/expired.html", 410, again=f"{AUTHORIZE}?{wish.PARAMETER}={ticket.request}")


def _wish(state: str = "") -> Wish:
    """What was asked, or what was asked before the login."""
    provider = means().oauth.provider
    pairs = authorization_pairs()
    sealed = dict(pairs).get(wish.PARAMETER)
    if sealed is not None:
        return wish.unseal(sealed, provider)
    visiting.look_at_client(dict(pairs).get("client_id"))
    return Wish(parameters.resolve(means().oauth, pairs, state), clock.now())


def _issue(asked: Asked, session: LiveSession, agreed: Agreed) -> Response:
    asked.request.login, asked.request.agreed = session, agreed
    # Not through Authlib's create_authorization_response: it would look at the whole request, and the client, again.
    response = redirected(asked.answered(asked.grant.create_granted_params(session)))
    give_browser_state(response, session)
    return response


def _consent(asked: Asked, session: LiveSession, question: Question) -> Response:
    return consent_page(
        question.site,
        question.ticket,
        question.finding,
        tickets.seal(question.ticket, session.digest, means().vault, means().limits),
        subjects.of(asked.server.provider, asked.client, session.subject, ""),
        wanted=question.wanted,
        action="/oauth/consent",
        offline=scopes.OFFLINE in scopes.split(asked.scope),
    )


def _to_login(asked: Asked, *, again: bool) -> Response:
    return see_other(_login_address(asked, again=again))


def _login_address(asked: Asked, *, again: bool) -> str:
    """The login, which leads back here; `again`: although somebody is signed in."""
    said = {"redirect": _here(asked)} | ({"again": "1"} if again else {})
    language = hints.language(asked.request)
    if language is not None and cookies.read("lang") is None:  # what the person chose here is not a website's to change
        said["lang"] = language
    return f"/login?{urlencode(said)}"


def _here(asked: Asked) -> str:
    return f"{AUTHORIZE}?{wish.PARAMETER}={wish.seal(asked.wish, asked.server.provider)}"


def _refusal(asked: Asked, refusal: Refusal) -> Reply:
    return asked.refused(OAuth2Error(error=refusal.value, description=_WHY[refusal]))
