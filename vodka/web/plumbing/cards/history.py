"""The card "What happened": the latest events of the reader's account, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from vodka.audit import store as audit
from vodka.language import words
from vodka.login.requester import Requester
from vodka.networks import parse_ip
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing.client import present_language

_NEWEST = 10
_WEBSITE = "https://"

# What the audit calls an act, and what a person does; `what` is the website or the browser that it was about.
SENTENCES = {
    "ask": "A code was asked for.",
    "ask.limited": "A code was asked for too often, and not sent.",
    "answer.wrong": "A wrong code was typed.",
    "answer.stopped": "A code was typed while codes are stopped for you.",
    "alarm.guessing": "Somebody guesses codes: browsers that we do not know get only links.",
    "not_me": "You said “this was not me”: that mail was stopped.",
    "login": "You signed in.",
    "login.disabled": "Somebody tried to sign in while your account was disabled.",
    "device.new": "You signed in with a browser that was new here: %(detail)s.",
    "logout": "You signed out.",
    "logout.everywhere": "You signed out everywhere.",
    "logout.untold": "We could not tell %(subject)s that you signed out.",
    "session.ended": "You ended a session: %(detail)s.",
    "session.others_ended": "You ended all other sessions.",
    "session.displaced": "Your oldest session ended: there were too many.",
    "device.forgotten": "You had a browser forgotten: %(detail)s.",
    "passkey.added": "You added a passkey.",
    "passkey.removed": "You removed a passkey.",
    "alarm.passkey_copied": "A passkey was refused: it may have been copied.",
    "password.set": "You set a password.",
    "password.removed": "You removed your password.",
    "password.used": "A program signed in at %(subject)s with your password.",
    "password.wrong": "A wrong password was tried.",
    "password.limited": "Too many wrong passwords were tried: for a while none works from there.",
    "user.disabled": "Your account was disabled.",
    "user.enabled": "Your account was enabled again.",
    "data.exported": "You took a copy of your data.",
    "consent.remembered": "You let %(subject)s have your data without asking again.",
    "consent.withdrawn": "You withdrew what you had allowed %(subject)s.",
    "consent.denied": "You shared nothing with %(subject)s.",
    "application.entered": "You signed in at %(subject)s.",
    "application.left": "You signed out at %(subject)s.",
    "token.minted": "You shared what you had accepted with %(subject)s.",
    "client.granted": "You shared what you had accepted with %(subject)s.",
    "client.made": "You made a program that may sign people in.",
    "client.changed": "You changed a program that may sign people in.",
    "client.removed": "You removed a program that could sign people in.",
    "client.secret_made": "You made a secret for a program.",
    "client.secret_removed": "You removed a secret of a program.",
    "site.registered": "You registered the website %(subject)s.",
    "site.verified": "%(subject)s is proven to be yours.",
    "site.unproven": "The proof of %(subject)s was not found.",
    "site.displaced": "%(subject)s was proven by somebody else.",
    "site.suspended": "%(subject)s was suspended.",
    "site.resumed": "%(subject)s works again.",
    "site.reported": "You reported the website %(subject)s.",
    "site.report_closed": "As an operator you closed the reports about %(subject)s.",
    "site.approved": "As an operator you approved the words of %(subject)s.",
    "operator.stopped": "As an operator you stopped %(subject)s.",
    "operator.lifted": "As an operator you let %(subject)s go on.",
    "site.changed": "You changed %(subject)s.",
    "site.secret_made": "You made a secret for %(subject)s.",
    "site.secret_removed": "You removed a secret of %(subject)s.",
    "site.registration_token_made": "You made a token with which a program can register itself for %(subject)s.",
    "site.registration_token_removed": "You withdrew a token with which a program could register itself for %(subject)s.",
    "alarm.code_reused": "%(detail)s showed the code of a sign-in of yours twice, and got nothing the second time.",
    "site.invited": "You invited somebody to keep %(subject)s.",
    "site.joined": "You keep %(subject)s from now on.",
    "site.left": "You do not keep %(subject)s any more.",
    "site.removed_person": "You removed somebody from %(subject)s.",
    "site.handed_over": "%(subject)s was handed over.",
    "site.deleted": "You deleted the website %(subject)s.",
    "site.logo_set": "You gave %(subject)s a logo.",
    "site.logo_removed": "You took the logo of %(subject)s away.",
    "alarm.refresh_reused": "Your sign-in at %(detail)s ended: an old key of it was shown again.",
    "client.revoked": "%(subject)s gave back what you had allowed it.",
    "client.exchanged": "%(detail)s acted for you at %(subject)s.",
}


@dataclass(frozen=True)
class Told:
    """One event, in the reader's language."""

    at: datetime
    sentence: str
    place: str | None  # rough, or None once it was forgotten


def card(session: LiveSession) -> Mapping[str, object]:
    """events: each with .at, .sentence, .place."""
    return {"events": told(session.user_id, _NEWEST)}


def told(user_id: int, limit: int, offset: int = 0) -> list[Told]:
    """The events of an account, newest first, `offset` of them left out."""
    return [_told(event) for event in audit.list_of(user_id, SENTENCES.keys(), limit, offset)]


def _told(event: Row[Any]) -> Told:
    said = words(present_language()).gettext
    facts = {"subject": event.subject.removeprefix(_WEBSITE), "detail": event.detail}
    place = _place(event.network)
    return Told(event.at, said(SENTENCES[event.kind]) % facts, said(place) if place else None)


def _place(network: str) -> str | None:
    """As the mails and the sessions call it; the event knows only the neighbourhood."""
    return Requester(parse_ip(network.partition("/")[0]), "", "").place if network else None
