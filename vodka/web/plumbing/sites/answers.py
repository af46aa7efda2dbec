"""The page of how a website gets the answer, which two routes show: that of its form and that of its secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Response

from vodka.errors import InvalidInput
from vodka.language import words
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import done_of
from vodka.web.plumbing.sites.kept import site_page
from vodka.websites import store
from vodka.websites.model import Website
from vodka.websites.seen import newest

PARTS = ("mode", "callbacks", "origins")
_SENTENCES = {
    "saved": "Saved. It holds from now on.",
    "removed": "The secret is removed: it opens nothing any more.",
}
_LINE_END = re.compile(r"\r?\n|\r")  # and no other: what Unicode calls a line end may stand in no address
_LONGEST_SHOWN = 120  # characters of a line beside what is wrong with it


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a line of the form, in the reader's language; `number` is 0 where no single line is to blame."""

    number: int
    line: str
    sentence: str
    hint: str


def wrong(refusal: InvalidInput, number: int = 0, line: str = "") -> Wrong:
    """A refusal as the page tells it."""
    said = words(present_language()).gettext
    hint = said(refusal.hint) if refusal.hint else ""
    return Wrong(number, line[:_LONGEST_SHOWN], said(refusal.public), hint)


def lines_of(typed: str) -> list[tuple[int, str]]:
    """What stands on the lines that are not blank, each with its number."""
    stripped = [line.strip(" \t") for line in _LINE_END.split(typed)]
    return [(number, line) for number, line in enumerate(stripped, 1) if line]


def wrong_lines(lines: Sequence[tuple[int, str]], check: Callable[[str], object]) -> list[Wrong]:
    """What is wrong with each of these lines, by a check that raises InvalidInput."""
    found = []
    for number, line in lines:
        try:
            check(line)
        except InvalidInput as refusal:
            found.append(wrong(refusal, number, line))
    return found


def saved(website: Website) -> dict[str, str]:
    """The form as it would be sent to keep everything as it is."""
    lines = {"callbacks": website.callbacks, "origins": website.origins}
    return {"mode": website.response_mode} | {name: "\n".join(addresses) for name, addresses in lines.items()}


def answers_page(
    website: Website,
    form: Mapping[str, str],
    errors: Mapping[str, Sequence[Wrong]] | None = None,
    problem: InvalidInput | None = None,
) -> Response:
    """The page with what was typed. `errors` are by part of the form, `problem` is about the secrets; either makes it a 400."""
    limits, living = means().limits, store.list_secrets(website.id)
    return site_page(
        "websites/answers.html",
        "answers",
        website,
        400 if errors or problem else 200,
        done=done_of(_SENTENCES),
        form={name: form.get(name, "") for name in PARTS},
        errors={name: (errors or {}).get(name, ()) for name in PARTS},
        secrets=living,
        newest=newest(secret.id for secret in living),
        has_room=len(living) < limits.secrets_per_website,
        problem=wrong(problem) if problem else None,
    )
