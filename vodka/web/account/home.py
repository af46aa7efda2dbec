"""GET /: who I am here, and a card for each thing I can see and undo (FLOWS global status)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from vodka.accounts.people import find_holder
from vodka.adapters.directory import Finding, Outcome
from vodka.language import words
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.cards import Card, applications, devices, history, passkeys, password, sessions, sites
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import Shown, done_of, page

blueprint = Blueprint("account", __name__)

# Each gives templates/account/cards/<its name>.html what it shows; home.html has their order.
_CARDS: tuple[Card, ...] = (
    sites.card,
    sessions.card,
    applications.card,
    devices.card,
    passkeys.card,
    password.card,
    history.card,
)

# /?done=<word>&at=<card>: where an act of /account/… leads back to, and what the page then says above that card.
_NOTICES = {
    "denied": "Nothing was shared, and you were not let in.",
    "session": "That session has ended.",
    "sessions": "All other sessions have ended.",
    "application": "You are signed out there, in every browser.",
    "device": "That browser is forgotten.",
    "password_set": "Your password is set. A mail tells you so too.",
    "password_removed": "There is no password any more.",
    "passkey_added": "Your passkey is ready. You can sign in with it from now on.",
    "passkey_renamed": "The passkey has its new name.",
    "passkey_removed": "That passkey opens nothing any more. You can delete it from your device too.",
}

_SENTENCES = {
    Outcome.STUDENT: "You are a student.",
    Outcome.PERSON: "You are at EPFL, and not listed as a student.",
    Outcome.UNKNOWN: "It does not know your address. New students appear about ten days before the semester.",
    Outcome.UNAVAILABLE: "It does not answer at the moment. You can sign in all the same.",
}


@blueprint.get("/")
def home() -> Response:
    """My page, or the way in."""
    session = identity.session()
    if session is None:
        return see_other("/login")
    finding = find_holder(means().services.directory, session.email, session.sciper, means().limits)
    said = words(present_language()).gettext
    return page(
        "account/home.html",
        person=Shown(session.email, _name(finding)),
        finding_sentence=" ".join([said(_SENTENCES[finding.outcome]), *_studies(finding)]),
        read_at=finding.read_at if finding.outcome is not Outcome.UNAVAILABLE else None,
        done=done_of(_NOTICES),
        done_at=request.args.get("at"),
        **_cards(session),
    )


def _cards(session: LiveSession) -> dict[str, Any]:
    return {name: value for card in _CARDS for name, value in card(session).items()}


def _name(finding: Finding) -> str | None:
    person = finding.person
    return " ".join(part for part in (person.first_name, person.last_name) if part) or None if person else None


def _studies(finding: Finding) -> list[str]:
    person = finding.person
    studies = [part for part in (person.section, person.level) if part] if person else []
    return [" · ".join(studies)] if studies else []
