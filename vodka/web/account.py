"""GET /: who I am here (FLOWS global status)."""

from __future__ import annotations

from flask import Blueprint, Response, redirect

from vodka.accounts.people import find_holder
from vodka.adapters.directory import Finding, Outcome
from vodka.language import words
from vodka.web.plumbing import identity
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import Shown, page

blueprint = Blueprint("account", __name__)

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
        response = redirect("/login", 303)
        assert isinstance(response, Response)
        return response
    finding = find_holder(means().services.directory, session.email, session.sciper, means().limits)
    said = words(present_language()).gettext
    sentence = " ".join([said(_SENTENCES[finding.outcome]), *_studies(finding)])
    return page("account/home.html", person=Shown(session.email, _name(finding)), finding_sentence=sentence)


def _name(finding: Finding) -> str | None:
    person = finding.person
    return " ".join(part for part in (person.first_name, person.last_name) if part) or None if person else None


def _studies(finding: Finding) -> list[str]:
    person = finding.person
    studies = [part for part in (person.section, person.level) if part] if person else []
    return [" · ".join(studies)] if studies else []
