"""The pages of what a website keeps behind a proxy: the list, one application, and a secret that is shown this once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response

from vodka.errors import InvalidInput
from vodka.handoff import applications, owned
from vodka.handoff.applications import Application
from vodka.handoff.owned import Wish
from vodka.handoff.scoped import store
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import done_of
from vodka.web.plumbing.sites.answers import Wrong, lines_of, wrong, wrong_lines
from vodka.web.plumbing.sites.kept import site_page
from vodka.websites.model import Website
from vodka.websites.seen import newest

LINES = ("sections", "groups", "addresses", "public", "methods", "networks")  # parts of a form with a word on each line
PARTS = ("url", "students", *LINES)
_SENTENCES = {
    "saved": "Saved. It holds from the next request on.",
    "removed": "The secret is removed: it opens nothing any more.",
    "deleted": "The application is no longer behind vodka: nobody passes there any more.",
}
Errors = Mapping[str, Sequence[Wrong]]


def email_domains() -> frozenset[str]:
    """Of the addresses that people can have here."""
    return frozenset(means().settings.email_domains)


def wish_in(form: Mapping[str, str]) -> Wish:
    """What was typed."""
    lines = {name: tuple(line for _, line in lines_of(form.get(name, ""))) for name in LINES}
    return Wish(students="students" in form, **lines)


def wrong_in(form: Mapping[str, str]) -> dict[str, list[Wrong]]:
    """What is wrong with each line of the form, by part."""
    checks = owned.checks(email_domains())
    found = {name: wrong_lines(lines_of(form.get(name, "")), checks[name]) for name in LINES}
    return {name: errors for name, errors in found.items() if errors}


def form_of(application: Application) -> dict[str, str]:
    """The form as it would be sent to keep everything as it is."""
    wish = owned.wish_of(application)
    form = {name: "\n".join(getattr(wish, name)) for name in LINES}
    return form | ({"students": "on"} if wish.students else {})


def list_page(
    website: Website,
    form: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    problem: InvalidInput | None = None,
) -> Response:
    """The applications of a website and the form for one more. `errors` are by part of the form; each makes it a 400."""
    living = applications.list_of(website)
    return site_page(
        "websites/applications.html",
        "applications",
        website,
        400 if errors or problem else 200,
        done=done_of(_SENTENCES),
        applications=living,
        newest=newest(application.id for application in living),
        form={"url": f"https://{website.domain}/"} | _whole(form),
        errors=_each(errors),
        problem=wrong(problem) if problem else None,
    )


def application_page(
    website: Website,
    application: Application,
    form: Mapping[str, str],
    errors: Errors | None = None,
    secret_problem: InvalidInput | None = None,
) -> Response:
    """One application: its configuration, its secrets, who may pass as `form` has it."""
    living = store.list_secrets(application.id)
    return site_page(
        "websites/application.html",
        "applications",
        website,
        400 if errors or secret_problem else 200,
        done=done_of(_SENTENCES),
        application=application,
        secrets=living,
        newest=newest(secret.id for secret in living),
        has_room=len(living) < means().limits.secrets_per_website,
        form=_whole(form),
        errors=_each(errors),
        secret_problem=wrong(secret_problem) if secret_problem else None,
    )


def made_page(website: Website, application: Application, secret: str, *, is_new: bool) -> Response:
    """A new secret, this once. No language switch: this page cannot be asked for again."""
    return site_page(
        "websites/application_made.html",
        "applications",
        website,
        application=application,
        secret=secret,
        is_new=is_new,
        languages=(),
    )


def _whole(form: Mapping[str, str] | None) -> dict[str, str]:
    return dict.fromkeys(PARTS[1:], "") | dict(form or {})


def _each(errors: Errors | None) -> dict[str, Sequence[Wrong]]:
    return {name: (errors or {}).get(name, ()) for name in PARTS}
