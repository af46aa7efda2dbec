"""The pages of a login: /login, /login/code, /link/<magic> (SPEC, FLOWS global login). Two tabs, back, reload: no dead end."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from sqlalchemy import Row

from vodka import clock
from vodka.accounts import emails
from vodka.errors import AccountDisabled, InvalidInput, NotFound, SecretRejected, TooMany
from vodka.handoff import applications
from vodka.interaction import return_to
from vodka.language import words
from vodka.login import magic_link
from vodka.login import store as logins
from vodka.login.proof import Proof
from vodka.onetime import digest
from vodka.web.plumbing import body, cookies, csrf, identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.client import present_language, requester
from vodka.web.plumbing.means import means
from vodka.web.plumbing.opening import give_cookies, open_for
from vodka.web.plumbing.page import page
from vodka.web.plumbing.waiting import waiting_for, waiting_site

blueprint = Blueprint("login", __name__)
_log = logging.getLogger(__name__)
_NO_SESSION = "it acts on no session, only on the QUESTION_ID that this very form sets or shows"


@blueprint.get("/login")
def address() -> Response:
    """Ask for the address; who is signed in already goes on."""
    sent = body.read_query("redirect", "lang", "again", "scope")
    goal = return_to.parse(sent.get("redirect"))
    if "scope" in sent:
        # FLOWS scoped login 2: checked against the applications that there are, before anybody types anything.
        applications.find(sent["scope"], development=means().settings.development, limits=means().limits)
        goal = return_to.parse(return_to.enter(sent["scope"]))
    # `again`: a client wants a new login (OIDC Core §3.1.2.1, prompt=login), or the person another account.
    if identity.session() is not None and "again" not in sent:
        return see_other(goal)
    return _address_page(goal, email=waiting_for(goal).address)


@blueprint.post("/login")
@csrf.no_token_because(_NO_SESSION)
def send() -> Response:
    """Send the mail and go to the code page: the same for every address (FLOWS 4)."""
    tools = means()
    sent = body.read_form("email", "redirect")
    goal, typed = return_to.parse(sent.get("redirect")), sent.get("email", "").strip()
    try:
        email = emails.parse(typed, frozenset(tools.settings.email_domains))
    except InvalidInput as mistake:
        return _address_page(goal, 400, typed, mistake.public)
    site = waiting_site(goal)
    question_id = tools.email_code.ask(requester(), email, return_to=goal, domain=site.domain if site else None)
    response = see_other("/login/code" if goal == return_to.HOME else f"/login/code?redirect={quote(goal, safe='')}")
    cookies.give(response, "QUESTION_ID", question_id, tools.limits.link_lifetime)
    return response


@blueprint.errorhandler(TooMany)
def too_many(refusal: TooMany) -> Response:
    """Say how long to wait, on the page where the person is, with everything they typed."""
    question = _present_question()
    if question is not None and question.used_at is None and not clock.is_over(question.expires_at):
        response = _code_page(question, 429, refusal.public)
    else:
        goal = return_to.parse(request.form.get("redirect"))
        response = _address_page(goal, 429, request.form.get("email", "")[:254], refusal.public)
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response


@blueprint.get("/login/code")
def code() -> Response:
    """Ask for the code; a question that is over says so, and how to go on; who has answered it (Back, two tabs) goes on."""
    goal, question = return_to.parse(body.read_query("redirect", "lang").get("redirect")), _present_question()
    if identity.session() is not None and (question is None or question.used_at is not None):
        return see_other(question.return_to if question else goal)
    return _over_page("none", goal, 200) if question is None else _code_page(question)


@blueprint.post("/login/code")
@csrf.no_token_because(_NO_SESSION)
def answer() -> Response:
    """Try the code that was typed, with the spaces that people copy along taken out."""
    attempt = "".join(body.read_form("attempt").get("attempt", "").split())
    question_id = cookies.read("QUESTION_ID")
    if question_id is None:
        return _over_page("none", return_to.HOME, 401)
    try:
        return _signed_in(means().email_code.answer(requester(), question_id, attempt))
    except InvalidInput as mistake:
        return _code_page(_present_question(), 400, mistake.public)


@blueprint.errorhandler(SecretRejected)
def rejected(refusal: SecretRejected) -> Response:
    """The same page again, with what is left to try."""
    return _code_page(_present_question(), 401, refusal.public)


@blueprint.errorhandler(AccountDisabled)
def shut_out(_refusal: AccountDisabled) -> Response:
    """The mailbox is proven, and yet there is no way in: say so calmly, to its holder alone."""
    return _over_page("disabled", return_to.HOME, 401)


@blueprint.errorhandler(NotFound)
def dead_link(refusal: NotFound) -> Response:
    """Unknown, used, replaced and over are one page (ASVS 6.3.8), which leads to a new mail."""
    _log.info("refused %s", refusal)
    return _over_page("link", return_to.HOME, 404)


@blueprint.get("/link/<path:magic>")
def link(magic: str) -> Response:
    """Follow the link of the mail (FLOWS 5). Only a click in the browser that asked spends it, nothing else does."""
    proof = magic_link.follow(magic, cookies.read("QUESTION_ID"))
    if proof is None or not _is_a_click():
        return page("login/link_elsewhere.html")
    return _signed_in(proof)


def _is_a_click() -> bool:
    """Whether a person navigates here: not HEAD, not a prefetch, not a frame or a picture (attacks MAG-04)."""
    asked = request.headers
    return (
        request.method == "GET"
        and asked.get("Sec-Fetch-Dest", "document") == "document"
        and "prefetch" not in asked.get("Sec-Purpose", asked.get("Purpose", ""))
    )


def _signed_in(proof: Proof) -> Response:
    opened, _, device = open_for(proof)
    # What was asked with the question, checked again; never what this request says (attacks RED-31).
    response = see_other(return_to.parse(proof.return_to))
    give_cookies(response, opened, device)
    return response


def _present_question() -> Row[Any] | None:
    question_id = cookies.read("QUESTION_ID")
    return logins.find_question(digest(question_id)) if question_id else None


def _address_page(goal: str, status: int = 200, email: str = "", error: str = "") -> Response:
    said = words(present_language()).gettext
    return page(
        "login/address.html",
        status,
        open_form=True,
        site=waiting_site(goal),
        redirect=None if goal == return_to.HOME else goal,
        email=email,
        error=said(error) if error else None,
        mistyped=status == 400,
        domains=list(means().settings.email_domains),
    )


def _code_page(question: Row[Any] | None, status: int = 200, error: str = "") -> Response:
    limits = means().limits
    if question is None or question.used_at is not None:
        return _over_page("none", question.return_to if question else return_to.HOME, status)
    if clock.is_over(question.expires_at):
        return _over_page("expired", question.return_to, status)
    if question.attempts >= limits.attempts_per_question:
        return _over_page("exhausted", question.return_to, status)
    return page(
        "login/code.html",
        status,
        open_form=True,
        email=question.email,
        site=waiting_site(question.return_to),
        minutes_left=_minutes_until(question.expires_at),
        attempts_left=limits.attempts_per_question - question.attempts if error else None,
        error=words(present_language()).gettext(error) if error else None,
        resend_in=_seconds_until(question.created_at + timedelta(seconds=limits.resend_interval)),
        redirect=None if question.return_to == return_to.HOME else question.return_to,
        link_only=question.code_mac is None,
    )


def _over_page(reason: str, goal: str, status: int) -> Response:
    return page("login/over.html", status, reason=reason, redirect=None if goal == return_to.HOME else goal)


def _seconds_until(moment: datetime) -> int:
    return max(0, -(-(moment - clock.now()) // timedelta(seconds=1)))


def _minutes_until(moment: datetime) -> int:
    return max(1, (moment - clock.now()) // timedelta(minutes=1))
