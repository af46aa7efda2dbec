"""The JSON face of a login: /auth/ask, /auth/answer, /auth/logout (SPEC A, B, C)."""

from __future__ import annotations

from flask import Response, jsonify, request

from vodka.accounts import emails
from vodka.accounts.spec_types import user_json
from vodka.errors import NotPermitted, SecretRejected
from vodka.sessions import lifecycle
from vodka.web.plumbing import body, cookies, csrf, identity
from vodka.web.plumbing.client import requester
from vodka.web.plumbing.errors import JsonBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.opening import give_cookies, open_for, take_cookies
from vodka.web.plumbing.page import page

blueprint = JsonBlueprint("auth", __name__)


@blueprint.post("/auth/ask")
@csrf.no_token_because("it acts on no session: SPEC A sends nothing but the address")
def ask() -> tuple[Response, int]:
    """Send a code (SPEC A): 201 `{}` and QUESTION_ID, whether or not the mailbox exists."""
    tools = means()
    email = emails.parse(body.read_json("email").get("email"), frozenset(tools.settings.email_domains))
    question_id = tools.email_code.ask(requester(), email)
    response = jsonify({})
    cookies.give(response, "QUESTION_ID", question_id, tools.limits.link_lifetime)
    return response, 201


@blueprint.post("/auth/answer")
@csrf.no_token_because("what it acts on is the QUESTION_ID of this browser, which no other site can send")
def answer() -> Response:
    """Try a code (SPEC B): 200 `{"user": User}` and SESSION_ID."""
    attempt = body.read_json("attempt").get("attempt")
    question_id = cookies.read("QUESTION_ID")
    if question_id is None:
        raise SecretRejected("no QUESTION_ID")
    proof = means().email_code.answer(requester(), question_id, attempt)
    opened, finding, device = open_for(proof)
    response = jsonify({"user": user_json(opened.email, finding)})
    give_cookies(response, opened, device)
    return response


@blueprint.get("/auth/logout")
def logout() -> Response:
    """Sign out (SPEC C): acts for our own pages and for plain clients; a click on another site only gets a question.

    A picture or a fetch on another site gets nothing (attacks SES-02, SES-03).
    """
    session = identity.session()
    if session is not None and csrf.is_foreign():
        if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
            return page("logout/confirm.html", scope=None)
        raise NotPermitted("foreign_origin", "This request came from another website.")
    response = jsonify({})
    if request.method == "GET":  # HEAD looks, and does nothing (RFC 9110 §9.2.1)
        if session is not None:
            lifecycle.end(session)
        # Whoever is behind a request without our cookie may be a picture on another site (attacks SES-02).
        if session is not None or not csrf.is_foreign():
            take_cookies(response)
    return response
