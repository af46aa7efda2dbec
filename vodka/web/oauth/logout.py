"""/oauth/logout: a client signs somebody out (OIDC RP-Initiated Logout 1.0 §2): at once, after a question, or not at all."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from vodka.language import words
from vodka.oauth.logout import end_session
from vodka.oauth.logout.end_session import Asked, LogoutRefused
from vodka.oauth.metadata import host_of
from vodka.oauth.provider import LOGOUT
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body, csrf, identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.client import present_language, suggest_language
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth.leaving import leave, signed_out_page, tell
from vodka.web.plumbing.oauth.reading import authorization_pairs
from vodka.web.plumbing.opening import take_cookies
from vodka.web.plumbing.page import page

blueprint = Blueprint("oauth_logout", __name__)
_CONFIRMED = f"{LOGOUT}/done"
_NOT_SO = "The website asked to sign you out in a way that cannot be followed."


@blueprint.get(LOGOUT)
def ask() -> Response:
    """Who shows an ID Token of this person signs them out at once; everybody else makes vodka ask (§6)."""
    asked = end_session.read(means().oauth, authorization_pairs())
    suggest_language(asked.language)
    session = identity.session()
    if session is None:
        return _gone(asked)
    if asked.is_about(session) and request.method == "GET" and _is_navigation():
        return _signed_out(asked, session)
    return page("oauth/logout.html", open_form=True, domain=asked.domain, pairs=asked.pairs)


@blueprint.post(LOGOUT)
@csrf.from_anywhere("it asks what the GET of the same address asks, and ends nothing")
def ask_by_post() -> Response:
    """§2: the same by POST. Sent on as GET, since a browser brings no cookie with another site's POST."""
    return see_other(f"{LOGOUT}?{end_session.query(authorization_pairs(), means().limits.request_length)}")


@blueprint.post(_CONFIRMED)
def confirm() -> Response:
    """The button of the question: everything is looked at again."""
    sent = body.read_form(*end_session.PARAMETERS)
    asked = end_session.read(
        means().oauth, tuple((name, sent[name]) for name in end_session.PARAMETERS if name in sent)
    )
    session = identity.session()
    # The person was shown where they go on to, so this is as good as a hint (§3).
    return _signed_out(asked, session) if session is not None else _gone(asked)


@blueprint.get(_CONFIRMED)
def done() -> Response:
    """The page after the button, once more: in the other language, or from the history."""
    if identity.session() is not None:
        return see_other(LOGOUT)
    return signed_out_page("logout/done.html", (), back=None)


@blueprint.errorhandler(LogoutRefused)
def refused(refusal: LogoutRefused) -> Response:
    """§4: the OP MUST NOT redirect. The page says what to mend, and has a way to sign out all the same."""
    said = words(present_language()).gettext
    return page(
        "errors/error.html",
        400,
        title=said("This did not work"),
        sentence=said(_NOT_SO),
        hint=refusal.error.description or refusal.error.error,
        parameter=None,
        shown=None,
        reference=g.get("request_id", "-"),
        ways=[(said("Sign out of vodka"), "/logout"), (said("Go to the start page"), "/")],
    )


def _is_navigation() -> bool:
    # A picture on a page of the same site brings our cookie too (attacks SES-02); only a person's own way counts.
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"


def _signed_out(asked: Asked, session: LiveSession) -> Response:
    frames = leave(session)
    tell(session)
    if asked.onward is None:
        response = signed_out_page("logout/done.html", frames, back=None)
    elif frames:
        where = {"onward": asked.onward, "domain": host_of(asked.onward), "languages": ()}
        response = signed_out_page("oauth/logout_onward.html", frames, **where)
    else:
        response = _onward(asked.onward)
    take_cookies(response)
    return response


def _gone(asked: Asked) -> Response:
    """Nobody is signed in here, so nothing is left to end; without a hint nobody is sent anywhere either (§3)."""
    if asked.onward is not None and asked.hint is not None:
        return _onward(asked.onward)
    back = (host_of(asked.onward), asked.onward) if asked.onward is not None else None
    return signed_out_page("logout/done.html", (), back=back)


def _onward(address: str) -> Response:
    response = Response(status=303)
    response.headers["Location"] = address
    return response
