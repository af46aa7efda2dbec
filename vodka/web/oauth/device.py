"""/oauth/device: type the code that a device shows, see what it would get, decide (RFC 8628 §3.3); never a dead end."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, request

from vodka.audit import store as audit
from vodka.consent import remembered
from vodka.consent import ticket as tickets
from vodka.consent.decision import accepted
from vodka.errors import SecretRejected, TooMany
from vodka.language import words
from vodka.oauth import subjects
from vodka.oauth.authorize.elsewhere import Elsewhere
from vodka.oauth.authorize.question import question_for
from vodka.oauth.device import deciding, user_code
from vodka.oauth.device.deciding import State
from vodka.oauth.provider import DEVICE
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.client import present_ip, present_language
from vodka.web.plumbing.consent import decided
from vodka.web.plumbing.consent.page import consent_page
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import page

blueprint = Blueprint("oauth_device", __name__)
_SHAPE = "A code has eight letters, such as BCDF-GHJK."
_WRONG = "This code does not work. Look at your device: it may show another one by now."


@blueprint.get(DEVICE)
def show() -> Response:
    """Ask for the code; or, with one in the address, whether the device shows it; or how it stands with that device."""
    sent = body.read_query("user_code", "device", "lang")
    session, typed = identity.session(), sent.get("user_code")
    code = user_code.typed(typed) if typed is not None else None
    if session is None:
        return _to_login(code, sent.get("device"))
    if "device" in sent:
        return _stands(session, sent["device"])
    if typed is None:
        return _ask()
    # RFC 8628 §5.4: whoever was sent here by a link must look whether it is about a device of their own.
    return page("oauth/device_confirm.html", code=user_code.shown(code)) if code is not None else _ask(typed, _SHAPE)


@blueprint.post(DEVICE)
def enter() -> Response:
    """On with a code that is right: wrong, over and used are one answer, and tries are counted (RFC 8628 §5.1)."""
    tools, session = means(), identity.session()
    typed = body.read_form("user_code").get("user_code", "")
    code = user_code.typed(typed)
    if session is None:
        return _to_login(code, None)
    if code is None:
        return _ask(typed, _SHAPE)
    tools.throttle.spend_user_code(present_ip(), session.user_id)
    if deciding.state_of(tools.oauth, code, session.user_id) is not State.WAITING:
        return _ask(typed, _WRONG)
    return see_other(_address(deciding.seal(tools.oauth, code, session.user_id)))


@blueprint.post(f"{DEVICE}/decide")
def decide() -> Response:
    """Accept or deny: the ticket is spent, everything is looked at again, and the device hears of it when it asks next."""
    tools, session = means(), identity.need_session()
    decision = decided.read(session)
    ticket = decision.ticket
    code = deciding.unseal(tools.oauth, ticket.request, session.user_id)
    if not decision.is_accepted:
        deciding.deny(tools.oauth, code)
        audit.add("consent.denied", user_id=session.user_id, subject=ticket.audience)
    else:
        user = accepted(ticket, body.read_many("field"))
        # RFC 8628 §5.4: the next device asks anew, since it may be somebody else's.
        consent = remembered.record(session.user_id, ticket, user, None, tools.vault)
        deciding.approve(tools.oauth, code, session, consent, ticket.audience, tuple(user))
    return see_other(_address(ticket.request))


@blueprint.errorhandler(SecretRejected)
def answered(_refusal: SecretRejected) -> Response:
    """The page was answered before, or waited too long: the same address says how it stands now."""
    tools = means()
    ticket = tickets.read(request.form["ticket"], identity.need_session().digest, tools.vault)
    return see_other(_address(ticket.request))


@blueprint.errorhandler(TooMany)
def too_many(refusal: TooMany) -> Response:
    """Say how it goes on, on the page where the person is."""
    response = _ask(request.form.get("user_code", ""), refusal.public, 429)
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _stands(session: LiveSession, sealed: str) -> Response:
    server = means().oauth
    code = deciding.unseal(server, sealed, session.user_id)
    state = deciding.state_of(server, code, session.user_id)
    wanted = deciding.asked(server, code, sealed) if state is State.WAITING else None
    if wanted is not None:
        return _consent(session, wanted, user_code.shown(code))
    # A client that is gone while its device waits is as over as its code.
    shown = State.OVER if state is State.WAITING else state
    return page("oauth/device_done.html", state=shown.value)


def _consent(session: LiveSession, wanted: Elsewhere, code: str) -> Response:
    tools, question = means(), question_for(wanted, session)
    return consent_page(
        question.site,
        question.ticket,
        question.finding,
        tickets.seal(question.ticket, session.digest, tools.vault, tools.limits),
        subjects.of(tools.oauth.provider, wanted.client, session.subject, ""),
        wanted=question.wanted,
        action=f"{DEVICE}/decide",
        offline=True,
        device=code,
    )


def _ask(typed: str = "", public: str = "", status: int = 400) -> Response:
    problem = words(present_language()).gettext(public) if public else None
    return page("oauth/device.html", status if public else 200, typed=typed[:40], error=problem)


def _to_login(code: str | None, sealed: str | None) -> Response:
    here = DEVICE if code is None else f"{DEVICE}?user_code={user_code.shown(code)}"
    return see_other(f"/login?redirect={quote(here if sealed is None else _address(sealed), safe='')}")


def _address(sealed: str) -> str:
    return f"{DEVICE}?device={sealed}"
