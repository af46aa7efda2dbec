"""From a proof to a session in this browser: the one place where a login becomes cookies."""

from __future__ import annotations

from flask import Response

from vodka.accounts.authentication import Authentication
from vodka.accounts.people import find_person
from vodka.adapters.directory import Finding
from vodka.audit import store as audit
from vodka.login import devices, messages
from vodka.login.proof import Proof, redeem
from vodka.oauth.logout import session_state
from vodka.sessions import lifecycle
from vodka.web.plumbing import cookies, csrf, identity
from vodka.web.plumbing.client import requester
from vodka.web.plumbing.means import means


def open_for(proof: Proof) -> tuple[lifecycle.LiveSession, Finding, str]:
    """Use the proof up and open a session: the session, what the directory says, and the browser's DEVICE secret.

    The directory is asked now, after the mailbox was proven and before anything is written.
    """
    tools = means()
    finding = find_person(tools.services.directory, proof.email, tools.limits)
    opened, device = open_proven(redeem(proof, finding, tools.vault))
    return opened, finding, device


def open_proven(proven: Authentication) -> tuple[lifecycle.LiveSession, str]:
    """Open a session for what was proven, by whatever way: the session, and the browser's DEVICE secret."""
    tools, asks = means(), requester()
    # ASVS 7.2.4, attacks ANS-20: a new id at each login, and the one before it is dead, whoever planted it.
    if (before := identity.session()) is not None:
        lifecycle.end(before)
    opened = lifecycle.open_session(proven, tools.limits, device=asks.browser, place=asks.place)
    device, is_strange = devices.remember(asks.device, proven.user_id, asks.browser)
    if is_strange:
        audit.add("device.new", user_id=proven.user_id, subject=proven.email, detail=asks.browser)
        messages.warn_of_new_device(asks, proven.email, tools.limits, tools.vault)
    return opened, device


def give_cookies(response: Response, opened: lifecycle.LiveSession, device: str) -> None:
    """Hand the session to the browser (SPEC B.2), with its csrftoken (NOTES); the question is over."""
    tools = means()
    value = tools.session_claims.write(opened.sid, opened.authenticated_at, opened.expires_at)
    cookies.give(response, "SESSION_ID", value, tools.limits.session_lifetime)
    cookies.give(response, "csrftoken", csrf.token_for(opened), tools.limits.session_lifetime)
    cookies.give(response, "DEVICE", device, tools.limits.device_lifetime)
    give_browser_state(response, opened)
    cookies.take(response, "QUESTION_ID")


def browser_state(session: lifecycle.LiveSession | None) -> str:
    """What the session frame knows of a login; empty of nobody's (OIDC Session Management §3.2)."""
    return session_state.browser_state(means().vault, session.digest) if session is not None else ""


def give_browser_state(response: Response, session: lifecycle.LiveSession) -> None:
    """Let the session frame in the pages of clients see that this login goes on, unless the browser has it already."""
    if cookies.read("browser_state") != browser_state(session):
        cookies.give(response, "browser_state", browser_state(session), means().limits.session_lifetime)


def take_cookies(response: Response) -> None:
    """Have the browser forget its session. Never `"cookies"`: that would sign people out of all of epfl.ch (HDR-09)."""
    cookies.take(response, "SESSION_ID")
    cookies.take(response, "csrftoken")
    cookies.take(response, "browser_state")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
