"""/websites/<number>/asks: what a website says of itself, which grade of identity and which fields it asks for, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from flask import Response

from vodka.accounts.fields import ANONYMOUS, DATED, DEFAULTS, GRADES, KEYS, Wanted, wanted_of
from vodka.accounts.people import find_holder
from vodka.audit import store as audit
from vodka.consent.ticket import shown
from vodka.errors import InvalidInput
from vodka.language import words
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.consent.page import LABELS, identifier_of, notice_of, rows_of
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import done_of
from vodka.web.plumbing.sites.kept import SITE, back_to, behind_login, kept, site_page
from vodka.websites import asking
from vodka.websites.model import Website

blueprint = behind_login("websites_asks", __name__)

NO, OPTIONAL, ESSENTIAL = "no", "optional", "essential"
_WORDS = ("name", "description", "privacy_url", "terms_url")
_TEXTS = (*_WORDS, "grade", "reason")
_PARTS = {"words": _WORDS, "grade": ("grade", "reason"), "fields": ("fields",)}
_SENTENCES = {"saved": "Saved. Visitors are asked anew if anything about the question has changed."}
# The page groups the fields by the first grade that may ask for them.
_GROUPS = (("studies", [key for key in KEYS if key in DATED]), ("who", [key for key in KEYS if key not in DATED]))
_LONGEST = {
    "name": asking.LONGEST_NAME,
    "description": asking.LONGEST_DESCRIPTION,
    "link": asking.LONGEST_LINK,
    "reason": asking.LONGEST_REASON,
    "purpose": asking.LONGEST_PURPOSE,
}
# Where the page tells a refusal: the field of the form, by the refusal's code.
_WHERE = {
    "privacy_url_malformed": "privacy_url",
    "terms_url_malformed": "terms_url",
    "grade_unknown": "grade",
    "reason_missing": "reason",
    "fields_missing": "who",
}


@dataclass(frozen=True)
class Choice:
    """One field of the form."""

    key: str
    label: str
    need: str
    purpose: str
    error: str


@blueprint.get(f"{SITE}/asks")
def show(number: int) -> Response:
    """The form as it was saved, and what visitors see of it."""
    session, website = kept(number)
    return _page(session, website, _saved(website), {})


@blueprint.post(f"{SITE}/asks")
def save(number: int) -> Response:
    """Keep all of the form, or none of it and say at each field what to change."""
    session, website = kept(number)
    names = [f"{kind}-{key}" for kind in ("ask", "why") for key in KEYS]
    sent = body.read_form(*_TEXTS, *names)
    draft, errors = _draft(website, sent)
    if errors:
        return _page(session, website, sent, errors, 400)
    changed = [part for part, held in _PARTS.items() if any(_differ(website, draft, name) for name in held)]
    for name in (name for part in changed for name in _PARTS[part]):
        setattr(website, name, getattr(draft, name))
    if changed:
        audit.add("site.changed", user_id=session.user_id, subject=website.domain, detail=", ".join(changed))
    return back_to(number, "asks", "saved")


def _differ(website: Website, draft: Website, name: str) -> bool:
    return bool(getattr(website, name) != getattr(draft, name))


def _draft(website: Website, sent: Mapping[str, str]) -> tuple[Website, dict[str, str]]:
    """What the website would be, which nothing keeps yet; and the refusals, by the field of the form."""
    draft = Website(domain=website.domain)
    grade, reason = sent.get("grade", ""), sent.get("reason", "")
    errors: dict[str, str] = {}
    wanted = _wanted(grade, sent)
    checks: list[Callable[[], None]] = [
        partial(asking.describe, draft, **{name: sent.get(name, "") for name in _WORDS}),
        partial(asking.need_reason, grade, reason),
        partial(asking.need_person, grade, wanted),
        *(partial(asking.need_purpose, field) for field in wanted),
        partial(asking.ask_for, draft, grade, reason, wanted),
    ]
    for check in checks:
        try:
            check()
        except InvalidInput as refusal:
            errors[_place_of(refusal)] = f"{_said(refusal.public)} {_said(refusal.hint)}".strip()
    return draft, errors


def _place_of(refusal: InvalidInput) -> str:
    """Which field of the form a refusal is about."""
    return f"why-{refusal.detail}" if refusal.code == "purpose_missing" else _WHERE[refusal.code]


def _wanted(grade: str, sent: Mapping[str, str]) -> list[Wanted]:
    """The fields that the grade allows; the page says that what stands beyond it is not asked for."""
    if grade == ANONYMOUS:
        return [Wanted(field.key, True, sent.get(f"why-{field.key}", "")) for field in DEFAULTS[ANONYMOUS]]
    return [
        Wanted(key, sent[f"ask-{key}"] == ESSENTIAL, sent.get(f"why-{key}", ""))
        for key in KEYS
        if key in GRADES.get(grade, ()) and sent.get(f"ask-{key}") in (OPTIONAL, ESSENTIAL)
    ]


def _saved(website: Website) -> dict[str, str]:
    """The form as it would be sent to keep everything as it is."""
    name = "" if website.name == website.domain else website.name
    form = {field: getattr(website, field) for field in _TEXTS} | {"name": name}
    for field in wanted_of(website.grade, website.fields):
        form |= {f"ask-{field.key}": ESSENTIAL if field.essential else OPTIONAL, f"why-{field.key}": field.purpose}
    return form


def _page(
    session: LiveSession, website: Website, form: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> Response:
    name_waits, description_waits = asking.waiting_words(website)
    return site_page(
        "websites/asks.html",
        "asks",
        website,
        status,
        done=done_of(_SENTENCES),
        form={name: form.get(name, "") for name in _TEXTS},
        refused=bool(errors),
        errors={name: errors.get(name, "") for name in (*_TEXTS, "who")},
        groups={group: [_choice(key, form, errors) for key in keys] for group, keys in _GROUPS},
        longest=_LONGEST,
        name_waits=name_waits,
        description_waits=description_waits,
        preview=_preview(session, website),
    )


def _choice(key: str, form: Mapping[str, str], errors: Mapping[str, str]) -> Choice:
    need, purpose = form.get(f"ask-{key}", NO), form.get(f"why-{key}", "")
    return Choice(key, _said(LABELS[key]), need, purpose, errors.get(f"why-{key}", ""))


def _preview(session: LiveSession, website: Website) -> dict[str, object]:
    """The rows of the consent page as the person who looks would see them."""
    tools, wanted = means(), wanted_of(website.grade, website.fields)
    finding = find_holder(tools.services.directory, session.email, session.sciper, tools.limits)
    values = shown(wanted, session.email, finding)
    name, description = asking.shown_words(website.domain, website.name, website.description, website.approved_words)
    subject = identity.subject_at(website.domain, session)
    said = words(present_language())
    return {
        "domain": website.domain,
        "name": name,
        "description": description,
        "logo": website.logo,
        "grade": website.grade,
        "reason": website.reason,
        "fields": rows_of(values, wanted, said),
        "identifier": identifier_of(subject, website.grade),
        "notice": notice_of(values, finding, said),
        "privacy_url": website.privacy_url,
        "terms_url": website.terms_url,
    }


def _said(sentence: str) -> str:
    return words(present_language()).gettext(sentence) if sentence else ""
